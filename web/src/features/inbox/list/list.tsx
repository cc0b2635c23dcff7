import { ActionIcon, Button, Select, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconBookmarkOff, IconInbox, IconSearch, IconX } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { changeConversation } from "~/api/calls";
import type { ListKey, ListParams } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { Conversation, Filter } from "~/api/types";
import { useNow } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { JobBar } from "~/parts/jobs/job-bar";
import { live } from "~/realtime/instance";
import {
  channelsQuery,
  conversationsQuery,
  countsQuery,
  labelsQuery,
  prefetchConversation,
} from "~/realtime/queries";
import { isPressed, useShortcuts } from "~/ui/keys";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { usePreferences } from "~/ui/preferences";
import { extend, has, isEmpty, NONE, page, toggle } from "~/ui/selection";
import { EmptyState, ErrorState } from "~/ui/states";
import { BulkBar } from "../bulk/bulk-bar";
import { DeadConditions } from "../views/dead";
import { useView } from "../views/use-view";
import { ViewsColumn } from "../views/views-column";
import classes from "./list.module.css";
import { OrderToggle } from "./order";
import { ConversationRow } from "./row";

const FILTERS: readonly Filter[] = ["all", "mine", "unassigned", "unread", "snoozed", "closed"];

export function ConversationList(props: {
  params: ListParams;
  chosen: string | undefined;
  onParams(params: ListParams): void;
  onOpen(conversation: string): void;
}) {
  const { t } = useTranslation();
  const channels = useQuery(channelsQuery()).data ?? [];
  const counts = useQuery(countsQuery()).data;
  const { params, onParams } = props;
  const shown = useView(params);
  useShortcuts({
    filter: (event) => {
      const filter = FILTERS[Number(event.key) - 1];
      if (filter) onParams({ ...params, filter, view: undefined });
    },
  });

  return (
    <section className={classes.pane} aria-label={t("inbox.list")}>
      <div className={classes.tools}>
        <div className={classes.searchRow}>
          <Search params={params} onParams={onParams} />
          <OrderToggle params={params} onParams={onParams} />
        </div>
        <Narrowing params={params} onParams={onParams} />
      </div>
      <div className={classes.filters} role="tablist" aria-label={t("inbox.filters_label")}>
        {FILTERS.map((filter) => (
          <button
            key={filter}
            type="button"
            role="tab"
            className={classes.filter}
            aria-selected={!params.view && params.filter === filter}
            onClick={() => onParams({ ...params, filter, view: undefined })}
          >
            {t(`inbox.filters.${filter}`)}
            {filter !== "closed" && counts && counts[filter] > 0 && (
              <span className={classes.count}>{counts[filter] > 999 ? "999+" : counts[filter]}</span>
            )}
          </button>
        ))}
      </div>
      <ViewsColumn params={params} onParams={onParams} />
      {shown.view && <DeadConditions view={shown.view} />}
      {shown.gone ? (
        <EmptyState
          icon={<IconBookmarkOff size={32} stroke={1.25} aria-hidden="true" />}
          title={t("views.gone_title")}
          text={t("views.gone_text")}
          action={<Button onClick={() => onParams({ filter: "all" })}>{t("views.to_all")}</Button>}
        />
      ) : shown.list ? (
        <Rows
          {...props}
          // Another list begins at its top and without a selection.
          key={JSON.stringify(shown.list)}
          list={shown.list}
          channelNames={channels.length > 1 ? channels : []}
          noChannel={channels.length === 0}
        />
      ) : (
        <Skeletons />
      )}
      <JobBar />
    </section>
  );
}

/** By account and by label. For itself: its fields take longer to draw than all rows. */
const Narrowing = memo(function Narrowing(props: { params: ListParams; onParams(params: ListParams): void }) {
  const { t } = useTranslation();
  const { params, onParams } = props;
  const channels = useQuery(channelsQuery()).data ?? [];
  const labels = useQuery(labelsQuery()).data ?? [];
  if (channels.length <= 1 && labels.length === 0) return null;
  return (
    <div className={classes.filterRow}>
      {channels.length > 1 && (
        <Select
          aria-label={t("inbox.channel_filter")}
          size="xs"
          value={params.channel ?? ""}
          onChange={(channel) => onParams({ ...params, channel: channel || undefined })}
          data={[
            { value: "", label: t("inbox.all_channels") },
            ...channels.map((c) => ({ value: c.id, label: c.name })),
          ]}
        />
      )}
      {labels.length > 0 && (
        <Select
          aria-label={t("labels.filter")}
          size="xs"
          searchable
          value={params.label ?? ""}
          onChange={(label) => onParams({ ...params, label: label || undefined, view: undefined })}
          data={[
            { value: "", label: t("labels.all") },
            ...labels.map((label) => ({ value: label.id, label: label.name })),
          ]}
        />
      )}
    </div>
  );
});

