import { ActionIcon, Button, Group, Popover, SegmentedControl, Switch, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconBell, IconBellOff, IconPlayerPlay } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useFormat, useNow } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import { useShortcuts } from "~/ui/keys";
import { notifyDone } from "~/ui/notify";
import { isQuiet, preferences, setPreference, usePreferences } from "~/ui/preferences";
import classes from "../shell.module.css";
import { tomorrow } from "./decide";
import { Notices, useNoticeAlerts, useUnreadNotices } from "./notices";
import { ring } from "./sound";
import { permission } from "./use-alerts";

const HOUR = 3_600_000;

/** The bell: sounds, notifications, and do-not-disturb, for this device. */
export function Bell() {
  const { t } = useTranslation();
  const likes = usePreferences();
  const now = useNow();
  const quiet = isQuiet(likes.quiet, now);
  const [opened, setOpened] = useState(false);
  // In a narrow window the rail lies below.
  const narrow = useMediaQuery("(max-width: 56em)", undefined, { getInitialValueInEffect: false });
  useShortcuts({
    quiet: () => {
      const on = !isQuiet(preferences().quiet, Date.now());
      setPreference("quiet", on);
      notifyDone(on ? t("alerts.quiet_on") : t("alerts.quiet_off"));
    },
  });
  const Icon = quiet ? IconBellOff : IconBell;
  const unread = useUnreadNotices();
  useNoticeAlerts();
  const label = quiet
    ? t("alerts.label_quiet")
    : unread > 0
      ? t("alerts.label_unread", { count: unread })
      : t("alerts.label");
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position={narrow ? "top" : "right-end"}
      width="min(23rem, calc(100vw - 1.5rem))"
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <ActionIcon
          data-hint={opened ? undefined : label}
          data-hint-side={narrow ? "top" : "right"}
          variant="subtle"
          color="gray"
          size="xl"
          aria-label={label}
          onClick={() => setOpened(!opened)}
        >
          <Icon size={20} stroke={1.6} aria-hidden="true" />
          {unread > 0 && (
            <span className={classes.unread} aria-hidden="true">
              {unread > 99 ? "99+" : unread}
            </span>
          )}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("alerts.label")}>
        <Notices onLeave={() => setOpened(false)} />
        <Settings quiet={quiet} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Settings({ quiet }: { quiet: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const likes = usePreferences();
  const [granted, setGranted] = useState(permission);
  // The button that was pressed is gone then; without this the focus, and with it Esc, would be lost.
  const frame = useRef<HTMLDivElement>(null);
  const was = useRef(quiet);
  useEffect(() => {
    if (was.current !== quiet) frame.current?.focus();
    was.current = quiet;
  }, [quiet]);
  const blocked = granted === "denied" || granted === "unsupported";

  // Asked only because somebody pressed the switch: browsers and people refuse anything else.
  const wantDesktop = async (on: boolean) => {
    if (on && granted === "default") setGranted(await Notification.requestPermission());
    setPreference("desktop", on);
  };
  return (
    <div ref={frame} tabIndex={-1} className={classes.bell}>
      <Text fw={600}>{t("alerts.settings")}</Text>
      <Group justify="space-between" wrap="nowrap">
        <Switch
          label={t("alerts.sound")}
          checked={likes.sound}
          onChange={(event) => setPreference("sound", event.currentTarget.checked)}
        />
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlayerPlay size={12} aria-hidden="true" />}
          onClick={() => void ring()}
        >
          {t("alerts.try")}
        </Button>
      </Group>
      <Switch
        label={t("alerts.desktop")}
        description={
          granted === "unsupported"
            ? t("alerts.unsupported")
            : granted === "denied"
              ? t("alerts.denied")
              : undefined
        }
        checked={likes.desktop && granted === "granted"}
        disabled={blocked}
        onChange={(event) => void wantDesktop(event.currentTarget.checked)}
      />
      <div>
        <Text size="sm" id="alerts-about" mb={4}>
          {t("alerts.about")}
        </Text>
        <SegmentedControl
          size="xs"
          fullWidth
          aria-labelledby="alerts-about"
          value={likes.about}
          onChange={(about) => setPreference("about", about as "mine" | "all")}
          data={[
            { value: "mine", label: t("alerts.about_mine") },
            { value: "all", label: t("alerts.about_all") },
          ]}
        />
      </div>
      <section aria-label={t("alerts.quiet")} className={classes.bellQuiet}>
        <Text size="sm" fw={500}>
          {t("alerts.quiet")}
        </Text>
        {quiet ? (
          <>
            <Text size="sm">
              {typeof likes.quiet === "number"
                ? t("alerts.quiet_until", { time: format.asOf(likes.quiet) })
                : t("alerts.quiet_open")}
            </Text>
            <Button size="xs" variant="default" onClick={() => setPreference("quiet", false)}>
              {t("alerts.quiet_end")}
            </Button>
          </>
        ) : (
          <Group gap="xs">
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => setPreference("quiet", Date.now() + HOUR)}
            >
              {t("alerts.quiet_hour")}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => setPreference("quiet", tomorrow(Date.now()))}
            >
              {t("alerts.quiet_tomorrow")}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setPreference("quiet", true)}>
              {t("alerts.quiet_always")}
            </Button>
          </Group>
        )}
      </section>
    </div>
  );
}
