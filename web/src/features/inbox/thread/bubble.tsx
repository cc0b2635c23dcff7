import { Button } from "@mantine/core";
import { IconArrowBackUp, IconDots, IconMoodSmile } from "@tabler/icons-react";
import { memo, type ReactNode } from "react";
import type { Message } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { Person } from "~/ui/person";
import { NoteBubble } from "../note/note-bubble";
import type { Pending } from "../outbox";
import { AttachmentView } from "./attachments";
import { DoneLine } from "./done-line";
import type { MenuKind } from "./message-menus";
import { isPictureFile, safeAddress } from "./pictures";
import { TemplateView } from "./template";
import classes from "./thread.module.css";
import { Ticks } from "./ticks";
import { emojiOf, systemLine } from "./words";

export interface BubbleActions {
  onQuote(message: Message): void;
  onRetry(message: Message): void;
  onCancel(message: Message): void;
  onView(key: string): void;
  /** Go to the message that this one quotes. */
  onJump(quoted: NonNullable<Message["quoted"]>): void;
  /** Show why it went as what it went. */
  onExplain(message: Message): void;
}

/** Those of a bubble in a thread, whose menus it opens. */
interface ThreadActions extends BubbleActions {
  onMenu(kind: MenuKind, message: string, button: HTMLElement): void;
}

/** The article of a message, for moving the focus there. */
export const articleId = (messageId: string) => `message-${messageId}`;

/** Addresses in a text become links; everything else stays text. */
export function linked(text: string): ReactNode[] {
  return text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])/g).map((part, at) =>
    at % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places.
      <a key={at} href={part} target="_blank" rel="noopener noreferrer">
        {part}
      </a>
    ) : (
      part
    ),
  );
}