function Search({ params, onParams }: { params: ListParams; onParams(params: ListParams): void }) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(params.q ?? "");
  const applied = useRef(params.q);
  const set = (q: string | undefined) => {
    applied.current = q;
    onParams({ ...params, q });
  };
  const apply = useDebouncedCallback((q: string) => set(q.trim() || undefined), 250);
  // The address changed by itself (back, palette): show what it says. Our own changes come back late and must
  // not take away what was typed since.
  useEffect(() => {
    if (params.q === applied.current) return;
    applied.current = params.q;
    setTyped(params.q ?? "");
  }, [params.q]);
  useShortcuts({ search: () => field.current?.focus() });

  const clear = () => {
    setTyped("");
    apply.cancel();
    set(undefined);
  };
  return (
    <TextInput
      ref={field}
      type="search"
      size="sm"
      aria-label={t("inbox.search")}
      placeholder={t("inbox.search")}
      leftSection={<IconSearch size={16} aria-hidden="true" />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        apply(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        const press = event.nativeEvent;
        if (isPressed("to_found", press)) {
          // On to what was found; there the arrows walk.
          event.preventDefault();
          field.current?.closest("section")?.querySelector<HTMLElement>("[role=listbox]")?.focus();
        }
        if (!isPressed("dismiss", press)) return;
        if (typed) clear();
        else field.current?.blur();
      }}
      rightSection={
        typed ? (
          <ActionIcon
            variant="subtle"
            size="sm"
            color="gray"
            aria-label={t("inbox.clear_search")}
            onClick={clear}
          >
            <IconX size={14} aria-hidden="true" />
          </ActionIcon>
        ) : null
      }
    />
  );
}

