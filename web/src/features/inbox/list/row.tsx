import { IconCheck } from "@tabler/icons-react";
import { memo } from "react";
import type { Conversation, Label } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import { GroupBadge } from "~/ui/group-badge";
import { LabelChip } from "~/ui/label-chip";
import { Person } from "~/ui/person";
import { usePreferences } from "~/ui/preferences";
import { labelsOf } from "../customer/labels";
import { Viewers } from "../presence/viewers";
import { systemLine } from "../thread/words";
import { ClosingChip, closingLeft } from "./closing";
import classes from "./list.module.css";

const MINUTE = 60_000;

/** So many labels a row has room for. */
const MOST_LABELS = 2;

/** The words of a row's last message; kinds without text say what they are. */
export function usePreview() {
  const { t } = useTranslation();
  return (conversation: Conversation) => {
    const kind = conversation.last_kind as "text";
    if (conversation.last_kind === "event") return systemLine(conversation.last_preview, t);
    const text = conversation.last_preview || t(`kinds.${kind}`, { defaultValue: t("kinds.unsupported") });
    return conversation.last_direction === "out" ? t("inbox.from_us", { text }) : text;
  };
}

export const ConversationRow = memo(function ConversationRow(props: {
  conversation: Conversation;
  chosen: boolean;
  href: string;
  /** The pointer is down on it: most likely it will be opened. */
  onPress(id: string): void;
  onOpen(id: string): void;
  /** The list stands in the order in which windows close. */
  closing: boolean;
  /** All labels; the row shows the first of those that the customer carries. */
  labels?: readonly Label[];
  /** Name of the channel; shown when there are several. */
  channel?: string;
  now: number;
  id: string;
  /** Something is selected: every row shows its box. */
  selecting: boolean;
  selected: boolean;
  /** In or out; `range`: everything from where the selection began. */
  onSelect(id: string, range: boolean): void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const preview = usePreview()(props.conversation);
  const { conversation, now } = props;
  const { customer, unread_count: count } = conversation;
  const stamp = format.stamp(conversation.last_message_at, now);
  const left = closingLeft(conversation, now, props.closing);
  const compact = usePreferences().density === "compact";
  const { back, snooze, status } = conversation;
  const labels = labelsOf(props.labels, conversation.label_ids);
  const mark = conversation.is_blocked ? (
    <span className={classes.blocked}>{t("inbox.blocked_row")}</span>
  ) : back && back.reason !== "reply" ? (
    <span className={classes.back} data-testid="back">
      {t(`inbox.back.${back.reason}`)}
    </span>
  ) : snooze ? (
    <span className={classes.hint}>
      {snooze.until
        ? t("inbox.snoozed_until", { time: format.asOf(snooze.until) })
        : t("inbox.snoozed_reply")}
    </span>
  ) : status === "pending" ? (
    <span className={classes.hint}>{t("inbox.filters.pending")}</span>
  ) : left !== null ? (
    <ClosingChip conversation={conversation} left={left} />
  ) : back ? (
    <span className={classes.back} data-testid="back">
      {t("inbox.back.reply")}
    </span>
  ) : (
    conversation.waiting_since_at != null && (
      <span
        className={classes.waiting}
        title={t("inbox.waiting", { time: format.span(now - conversation.waiting_since_at) })}
      >
        {now - conversation.waiting_since_at < MINUTE
          ? t("inbox.waiting_now")
          : t("inbox.waiting_short", { time: format.span(now - conversation.waiting_since_at) })}
      </span>
    )
  );
  const said = { name: customer.display_name, preview, time: stamp, count };
  const row = count > 0 ? t("inbox.row_unread_label", said) : t("inbox.row_label", said);
  const label = customer.group ? t("groups.row", { group: t(`groups.name.${customer.group}`), row }) : row;

  return (
    // The router's own link listens to every change of the address; a list has fifty.
    <a
      href={props.href}
      id={props.id}
      role="option"
      aria-selected={props.chosen}
      aria-label={props.selected ? t("bulk.row_selected", { row: label }) : label}
      tabIndex={-1}
      className={classes.row}
      data-selected={props.selected || undefined}
      onPointerDown={() => props.onPress(conversation.id)}
      onClick={(event) => {
        // As in every list: with Ctrl one more, with Shift up to here.
        event.preventDefault();
        if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return props.onOpen(conversation.id);
        props.onSelect(conversation.id, event.shiftKey);
      }}
      title={compact ? props.channel : undefined}
      data-unread={count > 0 || undefined}
    >
      <span className={classes.face}>
        <Person name={customer.display_name} src={customer.avatar_url} size={compact ? 30 : 40} />
        {/* A box for the pointer; keys have X, and the row itself says whether it is selected. */}
        <span
          className={classes.box}
          data-shown={props.selecting || undefined}
          data-testid="select"
          aria-hidden="true"
          onClick={(event) => {
            event.preventDefault();
            event.stopPropagation();
            props.onSelect(conversation.id, event.shiftKey);
          }}
        >
          {props.selected && <IconCheck size={14} stroke={2.5} />}
        </span>
      </span>
      <span className={classes.body}>
        <span className={classes.line}>
          <span className={classes.name}>{customer.display_name}</span>
          {customer.group && <GroupBadge group={customer.group} small />}
          {compact && mark}
          <span className={classes.stamp}>{stamp}</span>
        </span>
        <span className={classes.line}>
          <span className={classes.preview}>{preview}</span>
          <Viewers conversation={conversation.id} size={18} />
          {count > 0 && <span className={classes.badge}>{count > 99 ? "99+" : count}</span>}
        </span>
        {!compact && (
          <span className={classes.line}>
            <span className={classes.channel}>{props.channel}</span>
            {labels.slice(0, MOST_LABELS).map((label) => (
              <span key={label.id} className={classes.label}>
                <LabelChip label={label} small />
              </span>
            ))}
            {labels.length > MOST_LABELS && (
              <span className={classes.more}>{t("labels.more", { count: labels.length - MOST_LABELS })}</span>
            )}
            {mark}
          </span>
        )}
      </span>
    </a>
  );
});
