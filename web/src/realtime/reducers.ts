/**
 * Live events applied to what is cached.
 *
 * One table, keyed by the kind of event: for each family of cached data a pure function
 * `(data, payload, place) -> data`, and the keys that only the server can compute anew (`stale`).
 *
 * Invariants: a reducer gives back the same object when nothing changed; the same event twice gives what it
 * gave once; an older view never overwrites a newer one; an unknown kind changes nothing.
 *
 * How to add a kind: its payload in `events.ts`, one entry here, and its rows in the test's table.
 */
import type { InfiniteData, QueryClient, QueryKey } from "@tanstack/react-query";
import { keys, type ListKey } from "~/api/keys";
import type {
  BulkJob,
  Channel,
  Conversation,
  Customer,
  Label,
  Member,
  Message,
  Page,
  ScheduledMessage,
} from "~/api/types";
import type { Change, EventKind, Payloads } from "./events";
import {
  belongs,
  byClosingConversation,
  byLatestConversation,
  byNewestMessage,
  isPlain,
  newerConversation,
  newerMessage,
} from "./order";

type Pages<T> = InfiniteData<Page<T>, string | null>;

/** What is cached under the first word of a key. */
export interface Families {
  conversations: Pages<Conversation>;
  conversation: Conversation;
  messages: Pages<Message>;
  customer: Customer;
  channels: Channel[];
  members: Member[];
  "bulk-jobs": BulkJob[];
  labels: Label[];
  scheduled: ScheduledMessage[];
}

type Family = keyof Families;

/** Where a cached value stands: the rest of its key, and who looks at it. */
export interface Place {
  /** Second word of the key: list parameters or an id. */
  at: unknown;
  /** Id of the signed-in member. */
  me: string | undefined;
}

type Rule<K extends EventKind> = {
  [F in Family]?: (data: Families[F], payload: Payloads[K], place: Place) => Families[F];
} & {
  /** Keys that the server must compute anew. */
  stale?: (payload: Payloads[K]) => QueryKey[];
};

export const rules: { [K in EventKind]: Rule<K> } = {
  "message.upserted": {
    messages: (data, message, { at }) => (at === message.conversation_id ? putMessage(data, message) : data),
  },
  "message.removed": {
    messages: (data, gone, { at }) =>
      at === gone.conversation_id ? dropWhere(data, (m) => m.id === gone.id) : data,
  },
  "conversation.upserted": {
    conversations: (data, conversation, { at, me }) => putConversation(data, conversation, at as ListKey, me),
    conversation: (data, conversation, { at }) =>
      at === conversation.id ? newerConversation(data, conversation) : data,
    // When the customer was last heard of stands in their panel.
    stale: (conversation) => [
      ["counts"],
      keys.decision(conversation.id),
      keys.customer(conversation.customer.id),
    ],
  },
  "customer.upserted": {
    customer: (data, customer, { at }) => (at === customer.id ? customer : data),
    conversations: (data, customer) => mapWhere(data, (c) => c.customer.id === customer.id, named(customer)),
    conversation: (data, customer) => (data.customer.id === customer.id ? named(customer)(data) : data),
    // Whether a customer still fulfils a filter, only the server knows.
    stale: () => [["customers"], ["phone-groups"]],
  },
  "channel.upserted": {
    channels: (data, channel) => putById(data, channel),
    // The pool of the whole account moved: every open composer asks again.
    stale: () => [["decision"]],
  },
  "member.upserted": {
    members: (data, member) => putById(data, member),
  },
  "label.upserted": {
    labels: (data, label) =>
      putById(data, label).toSorted((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1)),
  },
  "label.removed": {
    labels: (data, gone) =>
      data.some((l) => l.id === gone.id) ? data.filter((l) => l.id !== gone.id) : data,
    conversations: (data, gone) => mapWhere(data, (c) => c.label_ids.includes(gone.id), without(gone.id)),
    conversation: (data, gone) => (data.label_ids.includes(gone.id) ? without(gone.id)(data) : data),
    customer: (data, gone) => (data.label_ids.includes(gone.id) ? without(gone.id)(data) : data),
    // A view that asks for it says so; what may be asked is less.
    stale: () => [keys.customerViews(), keys.filterFields(), ["customers"]],
  },
  "fields.changed": {
    // Who sees what of a customer may have changed with them.
    stale: () => [
      keys.customerFields(),
      keys.capabilities(),
      keys.filterFields(),
      ["customers"],
      ["customer"],
      ["filled-replies"],
    ],
  },
  "notification.upserted": {
    stale: () => [["notifications"]],
  },
  "saved_view.changed": {
    stale: () => [keys.views(), keys.viewCounts(), keys.customerViews()],
  },
  "bulk_job.upserted": {
    "bulk-jobs": (data, job) =>
      data.some((other) => other.id === job.id) ? putById(data, job) : [job, ...data],
  },
  "scheduled.upserted": {
    scheduled: (data, message, { at }) =>
      at === message.conversation_id ? putScheduled(data, message) : data,
  },
};

/** Apply one event to one cached value; the value itself when the event does not concern it. */
export function reduce(key: QueryKey, data: unknown, change: Change, me: string | undefined): unknown {
  const rule = (rules as Record<string, Record<string, unknown> | undefined>)[change.kind];
  const apply = rule?.[key[0] as string];
  if (typeof apply !== "function" || data === undefined || key[0] === "stale") return data;
  return apply(data, change.data, { at: key[1], me });
}

/** Is it a kind this table knows? */
export function isKnown(kind: string): kind is EventKind {
  return Object.hasOwn(rules, kind);
}

