import { ActionIcon, Menu, UnstyledButton } from "@mantine/core";
import {
  IconCommand,
  IconInbox,
  IconKeyboard,
  IconLogout,
  IconSearch,
  IconSettings,
  IconUser,
  IconUsers,
} from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { can } from "~/api/access";
import { signOut } from "~/api/calls";
import type { Session } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { countsQuery } from "~/realtime/queries";
import { useShortcuts } from "~/ui/keys";
import { Logo } from "~/ui/logo";
import { Person } from "~/ui/person";
import { toggleDensity, usePreferences } from "~/ui/preferences";
import { Bell } from "./alerts/bell";
import { useAlerts } from "./alerts/use-alerts";
import { ConnectionBanner } from "./connection";
import { Find } from "./find/find";
import { Palette } from "./palette";
import { ShortcutSheet } from "./sheet";
import classes from "./shell.module.css";

/** The frame of every signed-in page: rail, banner, palette, sheet. It also keeps the live connection. */
export function Shell(props: { session: Session; onSignedOut(): void; children: ReactNode }) {
  const { t } = useTranslation();
  const [palette, setPalette] = useState(false);
  const [sheet, setSheet] = useState(false);
  const [find, setFind] = useState(false);
  const unread = useQuery(countsQuery()).data?.unread ?? 0;
  useEffect(() => live.start(), []);
  useTitle(unread);
  useShortcuts({
    palette: () => setPalette(true),
    find: () => setFind(true),
    sheet: () => setSheet(true),
    density: toggleDensity,
  });
  useAlerts();
  const { density } = usePreferences();
  useEffect(() => {
    document.documentElement.dataset.density = density;
  }, [density]);

  return (
    <div className={classes.shell}>
      <a href="#main" className={classes.skip}>
        {t("app.skip")}
      </a>
      <nav className={classes.rail} aria-label={t("nav.label")}>
        <div className={classes.mark}>
          <Logo size={32} />
        </div>
        <Link
          data-hint={t("nav.inbox")}
          data-hint-side="right"
          to="/inbox"
          search={{ filter: "all" }}
          className={classes.place}
          aria-label={t("nav.inbox")}
        >
          <IconInbox size={22} stroke={1.6} aria-hidden="true" />
          {unread > 0 && <span className={classes.dot} />}
        </Link>
        {can(props.session, "customer", "browse") && (
          <Link
            data-hint={t("nav.customers")}
            data-hint-side="right"
            to="/customers"
            className={classes.place}
            aria-label={t("nav.customers")}
          >
            <IconUsers size={22} stroke={1.6} aria-hidden="true" />
          </Link>
        )}
        <Link
          data-hint={t("nav.settings")}
          data-hint-side="right"
          to="/settings"
          className={classes.place}
          aria-label={t("nav.settings")}
        >
          <IconSettings size={22} stroke={1.6} aria-hidden="true" />
        </Link>
        <ActionIcon
          data-hint={`${t("nav.find")} (Alt /)`}
          data-hint-side="right"
          variant="subtle"
          color="gray"
          size="xl"
          aria-label={t("nav.find")}
          onClick={() => setFind(true)}
        >
          <IconSearch size={20} stroke={1.6} aria-hidden="true" />
        </ActionIcon>
        <span className={classes.space} />
        <Bell />
        <ActionIcon
          data-hint={`${t("nav.palette")} (Ctrl K)`}
          data-hint-side="right"
          variant="subtle"
          color="gray"
          size="xl"
          aria-label={t("nav.palette")}
          onClick={() => setPalette(true)}
        >
          <IconCommand size={20} stroke={1.6} aria-hidden="true" />
        </ActionIcon>
        <Account {...props} onSheet={() => setSheet(true)} />
      </nav>
      <main id="main" className={classes.main} tabIndex={-1}>
        <ConnectionBanner />
        <div className={classes.content}>{props.children}</div>
      </main>
      <Palette opened={palette} onClose={() => setPalette(false)} onFind={() => setFind(true)} />
      <Find opened={find} onClose={() => setFind(false)} />
      <ShortcutSheet opened={sheet} onClose={() => setSheet(false)} />
    </div>
  );
}

function Account(props: { session: Session; onSignedOut(): void; onSheet(): void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { member, workspace } = props.session;
  const leave = async () => {
    // Signed out here even when the server cannot be told.
    await signOut().catch(() => {});
    client.clear();
    props.onSignedOut();
  };
  return (
    <Menu position="right-end" withArrow>
      <Menu.Target>
        <UnstyledButton
          className={classes.account}
          aria-label={t("nav.account", { name: member.display_name })}
        >
          <Person name={member.display_name} size={34} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {member.display_name} · {workspace.name}
        </Menu.Label>
        <Menu.Item
          leftSection={<IconUser size={16} aria-hidden="true" />}
          component={Link}
          to="/settings/profile"
        >
          {t("nav.profile")}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden="true" />} onClick={props.onSheet}>
          {t("nav.shortcuts")}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden="true" />} onClick={() => void leave()}>
          {t("nav.sign_out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The tab says how much is unread. */
function useTitle(unread: number): void {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) ${t("app.name")}` : t("app.name");
  }, [unread, t]);
}
