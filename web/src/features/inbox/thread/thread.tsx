import { Button, Skeleton } from "@mantine/core";
import { IconArrowDown, IconMessages } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type FocusEvent,
  type KeyboardEvent,
  type Ref,
  type RefObject,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { ApiProblem } from "~/api/problem";
import type { Conversation, Message, MessagesPage } from "~/api/types";
import { useFormat, useNow } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { membersQuery, messagesQuery, moveThread, type ThreadPlace } from "~/realtime/queries";
import { isPressed } from "~/ui/keys";
import { notifyProblem } from "~/ui/notify";
import { EmptyState, ErrorState } from "~/ui/states";
import type { Pending } from "../outbox";
import { articleId, type BubbleActions, MessageBubble, PendingBubble } from "./bubble";
import { type Item, threadItems } from "./items";
import { type MenuKind, MessageMenus, type MessageMenusHandle } from "./message-menus";
import { at as indexOf, neighbour, type Target } from "./seek";
import classes from "./thread.module.css";

/** Nearer to the end than this counts as reading the newest. Pixels. */
const AT_END = 80;

/** How high a message is before it is measured. Pixels. */
const USUAL = 58;

/** How long a message that was jumped to stands out. Milliseconds. */
const FLASH = 2_000;

export interface ThreadHandle {
  /** Move the focus to the message above (-1) or below (1) the one that has it. */
  step(by: 1 | -1): void;
  /** The message that has the focus. */
  chosen(): Message | undefined;
  /** Scroll to a message and show which one it is; what is not loaded is read. */
  jump(to: Target): void;
}

