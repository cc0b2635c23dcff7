import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./states.module.css";

/** Nothing here yet: one title, one sentence that helps, at most one thing to do. */
export function EmptyState(props: { icon?: ReactNode; title: string; text: string; action?: ReactNode }) {
  return (
    <div className={classes.state}>
      {props.icon && <div className={classes.icon}>{props.icon}</div>}
      <p className={classes.title}>{props.title}</p>
      <p className={classes.text}>{props.text}</p>
      {props.action}
    </div>
  );
}

/** Something could not be loaded: why, and another try. */
export function ErrorState(props: { text: string; onRetry?: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.state} role="alert">
      <div className={classes.icon} data-tone="danger">
        <IconAlertTriangle size={28} stroke={1.5} aria-hidden="true" />
      </div>
      <p className={classes.title}>{t("common.error_title")}</p>
      <p className={classes.text}>{props.text}</p>
      {props.onRetry && (
        <Button variant="default" onClick={props.onRetry}>
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}
