import {
  IconAlertCircle,
  IconCheck,
  IconChecks,
  IconClock,
  IconHelpCircle,
  IconLoader2,
} from "@tabler/icons-react";
import type { Message } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./thread.module.css";

const icons: Record<Message["status"], typeof IconCheck | null> = {
  received: null,
  queued: IconClock,
  sending: IconLoader2,
  sent: IconCheck,
  delivered: IconChecks,
  seen: IconChecks,
  failed: IconAlertCircle,
  unknown: IconHelpCircle,
};

/** What became of one of our messages, as a sign with its word for those who cannot see it. */
export function Ticks({ status }: { status: Message["status"] }) {
  const { t } = useTranslation();
  const Icon = icons[status];
  if (!Icon) return null;
  const word = t(`thread.status.${status}`);
  return (
    <span className={classes.ticks} data-status={status} title={word} role="img" aria-label={word}>
      <Icon size={14} stroke={2.25} aria-hidden="true" />
    </span>
  );
}
