import { Drawer, Modal, Skeleton } from "@mantine/core";
import { useDocumentVisibility, useWindowEvent } from "@mantine/hooks";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { Group, Panel, Separator } from "react-resizable-panels";
import { cancelMessage, markRead, retryMessage } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { Conversation, Message } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { live } from "~/realtime/instance";
import { conversationQuery, membersQuery, messagesQuery, sessionQuery } from "~/realtime/queries";
import { useShortcuts } from "~/ui/keys";
import { notifyProblem } from "~/ui/notify";
import { keepLayout, layoutOf } from "~/ui/panes";
import { ErrorState } from "~/ui/states";
import { Composer, type ComposerHandle } from "./composer/composer";
import { Moved } from "./composer/moved";
import { RefusalDialog } from "./composer/refusal";
import { counted, matterOf, type Popup, popupOf } from "./composer/state";
import { Reasons } from "./composer/why";
import { CustomerPanel } from "./customer/panel";
import classes from "./inbox.module.css";
import { Scheduled } from "./later/scheduled";
import { ModeSwitch } from "./note/mode-switch";
import { NoteComposer } from "./note/note-composer";
import { discard, sendAgain, useOutbox } from "./outbox";
import { usePresenceReport } from "./presence/use-report";
import { TypingLine } from "./presence/viewers";
import { AssigneeSelect, useChangeConversation } from "./thread/assignee";
import { articleId, type BubbleActions } from "./thread/bubble";
import { ThreadHeader } from "./thread/header";
import { isPicture, picturesOf } from "./thread/pictures";
import { openPicker } from "./thread/react";
import { Thread, type ThreadHandle } from "./thread/thread";
import threadClasses from "./thread/thread.module.css";
import { Viewer } from "./thread/viewer";
import { Tools } from "./tools";
import { useDecision } from "./use-decision";
import { useRecheck } from "./use-recheck";
import { useReport } from "./use-report";

/** One conversation: thread, composer, customer. Mounted anew for each (`key`). */
export function ConversationView(props: {
  conversation: string;
  narrow: boolean;
  panel: boolean;
  /** A message to be shown. */
  at?: string;
  /** It is shown, or cannot be. */
  onArrived?(): void;
  onPanel(open: boolean): void;
  onBack(): void;
}) {
  const texts = useTexts();
  const client = useQueryClient();
  const query = useQuery({
    ...conversationQuery(props.conversation),
    // A row of the list is enough to draw the head at once.
    placeholderData: () => fromLists(client, props.conversation),
  });
  if (query.data) return <Loaded {...props} conversation={query.data} />;
  if (query.isError) {
    return (
      <ErrorState text={texts.problem(ApiProblem.of(query.error))} onRetry={() => void query.refetch()} />
    );
  }
  return (
    <div className={threadClasses.pane}>
      <div className={threadClasses.header}>
        <Skeleton circle height={34} />
        <Skeleton height={12} width={160} />
      </div>
    </div>
  );
}

function fromLists(client: ReturnType<typeof useQueryClient>, id: string): Conversation | undefined {
  for (const [, data] of client.getQueriesData<{ pages: { items: Conversation[] }[] }>({
    queryKey: ["conversations"],
  })) {
    const found = data?.pages.flatMap((page) => page.items).find((c) => c.id === id);
    if (found) return found;
  }
  return undefined;
}