export const MessageBubble = memo(function MessageBubble(props: {
  message: Message;
  customer: { display_name: string; avatar_url?: string | null };
  /** Name of the member who wrote it. */
  writer?: string;
  first: boolean;
  last: boolean;
  /** Just jumped to. */
  flash?: boolean;
  actions: ThreadActions;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { message, customer, actions } = props;
  if (message.done) return <DoneLine message={message} done={message.done} />;
  if (message.kind === "note") {
    return (
      <NoteBubble
        id={articleId(message.id)}
        message={message}
        writer={props.writer ?? t("thread.you")}
        flash={props.flash}
      />
    );
  }
  if (message.author === "system") {
    return <p className={classes.system}>{systemLine(message.text, t)}</p>;
  }
  const out = message.direction === "out";
  const bot = message.author === "bot" ? t("thread.from_bot") : undefined;
  const sender = out ? (bot ?? props.writer ?? t("thread.you")) : customer.display_name;
  const bare = message.kind === "sticker" && !message.text;
  return (
    <article
      id={articleId(message.id)}
      // Reached by Alt and the arrows, and by a jump; Tab goes on to what is inside.
      tabIndex={-1}
      className={classes.message}
      data-out={out || undefined}
      data-flash={props.flash || undefined}
      data-first={props.first || undefined}
      data-testid="message"
      data-status={message.status}
      aria-label={`${sender}, ${format.time(message.sent_at)}`}
    >
      {!out && (
        <span className={classes.face}>
          {props.last && <Person name={customer.display_name} src={customer.avatar_url} size={28} />}
        </span>
      )}
      <div className={classes.stack}>
        {props.first && out && (
          <span className={classes.writer}>
            {message.author === "platform" ? t("thread.from_platform") : (bot ?? props.writer)}
          </span>
        )}
        <div className={classes.withTools}>
          <div className={classes.bubble} data-bare={bare || undefined} data-status={message.status}>
            {message.quoted && <Quote quoted={message.quoted} onJump={actions.onJump} />}
            {message.kind === "buttons" && message.text && (
              <p className={classes.text}>{linked(message.text)}</p>
            )}
            {message.attachments.map((attachment, at) => (
              <AttachmentView
                // biome-ignore lint/suspicious/noArrayIndexKey: a sent message's attachments never change places.
                key={at}
                attachment={attachment}
                sender={sender}
                onView={() => actions.onView(`${message.id}/${at}`)}
              />
            ))}
            {message.text && !saysItAll(message) && <p className={classes.text}>{linked(message.text)}</p>}
            {message.kind === "unsupported" && <p className={classes.text}>{t("thread.unsupported")}</p>}
            <span className={classes.foot}>
              <time dateTime={new Date(message.sent_at).toISOString()}>{format.time(message.sent_at)}</time>
              {out && <Ticks status={message.status} />}
            </span>
            {message.reactions.length > 0 && <Reactions message={message} />}
          </div>
          <Tools message={message} actions={actions} />
        </div>
        <Remark message={message} actions={actions} />
      </div>
    </article>
  );
});

/** Is the text shown already, by the attachment or before it? */
const saysItAll = ({ kind, text, attachments }: Message) =>
  kind === "buttons" ||
  (kind === "link" && attachments.some((a) => a.url === text)) ||
  ((kind === "list" || kind === "request_info") &&
    attachments.some((a) => a.cards?.length || a.phone || a.name));

/** The buttons beside a bubble. Plain, for there are fifty of each on a page; their menus are the thread's. */
function Tools({ message, actions }: { message: Message; actions: ThreadActions }) {
  const { t } = useTranslation();
  return (
    <>
      {message.platform_id && (
        <button
          type="button"
          className={classes.tool}
          data-react
          data-hint={t("thread.react")}
          aria-label={t("thread.react")}
          aria-haspopup="dialog"
          onClick={(event) => actions.onMenu("react", message.id, event.currentTarget)}
        >
          <IconMoodSmile size={16} aria-hidden="true" />
        </button>
      )}
      {message.platform_id && (
        <button
          type="button"
          className={classes.tool}
          data-hint={t("thread.quote")}
          aria-label={t("thread.quote")}
          onClick={() => actions.onQuote(message)}
        >
          <IconArrowBackUp size={16} aria-hidden="true" />
        </button>
      )}
      <button
        type="button"
        className={classes.tool}
        aria-label={t("thread.tools")}
        aria-haspopup="menu"
        onClick={(event) => actions.onMenu("tools", message.id, event.currentTarget)}
      >
        <IconDots size={16} aria-hidden="true" />
      </button>
    </>
  );
}

/** Under the bubble: why it failed or waits, and what can be done. */
function Remark({ message, actions }: { message: Message; actions: BubbleActions }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const { error } = message;
  if (message.status === "unknown") return <p className={classes.remark}>{t("thread.unknown_text")}</p>;
  // A message that just left is queued for an instant; only a waiting one has a story.
  if (message.status === "queued" && error) {
    return (
      <p className={classes.remark}>
        {t("thread.queued_text")}
        <Button variant="subtle" size="compact-xs" color="gray" onClick={() => actions.onCancel(message)}>
          {t("thread.cancel")}
        </Button>
      </p>
    );
  }
  if (message.status !== "failed") return null;
  const why = error?.problem ? texts.problem(error.problem) : (error?.text ?? t("thread.status.failed"));
  return (
    <div className={classes.remark} data-tone="danger">
      <span>
        {why}{" "}
        {error?.code != null && (
          <span className={classes.code}>({t("thread.error_code", { code: error.code })})</span>
        )}
      </span>
      {message.author !== "bot" && (
        <span className={classes.remarkActions}>
          <Button variant="subtle" size="compact-xs" onClick={() => actions.onRetry(message)}>
            {t("thread.retry")}
          </Button>
          <Button variant="subtle" size="compact-xs" color="gray" onClick={() => actions.onCancel(message)}>
            {t("thread.cancel")}
          </Button>
        </span>
      )}
    </div>
  );
}

function Quote(props: { quoted: NonNullable<Message["quoted"]>; onJump: BubbleActions["onJump"] }) {
  const { quoted } = props;
  const { t } = useTranslation();
  const kind = quoted.kind as "text" | null | undefined;
  const text = quoted.text || (kind ? t(`kinds.${kind}`, { defaultValue: "" }) : "");
  return (
    <blockquote className={classes.quoteBox}>
      <button
        type="button"
        className={classes.quote}
        title={t("thread.to_quoted")}
        onClick={() => props.onJump(quoted)}
      >
        {text || t("thread.quoted_older")}
      </button>
    </blockquote>
  );
}

function Reactions({ message }: { message: Message }) {
  const { t } = useTranslation();
  return (
    <span className={classes.reactions}>
      {message.reactions.map((reaction) => {
        const { by, count } = reaction;
        const icon = emojiOf(reaction.icon);
        const word =
          by === "us" ? t("thread.reaction_by_us", { icon }) : t("thread.reaction_by_customer", { icon });
        return (
          <span
            key={`${by}${reaction.icon}`}
            className={classes.reaction}
            title={word}
            role="img"
            aria-label={word}
          >
            {icon}
            {count > 1 && <span className={classes.reactionCount}>{count}</span>}
          </span>
        );
      })}
    </span>
  );
}

/** A message that the server does not have yet. */
export function PendingBubble(props: { pending: Pending; onRetry(): void; onEdit(): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const { pending } = props;
  const failed = pending.state === "failed";
  return (
    <article
      className={classes.message}
      data-out
      data-first
      data-testid="message"
      data-status={pending.state}
      aria-label={`${t("thread.you")}, ${format.time(pending.createdAt)}`}
    >
      <div className={classes.stack}>
        <div className={classes.bubble} data-status={failed ? "failed" : "sending"}>
          {pending.quoted && (
            <blockquote className={classes.quoteBox}>
              <span className={classes.quote}>{pending.quoted.text}</span>
            </blockquote>
          )}
          {pending.file &&
            (isPictureFile(pending.file) ? (
              <span className={classes.picture}>
                <img src={pending.file.url} alt={pending.file.name} />
              </span>
            ) : (
              <span className={classes.card}>{pending.file.name}</span>
            ))}
          {pending.sticker &&
            (safeAddress(pending.sticker.url) ? (
              <img className={classes.sticker} src={pending.sticker.url} alt={t("thread.sticker_alt")} />
            ) : (
              <span className={classes.plain}>{t("thread.sticker_alt")}</span>
            ))}
          {pending.template && (
            <TemplateView
              attachment={{
                kind: pending.template.kind,
                cards: pending.template.cards,
                buttons: pending.template.buttons,
              }}
            />
          )}
          {pending.text && <p className={classes.text}>{linked(pending.text)}</p>}
          <span className={classes.foot}>
            <time dateTime={new Date(pending.createdAt).toISOString()}>{format.time(pending.createdAt)}</time>
            <Ticks status={failed ? "failed" : "queued"} />
          </span>
        </div>
        {failed && (
          <div className={classes.remark} data-tone="danger">
            <span>{texts.problem(pending.problem ?? { code: "network" })}</span>
            <span className={classes.remarkActions}>
              <Button variant="subtle" size="compact-xs" onClick={props.onRetry}>
                {t("thread.retry")}
              </Button>
              {/* What the composer has no place for cannot be edited there, only given up. */}
              <Button variant="subtle" size="compact-xs" color="gray" onClick={props.onEdit}>
                {t(pending.template || pending.sticker ? "thread.cancel" : "thread.edit")}
              </Button>
            </span>
          </div>
        )}
      </div>
    </article>
  );
}