export function Thread(props: {
  ref?: Ref<ThreadHandle>;
  conversation: Conversation;
  pending: readonly Pending[];
  actions: BubbleActions;
  /** A message to be shown. */
  at?: string;
  onArrived?(): void;
  onRetryPending(pending: Pending): void;
  onEditPending(pending: Pending): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const query = useInfiniteQuery(messagesQuery(props.conversation.id));
  const client = useQueryClient();
  const { id } = props.conversation;
  const onMove = useCallback((place: ThreadPlace) => moveThread(client, id, place), [client, id]);
  const messages = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const items = useMemo(() => threadItems(messages, props.pending), [messages, props.pending]);

  if (query.isPending) return <Skeletons />;
  if (query.isError && messages.length === 0) {
    return (
      <ErrorState text={texts.problem(ApiProblem.of(query.error))} onRetry={() => void query.refetch()} />
    );
  }
  if (items.length === 0) {
    return (
      <EmptyState
        icon={<IconMessages size={32} stroke={1.25} aria-hidden="true" />}
        title={t("thread.empty_title")}
        text={t("thread.empty_text")}
      />
    );
  }
  return (
    <Items
      {...props}
      items={items}
      more={query.hasNextPage}
      loading={query.isFetchingNextPage}
      onMore={() => void query.fetchNextPage()}
      newer={query.hasPreviousPage}
      loadingNewer={query.isFetchingPreviousPage}
      onNewer={() => void query.fetchPreviousPage()}
      onMove={onMove}
    />
  );
}

function Items(props: {
  ref?: Ref<ThreadHandle>;
  conversation: Conversation;
  items: Item[];
  more: boolean;
  loading: boolean;
  actions: BubbleActions;
  /** A message to be shown. */
  at?: string;
  onArrived?(): void;
  onMore(): void;
  /** There are newer messages than those that are loaded. */
  newer: boolean;
  loadingNewer: boolean;
  onNewer(): void;
  onMove(place: ThreadPlace): Promise<MessagesPage>;
  onRetryPending(pending: Pending): void;
  onEditPending(pending: Pending): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const { items, conversation, more, loading, onMore, newer, loadingNewer, onNewer, onMove } = props;
  const members = useQuery(membersQuery()).data;
  const names = useMemo(() => new Map(members?.map((m) => [m.id, m.display_name])), [members]);
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [unseen, setUnseen] = useState(0);

  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (items[index]?.type === "day" ? 40 : USUAL),
    getItemKey: (index) => items[index]?.key ?? index,
    anchorTo: "end",
    // The newest message is where a thread begins to be read: only what stands there is drawn first.
    initialOffset: () => items.length * USUAL,
    followOnAppend: !newer,
    scrollEndThreshold: AT_END,
    overscan: 10,
    paddingStart: 44,
    paddingEnd: 12,
  });

  useLayoutEffect(() => virtual.scrollToEnd(), [virtual]);

  // Filled below, when everything that it needs is there.
  const toNewest = useRef(() => {});
  // What we write ourselves is always shown, wherever the thread stood.
  const newest = items.at(-1);
  const newestKey = newest?.key;
  const own = newest?.type === "pending";
  const count = items.length;
  const before = useRef({ key: newestKey, count, newer });
  useEffect(() => {
    const had = before.current;
    before.current = { key: newestKey, count, newer };
    if (had.key === newestKey) return;
    if (own && newer) toNewest.current();
    else if (own) virtual.scrollToEnd();
    // What is read on the way back to the newest is not news.
    else if (newer || had.newer) setUnseen(0);
    else if (!virtual.isAtEnd(AT_END) && count > had.count) setUnseen((n) => n + count - had.count);
  }, [newestKey, count, own, newer, virtual]);

  const { pinned, onScroll: onMoved, unpin } = usePinned(scroller, content, virtual, newer);
  const focused = useRef<string | null>(null);
  const wanted = useRef<string | null>(null);
  // A message that was far away is drawn only after the scroll; then it takes the focus.
  useEffect(() => {
    const key = wanted.current;
    const node = key && document.getElementById(articleId(key));
    if (!node) return;
    wanted.current = null;
    node.focus({ preventScroll: true });
  });
  const goTo = (index: number, align: "auto" | "center") => {
    const item = items[index];
    if (item?.type !== "message") return;
    unpin();
    virtual.scrollToIndex(index, { align });
    const node = document.getElementById(articleId(item.message.id));
    wanted.current = node ? null : item.message.id;
    node?.focus({ preventScroll: true });
  };
  const step = (by: 1 | -1) => {
    const index = neighbour(items, focused.current, by);
    if (index !== null) goTo(index, "auto");
    else if (by < 0 && more && !loading) onMore();
  };
  const seek = useSeek({ items, onMove, found: (index) => goTo(index, "center") });
  const { at, onArrived } = props;
  const arrive = useRef({ start: seek.start, onArrived });
  arrive.current = { start: seek.start, onArrived };
  useEffect(() => {
    if (!at) return;
    arrive.current.start({ id: at });
    arrive.current.onArrived?.();
  }, [at]);
  toNewest.current = () => {
    if (!newer) return virtual.scrollToEnd();
    onMove(null).then(
      // The new part is first laid out.
      () => requestAnimationFrame(() => requestAnimationFrame(() => virtual.scrollToEnd())),
      (error: unknown) => notifyProblem(texts.problem(ApiProblem.of(error))),
    );
  };
  const messageOf = (id: string) => {
    const item = items[indexOf(items, { id })];
    return item?.type === "message" ? item.message : undefined;
  };
  useImperativeHandle(props.ref, () => ({
    step,
    jump: seek.start,
    chosen: () => messageOf(focused.current ?? ""),
  }));
  const onFocus = (event: FocusEvent) => {
    const article = (event.target as HTMLElement).closest("article");
    focused.current = article?.id.slice(articleId("").length) ?? null;
  };
  const onBlur = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) focused.current = null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // On a message the arrows walk; on the pane itself they scroll, as everywhere.
    if (!(event.target instanceof HTMLElement) || event.target.tagName !== "ARTICLE") return;
    const press = event.nativeEvent;
    const by = isPressed("walk_up", press) ? -1 : isPressed("walk_down", press) ? 1 : null;
    if (by === null) return;
    event.preventDefault();
    step(by);
  };
  const onScroll = () => {
    if (onMoved()) setUnseen(0);
    const pane = scroller.current;
    if (!pane) return;
    if (more && !loading && pane.scrollTop < 400) onMore();
    // On the way to a message the pane stands at some end for a moment.
    else if (
      newer &&
      !loadingNewer &&
      !seek.busy &&
      pane.scrollHeight - pane.clientHeight - pane.scrollTop < 400
    )
      onNewer();
  };
  // A short first page does not fill the pane, so nobody could scroll to ask for more.
  useEffect(() => {
    const pane = scroller.current;
    if (!pane || pane.scrollHeight > pane.clientHeight + 1) return;
    if (more && !loading) onMore();
    else if (newer && !loadingNewer && !seek.busy) onNewer();
  });

  const menus = useRef<MessageMenusHandle>(null);
  const { actions } = props;
  const threadActions = useMemo(
    () => ({
      ...actions,
      onMenu: (kind: MenuKind, message: string, button: HTMLElement) =>
        menus.current?.toggle(kind, message, button),
    }),
    [actions],
  );

  const total = virtual.getTotalSize();
  return (
    <div className={classes.stage}>
      <div
        ref={scroller}
        className={classes.scroller}
        role="log"
        aria-label={t("thread.messages")}
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard.
        tabIndex={0}
        onScroll={onScroll}
        onFocus={onFocus}
        onBlur={onBlur}
        onKeyDown={onKeyDown}
      >
        <div ref={content} className={classes.inner} style={{ height: total }}>
          <div className={classes.edge}>{loading ? t("thread.older") : more ? "" : t("thread.start")}</div>
          {virtual.getVirtualItems().map((row) => {
            const item = items[row.index];
            return (
              item && (
                <div
                  key={row.key}
                  ref={virtual.measureElement}
                  data-index={row.index}
                  className={classes.slot}
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  {item.type === "day" ? (
                    <h2 className={classes.day}>{format.dayHeading(item.at, now)}</h2>
                  ) : item.type === "pending" ? (
                    <PendingBubble
                      pending={item.pending}
                      onRetry={() => props.onRetryPending(item.pending)}
                      onEdit={() => props.onEditPending(item.pending)}
                    />
                  ) : (
                    <MessageBubble
                      message={item.message}
                      customer={conversation.customer}
                      writer={
                        item.message.member_id
                          ? (names.get(item.message.member_id) ?? t("thread.former_member"))
                          : undefined
                      }
                      first={item.first}
                      last={item.last}
                      flash={seek.flash === item.message.id}
                      actions={threadActions}
                    />
                  )}
                </div>
              )
            );
          })}
        </div>
      </div>
      <MessageMenus ref={menus} find={messageOf} actions={actions} />
      <div role="status">
        {seek.busy && (
          <div className={classes.seeking}>
            {t("thread.seeking")}
            <Button size="compact-xs" variant="subtle" onClick={seek.stop}>
              {t("common.cancel")}
            </Button>
          </div>
        )}
      </div>
      {!pinned && (
        <Button
          className={classes.jump}
          size="xs"
          radius="xl"
          variant={unseen > 0 ? "filled" : "default"}
          leftSection={<IconArrowDown size={14} aria-hidden="true" />}
          onClick={() => toNewest.current()}
        >
          {unseen > 0 ? t("thread.newest_count", { count: unseen }) : t("thread.newest")}
        </Button>
      )}
    </div>
  );
}