function Loaded(props: {
  conversation: Conversation;
  narrow: boolean;
  panel: boolean;
  /** A message to be shown. */
  at?: string;
  /** It is shown, or cannot be. */
  onArrived?(): void;
  onPanel(open: boolean): void;
  onBack(): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const { conversation, narrow } = props;
  const { id } = conversation;
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data;
  const outbox = useOutbox();
  const pending = useMemo(() => outbox.filter((p) => p.conversationId === id), [outbox, id]);
  const { state, refetch } = useDecision(id);
  const [quoted, setQuoted] = useState<Message | null>(null);
  const [popup, setPopup] = useState<Popup | null>(null);
  const [drawer, setDrawer] = useState(false);
  const [viewed, setViewed] = useState<string | null>(null);
  const [explained, setExplained] = useState<Message | null>(null);
  const composer = useRef<ComposerHandle>(null);
  const thread = useRef<ThreadHandle>(null);
  const [mode, setMode] = useState<"reply" | "note">("reply");
  const note = useRef<{ focus(): void }>(null);
  const names = useQuery(membersQuery()).data;
  const drop = useDrop(composer);

  useMarkRead(conversation);
  const onInput = usePresenceReport(id);
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

  const panelOpen = narrow ? drawer : props.panel;
  const togglePanel = () => (narrow ? setDrawer(!drawer) : props.onPanel(!props.panel));
  const panel = (
    <CustomerPanel conversation={conversation} onClose={togglePanel}>
      {narrow && <AssigneeSelect conversation={conversation} />}
    </CustomerPanel>
  );
  const main = (
    <section
      className={threadClasses.pane}
      aria-label={t("thread.label", { name: conversation.customer.display_name })}
      data-conversation={id}
      onInput={onInput}
      {...drop.handlers}
    >
      <ThreadHeader
        conversation={conversation}
        narrow={narrow}
        panelOpen={panelOpen}
        onBack={props.onBack}
        onPanel={togglePanel}
      />
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
          narrow={narrow || panelOpen}
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
      {drop.over && (
        <div className={threadClasses.drop} data-disabled={!state.enabled || undefined}>
          {state.enabled ? t("thread.drop") : t("thread.drop_disabled")}
        </div>
      )}
    </section>
  );

  if (narrow) {
    return (
      <>
        {main}
        <Drawer
          opened={drawer}
          onClose={() => setDrawer(false)}
          position="right"
          size="100%"
          withCloseButton={false}
          padding={0}
          aria-label={t("customer.panel")}
        >
          {panel}
        </Drawer>
      </>
    );
  }
  return (
    <Group
      className={classes.panes}
      orientation="horizontal"
      defaultLayout={props.panel ? layoutOf("panes-customer", { main: 70, customer: 30 }) : { main: 100 }}
      onLayoutChanged={(layout) => props.panel && keepLayout("panes-customer", layout)}
    >
      <Panel id="main" minSize={340}>
        {main}
      </Panel>
      {props.panel && <Separator className={classes.handle} aria-label={t("inbox.resize_customer")} />}
      {props.panel && (
        <Panel
          id="customer"
          minSize={250}
          maxSize="45%"
          defaultSize={300}
          groupResizeBehavior="preserve-pixel-size"
        >
          {panel}
        </Panel>
      )}
    </Group>
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
    // Shown as read at once; the server's event confirms it. A failure is mended by the next event.
    live.upsert("conversation.upserted", { ...latest.current, unread_count: 0 });
    markRead(id).catch(() => {});
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

/** Files dropped anywhere on the conversation are attached. */
function useDrop(composer: React.RefObject<ComposerHandle | null>) {
  const [over, setOver] = useState(false);
  const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  return {
    over,
    handlers: {
      onDragOver: (event: DragEvent) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: (event: DragEvent) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      },
      onDrop: (event: DragEvent) => {
        setOver(false);
        // A file that is let go of must never replace the page.
        if (carriesFiles(event)) event.preventDefault();
        const files = [...event.dataTransfer.files];
        if (files.length > 0) composer.current?.attach(files);
      },
    },
  };
}

/** The keys that are about messages. */
function useMessageKeys(props: {
  id: string;
  thread: React.RefObject<ThreadHandle | null>;
  actions: BubbleActions;
  onView(key: string): void;
  resend(): Promise<void>;
}): void {
  const { id, thread, actions } = props;
  const client = useQueryClient();
  const outbox = useOutbox();
  const me = useQuery(sessionQuery).data?.member.id;
  const loaded = () =>
    (client.getQueryData<{ pages: { items: Message[] }[] }>(keys.messages(id))?.pages ?? [])
      .flatMap((page) => page.items)
      .sort((a, b) => b.sent_at - a.sent_at);
  /** The message that has the focus, else the newest that fits. */
  const meant = (fits: (message: Message) => boolean) => {
    const chosen = thread.current?.chosen();
    return chosen ? [chosen].find(fits) : loaded().find(fits);
  };
  useShortcuts({
    message_up: () => thread.current?.step(-1),
    message_down: () => thread.current?.step(1),
    quote: () => {
      const chosen = thread.current?.chosen();
      const message = meant((m) => Boolean(m.platform_id) && (m === chosen || m.author === "customer"));
      if (!message) return false;
      actions.onQuote(message);
    },
    to_quoted: () => {
      const quoted = meant((m) => Boolean(m.quoted))?.quoted;
      if (!quoted) return false;
      actions.onJump(quoted);
    },
    react: () => {
      const chosen = thread.current?.chosen();
      const message = meant((m) => Boolean(m.platform_id) && (m === chosen || m.author === "customer"));
      return message ? openPicker(document.getElementById(articleId(message.id))) : false;
    },
    picture: () => {
      const message = meant((m) => m.attachments.some((a) => isPicture(a.kind)));
      const at = message?.attachments.findIndex((a) => isPicture(a.kind)) ?? -1;
      if (!message || at < 0) return false;
      props.onView(`${message.id}/${at}`);
    },
    retry: () => {
      if (outbox.some((p) => p.conversationId === id && p.state === "failed")) {
        void props.resend();
        return;
      }
      const message = meant((m) => m.status === "failed" && m.member_id === me);
      if (!message) return false;
      actions.onRetry(message);
    },
  });
}

function useActions(to: {
  composer: React.RefObject<ComposerHandle | null>;
  thread: React.RefObject<ThreadHandle | null>;
  setQuoted(message: Message): void;
  setViewed(key: string): void;
  setPopup(popup: Popup): void;
  setExplained(message: Message): void;
}): BubbleActions {
  const { composer, thread, setQuoted, setViewed, setPopup, setExplained } = to;
  const texts = useTexts();
  const retry = useMutation({
    mutationFn: (message: Message) => retryMessage(message.id),
    onSuccess: (answer) => live.upsert("message.upserted", answer),
    onError: (error) => {
      const problem = ApiProblem.of(error);
      const popup = popupOf(problem);
      if (popup) setPopup(popup);
      else notifyProblem(texts.problem(problem));
    },
  });
  const cancel = useMutation({
    mutationFn: (message: Message) => cancelMessage(message.id),
    onSuccess: (_, message) => {
      live.upsert("message.removed", { id: message.id, conversation_id: message.conversation_id });
      // The words are not lost with the message.
      composer.current?.restore(message.text ?? undefined, undefined);
    },
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
  const onRetry = retry.mutate;
  const onCancel = cancel.mutate;
  return useMemo(
    () => ({
      onQuote: (message) => {
        setQuoted(message);
        composer.current?.focus();
      },
      onRetry,
      onCancel,
      onView: setViewed,
      onJump: (quoted) => thread.current?.jump(quoted),
      onExplain: setExplained,
    }),
    [composer, thread, setQuoted, setViewed, setExplained, onRetry, onCancel],
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
    <Modal
      opened={message !== null}
      onClose={onClose}
      title={t("composer.why.title_sent")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {said?.decision && <Reasons state={counted(said.decision)} />}
    </Modal>
  );
}

function Pictures(props: { conversation: string; at: string | null; onMove(key: string | null): void }) {
  const data = useInfiniteQuery({ ...messagesQuery(props.conversation), enabled: false }).data;
  const pictures = useMemo(() => picturesOf(data?.pages.flatMap((page) => page.items) ?? []), [data]);
  return (
    <Viewer pictures={pictures} at={props.at} onMove={props.onMove} onClose={() => props.onMove(null)} />
  );
}
