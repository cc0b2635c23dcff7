import { useDocumentVisibility, useWindowEvent } from "@mantine/hooks";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { markRead } from "~/api/calls";
import { keys } from "~/api/keys";
import type { Conversation, Message } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { membersQuery, messagesQuery, sessionQuery } from "~/realtime/queries";
import { afterPaint } from "~/ui/after-paint";
import { useShortcuts } from "~/ui/keys";
import { LazyModal } from "~/ui/lazy";
import { notifyProblem } from "~/ui/notify";
import { Composer, type ComposerHandle } from "./composer/composer";
import { Moved } from "./composer/moved";
import { RefusalDialog } from "./composer/refusal";
import { counted, matterOf, type Popup, popupOf } from "./composer/state";
import { Reasons } from "./composer/why";
import classes from "./inbox.module.css";
import { Scheduled } from "./later/scheduled";
import { ModeSwitch } from "./note/mode-switch";
import { NoteComposer } from "./note/note-composer";
import { discard, sendAgain, useOutbox } from "./outbox";
import { TypingLine } from "./presence/viewers";
import { useChangeConversation } from "./thread/assignee";
import { picturesOf } from "./thread/pictures";
import { Thread, type ThreadHandle } from "./thread/thread";
import threadClasses from "./thread/thread.module.css";
import { Viewer } from "./thread/viewer";
import { Tools } from "./tools";
import { useActions } from "./use-actions";
import { useDecision } from "./use-decision";
import { useMessageKeys } from "./use-message-keys";
import { useRecheck } from "./use-recheck";
import { useReport } from "./use-report";