/** Apply one event to everything cached, and name what the server must compute anew. */
export function applyChange(client: QueryClient, change: Change, me: string | undefined): QueryKey[] {
  const rule = rules[change.kind] as Rule<EventKind>;
  const families = new Set(Object.keys(rule));
  for (const query of client.getQueryCache().getAll()) {
    if (!families.has(query.queryKey[0] as string)) continue;
    const before = query.state.data;
    const after = reduce(query.queryKey, before, change, me);
    // `updatedAt` stays: an event does not make the rest of the list fresher.
    if (after !== before) {
      client.setQueryData(query.queryKey, after, { updatedAt: query.state.dataUpdatedAt });
    }
  }
  return rule.stale?.(change.data as never) ?? [];
}

function putById<T extends { id: string }>(list: T[], item: T): T[] {
  const at = list.findIndex((x) => x.id === item.id);
  return at < 0 ? [...list, item] : list.with(at, item);
}

function without(label: string) {
  return <T extends { label_ids: string[] }>(carrier: T): T => ({
    ...carrier,
    label_ids: carrier.label_ids.filter((id) => id !== label),
  });
}

/** Only what waits or came back is shown; by time. */
function putScheduled(list: ScheduledMessage[], message: ScheduledMessage): ScheduledMessage[] {
  const known = list.find((m) => m.id === message.id);
  if (known && known.updated_at > message.updated_at) return list;
  const open = message.status === "waiting" || message.status === "returned";
  if (!known && !open) return list;
  if (known && open && JSON.stringify(known) === JSON.stringify(message)) return list;
  const rest = list.filter((m) => m.id !== message.id);
  return open ? [...rest, message].sort((a, b) => a.send_at - b.send_at || (a.id < b.id ? -1 : 1)) : rest;
}

function named(customer: Customer) {
  return (conversation: Conversation): Conversation => ({
    ...conversation,
    label_ids: customer.label_ids,
    customer: {
      ...conversation.customer,
      display_name: customer.display_name,
      avatar_url: customer.avatar_url,
      group: customer.group,
    },
  });
}

function mapWhere<T>(data: Pages<T>, test: (item: T) => boolean, change: (item: T) => T): Pages<T> {
  let touched = false;
  const pages = data.pages.map((page) => {
    if (!page.items.some(test)) return page;
    touched = true;
    return { ...page, items: page.items.map((item) => (test(item) ? change(item) : item)) };
  });
  return touched ? { ...data, pages } : data;
}

function dropWhere<T>(data: Pages<T>, test: (item: T) => boolean): Pages<T> {
  if (!data.pages.some((page) => page.items.some(test))) return data;
  return {
    ...data,
    pages: data.pages.map((page) => ({ ...page, items: page.items.filter((x) => !test(x)) })),
  };
}

/**
 * Put `item` where the order wants it. Nothing is put before the first or behind the last loaded page when
 * the list goes on there: the next page will bring it.
 */
function insert<T>(data: Pages<T>, item: T, order: (a: T, b: T) => number): Pages<T> {
  for (const [index, page] of data.pages.entries()) {
    const place = page.items.findIndex((other) => order(item, other) < 0);
    if (place < 0) continue;
    if (index === 0 && place === 0 && goesOnBefore(data)) return data;
    const items = [...page.items.slice(0, place), item, ...page.items.slice(place)];
    return { ...data, pages: data.pages.with(index, { ...page, items }) };
  }
  const last = data.pages.at(-1);
  if (!last || last.next) return data;
  return { ...data, pages: data.pages.with(-1, { ...last, items: [...last.items, item] }) };
}

/** Is there more before the first loaded page? A page around a message, or after one, says so itself. */
function goesOnBefore<T>(data: Pages<T>): boolean {
  const first = data.pages[0] as (Page<T> & { newer?: string | null }) | undefined;
  const param: unknown = data.pageParams[0];
  if (typeof param === "string") return true;
  if (typeof param === "object" && param !== null && "before" in param) return true;
  return first?.newer != null;
}

function putMessage(data: Pages<Message>, message: Message): Pages<Message> {
  const same = (m: Message) =>
    m.id === message.id || (message.client_id != null && m.client_id === message.client_id);
  const have = data.pages.flatMap((page) => page.items).find(same);
  if (!have) return insert(data, message, byNewestMessage);
  const keep = newerMessage(have, message);
  if (have.sent_at === keep.sent_at && have.id === keep.id) return mapWhere(data, same, () => keep);
  return insert(dropWhere(data, same), keep, byNewestMessage);
}

function putConversation(
  data: Pages<Conversation>,
  conversation: Conversation,
  params: ListKey,
  me: string | undefined,
): Pages<Conversation> {
  const same = (c: Conversation) => c.id === conversation.id;
  const have = data.pages.flatMap((page) => page.items).find(same);
  if (have && have.change_seq > conversation.change_seq) return data;
  // Only the server knows what this list shows; here the rows that it found stay current.
  if (!isPlain(params)) return have ? mapWhere(data, same, () => conversation) : data;
  if (!belongs(conversation, params, me)) {
    // A row that was just read stays under "unread" until the list is asked for anew: rows do not jump away
    // under the pointer of the one who reads them.
    const { criteria } = params;
    const unread = criteria ? criteria.unread : params.filter === "unread";
    const read = { ...params, filter: "all", criteria: criteria && { ...criteria, unread: false } };
    const stays = unread && belongs(conversation, read, me);
    if (!have || stays) return have ? mapWhere(data, same, () => conversation) : data;
    return dropWhere(data, same);
  }
  const order = params.sort === "closing" ? byClosingConversation : byLatestConversation;
  if (!have) return insert(data, conversation, order);
  if (order(have, conversation) === 0) return mapWhere(data, same, () => conversation);
  return insert(dropWhere(data, same), conversation, order);
}
