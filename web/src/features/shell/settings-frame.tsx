import { IconArrowLeft } from "@tabler/icons-react";
import { Link, useLocation } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { can } from "~/api/access";
import type { Session } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./shell.module.css";

/** Settings: the list of pages beside the page. */
export function SettingsFrame({ session, children }: { session: Session; children: ReactNode }) {
  const { t } = useTranslation();
  const pages = useRef<HTMLElement>(null);
  const path = useLocation({ select: (location) => location.pathname });
  // In a narrow window the pages stand in one row that is longer than the window.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another path has another page.
  useEffect(() => {
    pages.current
      ?.querySelector("[aria-current=page]")
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [path]);
  return (
    <div className={classes.settings}>
      <nav ref={pages} className={classes.pages} aria-label={t("nav.settings")}>
        <Link to="/inbox" search={{ filter: "all" }} className={classes.backLink}>
          <IconArrowLeft size={16} aria-hidden="true" />
          {t("nav.inbox")}
        </Link>
        <Link to="/settings/channels" className={classes.page}>
          {t("nav.channels")}
        </Link>
        <Link to="/settings/inbox" className={classes.page}>
          {t("inbox_settings.title")}
        </Link>
        {can(session, "customer", "browse") && (
          <Link to="/settings/customers" className={classes.page}>
            {t("customer_settings.title")}
          </Link>
        )}
        <Link to="/settings/hours" className={classes.page}>
          {t("nav.hours")}
        </Link>
        <Link to="/settings/members" className={classes.page}>
          {t("nav.members")}
        </Link>
        <Link to="/settings/labels" className={classes.page}>
          {t("nav.labels")}
        </Link>
        <Link to="/settings/fields" className={classes.page}>
          {t("nav.fields")}
        </Link>
        <Link to="/settings/replies" className={classes.page}>
          {t("nav.replies")}
        </Link>
        <Link to="/settings/macros" className={classes.page}>
          {t("nav.macros")}
        </Link>
        <Link to="/settings/profile" className={classes.page}>
          {t("nav.profile")}
        </Link>
        {can(session, "workspace", "view") && (
          <Link to="/settings/operator" className={classes.page}>
            {t("nav.operator")}
          </Link>
        )}
      </nav>
      <div className={classes.pageBody}>{children}</div>
    </div>
  );
}