/** Shows the message that is looked for; what is not loaded is read with what stands around it. */
function useSeek(props: {
  items: readonly Item[];
  onMove(place: ThreadPlace): Promise<MessagesPage>;
  found(index: number): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const { items } = props;
  const [target, setTarget] = useState<Target | null>(null);
  const [flash, setFlash] = useState<string | null>(null);
  const asked = useRef<Target | null>(null);
  const latest = useRef({ ...props, texts });
  latest.current = { ...props, texts };

  useEffect(() => {
    if (!target) return;
    const index = indexOf(items, target);
    const item = items[index];
    if (item?.type === "message") {
      // A part that was just put in place is first laid out, and the pane keeps its place; then it is left.
      let frame = requestAnimationFrame(() => {
        frame = requestAnimationFrame(() => {
          setTarget(null);
          setFlash(item.message.id);
          latest.current.found(indexOf(latest.current.items, target));
        });
      });
      return () => cancelAnimationFrame(frame);
    }
    if (asked.current === target) return;
    asked.current = target;
    const end = (text: string) => {
      if (asked.current !== target) return;
      setTarget(null);
      notifyProblem(text);
    };
    const id = target.id;
    // What Loa does not know by an id of its own it does not have.
    if (!id) return end(t("thread.quoted_missing"));
    latest.current.onMove({ around: id }).then(
      (page) => page.items.some((message) => message.id === id) || end(t("thread.quoted_missing")),
      (error: unknown) => {
        const problem = ApiProblem.of(error);
        end(problem.status === 404 ? t("thread.quoted_missing") : latest.current.texts.problem(problem));
      },
    );
  }, [target, items, t]);
  useEffect(() => {
    if (flash === null) return;
    const timer = setTimeout(() => setFlash(null), FLASH);
    return () => clearTimeout(timer);
  }, [flash]);

  const start = (to: Target) => {
    asked.current = null;
    setFlash(null);
    // A new object, so that the same message can be looked for again.
    setTarget({ ...to });
  };
  const stop = () => {
    asked.current = null;
    setTarget(null);
  };
  return { start, stop, busy: target !== null, flash };
}

/**
 * Whoever reads the newest goes on reading it while a notice makes the pane smaller or a picture makes the
 * thread longer. Only scrolling up by oneself ends that; `onScroll` says whether it still holds.
 */
function usePinned(
  scroller: RefObject<HTMLDivElement | null>,
  content: RefObject<HTMLDivElement | null>,
  virtual: { scrollToEnd(): void },
  /** What is loaded does not reach the newest, so its end is not where one stays. */
  newer: boolean,
) {
  const [pinned, setPinned] = useState(true);
  const now = useRef(true);
  const seen = useRef({ top: 0, height: 0, room: 0 });
  const onScroll = (): boolean => {
    const pane = scroller.current;
    if (!pane) return now.current;
    const had = seen.current;
    seen.current = { top: pane.scrollTop, height: pane.scrollHeight, room: pane.clientHeight };
    const same = had.height === pane.scrollHeight && had.room === pane.clientHeight;
    // Read off the pane itself: at this moment the virtual list may not have heard of the scroll.
    if (newer) now.current = false;
    else if (pane.scrollHeight - pane.clientHeight - pane.scrollTop <= AT_END) now.current = true;
    else if (same && pane.scrollTop < had.top) now.current = false;
    setPinned(now.current);
    return now.current;
  };
  useEffect(() => {
    const observer = new ResizeObserver(() => now.current && virtual.scrollToEnd());
    for (const node of [scroller.current, content.current]) if (node) observer.observe(node);
    return () => observer.disconnect();
  }, [scroller, content, virtual]);
  const unpin = () => {
    now.current = false;
    setPinned(false);
  };
  return { pinned, onScroll, unpin };
}

const WIDTHS = [44, 30, 52, 26, 38];

function Skeletons() {
  const { t } = useTranslation();
  return (
    <div className={classes.stage}>
      <div className={classes.skeletons} role="status" aria-busy="true" aria-label={t("common.loading")}>
        {WIDTHS.map((width) => (
          <Skeleton key={width} height={38} radius="lg" width={`${width}%`} />
        ))}
      </div>
    </div>
  );
}