function Rows(props: {
  params: ListParams;
  list: ListKey;
  chosen: string | undefined;
  channelNames: { id: string; name: string }[];
  noChannel: boolean;
  onOpen(conversation: string): void;
  onParams(params: ListParams): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const now = useNow();
  const compact = usePreferences().density === "compact";
  const query = useInfiniteQuery(conversationsQuery(props.list));
  const labels = useQuery(labelsQuery()).data;
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const scroller = useRef<HTMLDivElement>(null);
  const names = useMemo(() => new Map(props.channelNames.map((c) => [c.id, c.name])), [props.channelNames]);

  const [selection, setSelection] = useState(NONE);
  const ids = useMemo(() => rows.map((row) => row.id), [rows]);
  const latestIds = useRef(ids);
  latestIds.current = ids;
  // One function for ever: a new one would draw all rows whenever one of them changes.
  const select = useCallback((id: string, range: boolean) => {
    const change = range ? extend : toggle;
    setSelection((have) => change(have, id, latestIds.current));
  }, []);

  const client = useQueryClient();
  const press = useCallback((id: string) => void prefetchConversation(client, id), [client]);
  const href = useHref(props.params);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (compact ? 50 : 76),
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
  });
  const shown = virtual.getVirtualItems();
  const end = shown.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (end >= rows.length - 10 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [end, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const at = rows.findIndex((row) => row.id === props.chosen);
  const open = (next: Conversation | undefined) => {
    if (!next) return false;
    virtual.scrollToIndex(rows.indexOf(next));
    props.onOpen(next.id);
  };
  const step = (by: number) => {
    return open(rows[at < 0 ? 0 : at + by]);
  };
  // Around the end to the beginning, so that one key goes through all of them.
  const nextUnread = () => {
    const found = [...rows.slice(at + 1), ...rows.slice(0, at + 1)].find(
      (row) => row.unread_count > 0 && row.id !== props.chosen,
    );
    if (found) open(found);
    else notifyDone(t("inbox.empty.unread_title"));
  };
  const closeAndGo = () => {
    const row = rows[at];
    if (!row) return false;
    changeConversation(row.id, { status: "closed" }).then(
      (answer) => live.upsert("conversation.upserted", answer),
      (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
    );
    open(rows[at + 1] ?? rows[at - 1]);
  };
  useShortcuts({
    next_unread: nextUnread,
    close_next: closeAndGo,
    next: () => step(1),
    previous: () => step(-1),
    unread: () => props.onParams({ ...props.params, filter: "unread", view: undefined }),
    select: () => {
      const row = rows[at];
      if (!row) return false;
      setSelection(toggle(selection, row.id, ids));
    },
  });
  /** One row on, and everything from where the selection began to it. */
  const selectOn = (by: number) => {
    const row = rows[at < 0 ? 0 : at + by];
    if (!row) return;
    const begun = isEmpty(selection) && rows[at] ? toggle(selection, rows[at].id, ids) : selection;
    setSelection(extend(begun, row.id, ids));
    open(row);
  };
  const arrows = (event: KeyboardEvent) => {
    const press = event.nativeEvent;
    const selects = isPressed("select_down", press) ? 1 : isPressed("select_up", press) ? -1 : 0;
    if (selects !== 0) {
      event.preventDefault();
      return selectOn(selects);
    }
    if (isPressed("select_page", press)) {
      event.preventDefault();
      return setSelection(page(selection, ids));
    }
    if (isPressed("dismiss", press) && !isEmpty(selection)) return setSelection(NONE);
    const by = isPressed("walk_down", press) ? 1 : isPressed("walk_up", press) ? -1 : 0;
    if (by !== 0 && step(by) !== false) event.preventDefault();
  };

  if (query.isPending) return <Skeletons />;
  if (query.isError && rows.length === 0) {
    return (
      <ErrorState text={texts.problem(ApiProblem.of(query.error))} onRetry={() => void query.refetch()} />
    );
  }
  if (rows.length === 0) {
    return (
      <Empty
        filter={props.params.filter}
        closing={props.params.sort === "closing" && props.params.filter !== "closed"}
        narrowed={props.params.q ? "search" : props.params.label ? "label" : null}
        view={Boolean(props.params.view)}
        noChannel={props.noChannel}
      />
    );
  }
  return (
    <>
      <div
        ref={scroller}
        className={classes.scroller}
        role="listbox"
        aria-multiselectable="true"
        aria-label={t("inbox.list")}
        // The list is one stop of the Tab key; arrows walk in it.
        tabIndex={0}
        aria-activedescendant={at >= 0 ? rowId(rows[at]) : undefined}
        onKeyDown={arrows}
      >
        <div className={classes.inner} style={{ height: virtual.getTotalSize() }} role="presentation">
          {shown.map((item) => {
            const row = rows[item.index];
            return (
              row && (
                <div
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  role="presentation"
                  className={classes.slot}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <ConversationRow
                    id={rowId(row)}
                    conversation={row}
                    href={href(row.id)}
                    onPress={press}
                    onOpen={props.onOpen}
                    closing={props.params.sort === "closing"}
                    chosen={row.id === props.chosen}
                    selecting={!isEmpty(selection)}
                    selected={has(selection, row.id)}
                    onSelect={select}
                    channel={names.get(row.channel_id)}
                    labels={labels}
                    now={now}
                  />
                </div>
              )
            );
          })}
        </div>
      </div>
      {!isEmpty(selection) && (
        <BulkBar
          selection={selection}
          params={props.params}
          more={Boolean(hasNextPage)}
          onSelection={setSelection}
          onClear={() => setSelection(NONE)}
        />
      )}
    </>
  );
}

/** The address of each row; the list stays as it is when one opens. */
function useHref(search: ListParams): (conversation: string) => string {
  const router = useRouter();
  return useMemo(() => {
    const at = router.buildLocation({
      to: "/inbox/$conversationId",
      params: { conversationId: "ID" },
      search,
    });
    return (conversation) => at.href.replace("ID", conversation);
  }, [router, search]);
}

const rowId = (row: Conversation | undefined) => (row ? `row-${row.id}` : "");

function Empty(props: {
  filter: Filter;
  closing: boolean;
  narrowed: "search" | "label" | null;
  view: boolean;
  noChannel: boolean;
}) {
  const { filter, narrowed, view, noChannel } = props;
  const { t } = useTranslation();
  const icon = <IconInbox size={32} stroke={1.25} aria-hidden="true" />;
  if (narrowed) {
    return (
      <EmptyState
        icon={icon}
        title={t(`inbox.empty.${narrowed}_title`)}
        text={t(`inbox.empty.${narrowed}_text`)}
      />
    );
  }
  if (view) return <EmptyState icon={icon} title={t("views.empty_title")} text={t("views.empty_text")} />;
  if (props.closing && !noChannel) {
    return (
      <EmptyState icon={icon} title={t("inbox.empty.closing_title")} text={t("inbox.empty.closing_text")} />
    );
  }
  if (noChannel) {
    return (
      <EmptyState
        icon={icon}
        title={t("inbox.empty.all_title")}
        text={t("inbox.empty.no_channel_text")}
        action={
          <Button component={Link} to="/settings/channels">
            {t("inbox.empty.connect")}
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState icon={icon} title={t(`inbox.empty.${filter}_title`)} text={t(`inbox.empty.${filter}_text`)} />
  );
}

const WIDTHS = [62, 48, 70, 55, 66, 45, 58];

function Skeletons() {
  const { t } = useTranslation();
  return (
    <div className={classes.scroller} aria-busy="true" aria-label={t("common.loading")} role="status">
      {WIDTHS.map((width) => (
        <div key={width} className={classes.row}>
          <Skeleton circle height={40} />
          <div className={classes.body}>
            <Skeleton height={11} width={`${width}%`} mt={4} />
            <Skeleton height={10} width={`${width + 24}%`} mt={10} />
          </div>
        </div>
      ))}
    </div>
  );
}
