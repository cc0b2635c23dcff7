import { Button, Skeleton } from "@mantine/core";
import { IconArrowDown, IconMessages } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "~/api/problem";
import type { Conversation } from "~/api/types";
import { useFormat, useNow } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { membersQuery, messagesQuery } from "~/realtime/queries";
import { EmptyState, ErrorState } from "~/ui/states";
import type { Pending } from "../outbox";
import { type BubbleActions, MessageBubble, PendingBubble } from "./bubble";
import { type Item, threadItems } from "./items";
import classes from "./thread.module.css";

/** Nearer to the end than this counts as reading the newest. Pixels. */
const AT_END = 80;

export function Thread(props: {
  conversation: Conversation;
  pending: readonly Pending[];
  actions: BubbleActions;
  onRetryPending(pending: Pending): void;
  onEditPending(pending: Pending): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const query = useInfiniteQuery(messagesQuery(props.conversation.id));
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
    />
  );
}

function Items(props: {
  conversation: Conversation;
  items: Item[];
  more: boolean;
  loading: boolean;
  actions: BubbleActions;
  onMore(): void;
  onRetryPending(pending: Pending): void;
  onEditPending(pending: Pending): void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { items, conversation, more, loading, onMore } = props;
  const members = useQuery(membersQuery()).data;
  const names = useMemo(() => new Map(members?.map((m) => [m.id, m.display_name])), [members]);
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [unseen, setUnseen] = useState(0);

  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (items[index]?.type === "day" ? 40 : 58),
    getItemKey: (index) => items[index]?.key ?? index,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: AT_END,
    overscan: 10,
    paddingStart: 44,
    paddingEnd: 12,
  });

  // The newest message is where a thread begins to be read.
  useLayoutEffect(() => virtual.scrollToEnd(), [virtual]);

  // What we write ourselves is always shown, wherever the thread stood.
  const newest = items.at(-1);
  const newestKey = newest?.key;
  const own = newest?.type === "pending";
  const count = items.length;
  const before = useRef({ key: newestKey, count });
  useEffect(() => {
    const had = before.current;
    before.current = { key: newestKey, count };
    if (had.key === newestKey) return;
    if (own) virtual.scrollToEnd();
    else if (!virtual.isAtEnd(AT_END) && count > had.count) setUnseen((n) => n + count - had.count);
  }, [newestKey, count, own, virtual]);

  const { pinned, onScroll: onMoved } = usePinned(scroller, content, virtual);
  const onScroll = () => {
    if (onMoved()) setUnseen(0);
    if (more && !loading && (scroller.current?.scrollTop ?? 0) < 400) onMore();
  };
  // A short first page does not fill the pane, so nobody could scroll to ask for more.
  useEffect(() => {
    const pane = scroller.current;
    if (pane && more && !loading && pane.scrollHeight <= pane.clientHeight + 1) onMore();
  });

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
                      actions={props.actions}
                    />
                  )}
                </div>
              )
            );
          })}
        </div>
      </div>
      {!pinned && (
        <Button
          className={classes.jump}
          size="xs"
          radius="xl"
          variant={unseen > 0 ? "filled" : "default"}
          leftSection={<IconArrowDown size={14} aria-hidden="true" />}
          onClick={() => virtual.scrollToEnd()}
        >
          {unseen > 0 ? t("thread.newest_count", { count: unseen }) : t("thread.newest")}
        </Button>
      )}
    </div>
  );
}

/**
 * Whoever reads the newest goes on reading it while a notice makes the pane smaller or a picture makes the
 * thread longer. Only scrolling up by oneself ends that; `onScroll` says whether it still holds.
 */
function usePinned(
  scroller: RefObject<HTMLDivElement | null>,
  content: RefObject<HTMLDivElement | null>,
  virtual: { isAtEnd(threshold?: number): boolean; scrollToEnd(): void },
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
    if (virtual.isAtEnd(AT_END)) now.current = true;
    else if (same && pane.scrollTop < had.top) now.current = false;
    setPinned(now.current);
    return now.current;
  };
  useEffect(() => {
    const observer = new ResizeObserver(() => now.current && virtual.scrollToEnd());
    for (const node of [scroller.current, content.current]) if (node) observer.observe(node);
    return () => observer.disconnect();
  }, [scroller, content, virtual]);
  return { pinned, onScroll };
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