/** What belongs to one conversation alone: its messages and what is written. Mounted anew for each (`key`). */
export function Room(props: {
  conversation: Conversation;
  composer: React.RefObject<ComposerHandle | null>;
  /** The composer has little width. */
  narrow: boolean;
  /** Files hang over it. */
  dropping: boolean;
  /** A message to be shown. */
  at?: string;
  /** It is shown, or cannot be. */
  onArrived?(): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const { conversation, composer } = props;
  const { id } = conversation;
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data;
  const outbox = useOutbox();
  const pending = useMemo(() => outbox.filter((p) => p.conversationId === id), [outbox, id]);
  const { state, refetch } = useDecision(id);
  const [quoted, setQuoted] = useState<Message | null>(null);
  const [popup, setPopup] = useState<Popup | null>(null);
  const [viewed, setViewed] = useState<string | null>(null);
  const [explained, setExplained] = useState<Message | null>(null);
  const thread = useRef<ThreadHandle>(null);
  const [mode, setMode] = useState<"reply" | "note">("reply");
  const note = useRef<{ focus(): void }>(null);
  const names = useQuery(membersQuery()).data;

  useMarkRead(conversation);
  usePlatformRefusals(id, session?.member.id, setPopup);
  const actions = useActions({ composer, thread, setQuoted, setViewed, setPopup, setExplained });
  const recheck = useRecheck(id, state, refetch);
  const report = useReport(conversation.channel_id, popup ?? matterOf(state));

  const resend = async () => {
    const stopped = await sendAgain(id);
    if (!stopped || stopped.sent.ok || stopped.sent.kept) return;
    composer.current?.restore(stopped.entry.text, stopped.entry.file);
    const refused = popupOf(stopped.sent.problem);
    if (refused) setPopup(refused);
    else notifyProblem(texts.problem(stopped.sent.problem));
    void client.invalidateQueries({ queryKey: keys.decision(id) });
  };
  useMessageKeys({ id, thread, actions, onView: setViewed, resend });
  const assign = useChangeConversation(id);
  const take = () => session && assign.mutate({ assignee_id: session.member.id });
  const closePopup = () => {
    setPopup(null);
    void refetch();
    composer.current?.focus();
  };

  const toMode = (to: "reply" | "note") => {
    // The field is there only after it is drawn.
    flushSync(() => setMode(to));
    (to === "note" ? note.current : composer.current)?.focus();
  };
  useShortcuts({ note: () => toMode(mode === "note" ? "reply" : "note") });
  /** The newest message that is loaded; notes and lines are none. */
  const seen = () =>
    (client.getQueryData<{ pages: { items: Message[] }[] }>(keys.messages(id))?.pages ?? [])
      .flatMap((page) => page.items)
      .filter((m) => m.author !== "system" && m.kind !== "note" && !m.done)
      .reduce<Message | undefined>((last, m) => (last && last.sent_at >= m.sent_at ? last : m), undefined)
      ?.id;

  return (
    <>
      <Thread
        ref={thread}
        conversation={conversation}
        pending={pending}
        actions={actions}
        at={props.at}
        onArrived={props.onArrived}
        onRetryPending={() => void resend()}
        onEditPending={(entry) => {
          discard(entry.clientId);
          if (!entry.template && !entry.sticker) composer.current?.restore(entry.text, entry.file);
        }}
      />
      <Scheduled conversation={id} onRestore={(text, file) => composer.current?.restore(text, file)} />
      <TypingLine conversation={id} />
      <ModeSwitch mode={mode} onMode={toMode} />
      {mode === "note" && <NoteComposer ref={note} conversation={id} onLeave={() => toMode("reply")} />}
      {/* Out of sight it keeps what is written. */}
      <div hidden={mode === "note"}>
        <Composer
          ref={composer}
          conversation={id}
          state={state}
          quoted={quoted}
          narrow={props.narrow}
          report={report}
          onTake={take}
          onQuote={setQuoted}
          onPopup={setPopup}
          onRefused={() => void refetch()}
          recheck={recheck}
          seen={seen}
          moved={(problem, to) => (
            <Moved
              problem={problem}
              customer={conversation.customer.display_name}
              writer={(member) =>
                names?.find((m) => m.id === member)?.display_name ?? t("thread.from_platform")
              }
              onSend={to.send}
              onRead={to.read}
            />
          )}
        />
      </div>
      <Announcer conversation={conversation} />
      <Tools conversation={conversation} />
      <RefusalDialog popup={popup} room={state.room} report={report} onClose={closePopup} />
      <Pictures conversation={id} at={viewed} onMove={setViewed} />
      <Explanation message={explained} onClose={() => setExplained(null)} />
      {props.dropping && (
        <div className={threadClasses.drop} data-disabled={!state.enabled || undefined}>
          {state.enabled ? t("thread.drop") : t("thread.drop_disabled")}
        </div>
      )}
    </>
  );
}

/** What is open and looked at is read. */
function useMarkRead(conversation: Conversation): void {
  const visible = useDocumentVisibility() === "visible";
  const [focused, setFocused] = useState(() => document.hasFocus());
  useWindowEvent("focus", () => setFocused(true));
  useWindowEvent("blur", () => setFocused(false));
  const unread = conversation.unread_count > 0;
  const { id } = conversation;
  const latest = useRef(conversation);
  latest.current = conversation;
  useEffect(() => {
    if (!unread || !visible || !focused) return;
    return afterPaint(() => {
      // Shown as read at once; the server's event confirms it. A failure is mended by the next event.
      live.upsert("conversation.upserted", { ...latest.current, unread_count: 0 });
      markRead(id).catch(() => {});
    });
  }, [id, unread, visible, focused]);
}

/** A message of ours that the platform itself refused for money opens the same pop-up as a refused send. */
function usePlatformRefusals(
  conversation: string,
  me: string | undefined,
  onPopup: (p: Popup) => void,
): void {
  const shown = useRef(new Set<string>());
  useEffect(
    () =>
      live.listen((change) => {
        if (change.kind !== "message.upserted") return;
        const message = change.data;
        if (message.conversation_id !== conversation || message.status !== "failed") return;
        if (message.member_id !== me || shown.current.has(message.id)) return;
        const popup = popupOf(message.error?.problem);
        if (!popup) return;
        shown.current.add(message.id);
        onPopup(popup);
      }),
    [conversation, me, onPopup],
  );
}

/** Says new messages of the customer to a screen reader. */
function Announcer({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const [said, setSaid] = useState("");
  const { id, customer } = conversation;
  useEffect(
    () =>
      live.listen((change) => {
        if (change.kind !== "message.upserted") return;
        const message = change.data;
        if (message.conversation_id !== id || message.author !== "customer") return;
        const text = message.text ?? t(`kinds.${message.kind}`);
        setSaid(t("inbox.new_message", { name: customer.display_name, text }));
      }),
    [id, customer.display_name, t],
  );
  return (
    <div className={classes.spoken} aria-live="polite" aria-atomic="true">
      {said}
    </div>
  );
}

/** Why a message went as what it went: the decision that is stored with it. */
function Explanation({ message, onClose }: { message: Message | null; onClose(): void }) {
  const { t } = useTranslation();
  // While it fades away it goes on saying what it said.
  const [said, setSaid] = useState(message);
  if (message !== null && message !== said) setSaid(message);
  return (
    <LazyModal
      opened={message !== null}
      onClose={onClose}
      title={t("composer.why.title_sent")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {said?.decision && <Reasons state={counted(said.decision)} />}
    </LazyModal>
  );
}

function Pictures(props: { conversation: string; at: string | null; onMove(key: string | null): void }) {
  const data = useInfiniteQuery({ ...messagesQuery(props.conversation), enabled: false }).data;
  const pictures = useMemo(() => picturesOf(data?.pages.flatMap((page) => page.items) ?? []), [data]);
  return (
    <Viewer pictures={pictures} at={props.at} onMove={props.onMove} onClose={() => props.onMove(null)} />
  );
}
