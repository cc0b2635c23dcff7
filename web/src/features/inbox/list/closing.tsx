import type { Conversation } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./list.module.css";

/** What ends is worth a word when less than this is left. Milliseconds. */
const SOON = 4 * 3_600_000;

/**
 * How long free replies, or sending at all, are still possible: of a customer who waits when it ends soon, and of
 * everybody where the list is in this order. Null: nothing to say.
 */
export function closingLeft(conversation: Conversation, now: number, always: boolean): number | null {
  const { closes } = conversation;
  const left = closes ? closes.at - now : 0;
  if (!closes || left <= 0) return null;
  const soon = conversation.waiting_since_at != null && closes.what === "free" && left < SOON;
  return always || soon ? left : null;
}

export function ClosingChip({ conversation, left }: { conversation: Conversation; left: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const what = conversation.closes?.what ?? "free";
  const time = format.span(left);
  return (
    <span
      className={classes.hint}
      data-what={what}
      data-testid="closing"
      title={t(`inbox.closes.${what}`, { time, at: format.timeAndDate(conversation.closes?.at ?? 0) })}
    >
      {t(`inbox.closes_short.${what}`, { time })}
    </span>
  );
}
