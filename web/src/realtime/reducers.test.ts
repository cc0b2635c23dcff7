import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { keys } from "~/api/keys";
import type {
  BulkJob,
  Channel,
  Conversation,
  Criteria,
  Customer,
  Label,
  Member,
  Message,
  ScheduledMessage,
} from "~/api/types";
import type { Change } from "./events";
import { belongs, newerMessage } from "./order";
import { applyChange, type Families, isKnown, reduce } from "./reducers";
import { Replay } from "./replay";

const conversation = (id: string, at: number, extra: Partial<Conversation> = {}): Conversation => ({
  id,
  channel_id: "ch_1",
  customer: { id: `cus_${id}`, display_name: id },
  label_ids: [],
  status: "open",
  unread_count: 0,
  sort_at: at,
  last_message_at: at,
  last_preview: "",
  last_direction: "in",
  last_kind: "text",
  reply: null,
  is_blocked: false,
  change_seq: 1,
  ...extra,
});

const message = (id: string, at: number, extra: Partial<Message> = {}): Message => ({
  id,
  conversation_id: "c1",
  direction: "out",
  author: "member",
  kind: "text",
  text: id,
  attachments: [],
  reactions: [],
  status: "sent",
  sent_at: at,
  created_at: at,
  ...extra,
});

const pages = <T>(...items: T[][]) => ({
  pages: items.map((page, at) => ({ items: page, next: at < items.length - 1 ? "more" : undefined })),
  pageParams: items.map((_, at) => (at === 0 ? null : `p${at}`)),
});

const ids = (data: unknown) =>
  (data as Families["messages"]).pages.map((page) => page.items.map((item) => item.id).join(" "));

const ALL = keys.conversations({ filter: "all" });
const THREAD = keys.messages("c1");

/** A view of open conversations with these conditions. */
const VIEW = (criteria: Partial<Criteria>) =>
  keys.conversations({
    filter: "all",
    view: "viw_1",
    criteria: { statuses: ["open"], ...criteria },
    order: "latest",
  });

interface Row {
  name: string;
  key: readonly unknown[];
  have: unknown;
  change: Change;
  want: string[];
}

const upsert = (data: Conversation): Change => ({ kind: "conversation.upserted", data });
const wrote = (data: Message): Change => ({ kind: "message.upserted", data });

const CLOSING = keys.conversations({ filter: "all", sort: "closing" });
const closes = (at: number) => ({ closes: { at, what: "free" as const } });

const table: Row[] = [
  {
    name: "in the order of what closes next, a customer who writes moves down",
    key: CLOSING,
    have: pages([conversation("a", 1, closes(10)), conversation("b", 2, closes(20))]),
    change: upsert(conversation("a", 9, { ...closes(30), change_seq: 2 })),
    want: ["b a"],
  },
  {
    name: "in the order of what closes next, a new message without another end moves nothing",
    key: CLOSING,
    have: pages([conversation("a", 1, closes(10)), conversation("b", 2, closes(20))]),
    change: upsert(conversation("b", 9, { ...closes(20), change_seq: 2 })),
    want: ["a b"],
  },
  {
    name: "what has nothing that ends is not in the order of what closes next",
    key: CLOSING,
    have: pages([conversation("a", 1, closes(10)), conversation("b", 2, closes(20))]),
    change: upsert(conversation("a", 9, { change_seq: 2 })),
    want: ["b"],
  },
  {
    name: "a new message in a list moves its conversation to the top",
    key: ALL,
    have: pages([conversation("a", 30), conversation("b", 20)], [conversation("c", 10)]),
    change: upsert(conversation("c", 40, { change_seq: 2 })),
    want: ["c a b", ""],
  },
  {
    name: "a new conversation is put where its time wants it",
    key: ALL,
    have: pages([conversation("a", 30), conversation("b", 10)]),
    change: upsert(conversation("n", 20)),
    want: ["a n b"],
  },
  {
    name: "an old conversation behind the last loaded page is left to that page",
    key: ALL,
    have: {
      pages: [{ items: [conversation("a", 30)], next: "more" }],
      pageParams: [null],
    },
    change: upsert(conversation("z", 1)),
    want: ["a"],
  },
  {
    name: "an older view of a conversation changes nothing",
    key: ALL,
    have: pages([conversation("a", 30, { change_seq: 9 }), conversation("b", 20)]),
    change: upsert(conversation("a", 10, { change_seq: 3 })),
    want: ["a b"],
  },
  {
    name: "a closed conversation leaves the open list",
    key: ALL,
    have: pages([conversation("a", 30), conversation("b", 20)]),
    change: upsert(conversation("a", 30, { status: "closed", change_seq: 2 })),
    want: ["b"],
  },
  {
    name: "and enters the closed one",
    key: keys.conversations({ filter: "closed" }),
    have: pages<Conversation>([]),
    change: upsert(conversation("a", 30, { status: "closed" })),
    want: ["a"],
  },
  {
    name: "a conversation that fulfils a view's conditions enters it",
    key: VIEW({ assignee: { is: "me" }, channels: ["ch_1"] }),
    have: pages([conversation("a", 30, { assignee_id: "me" })]),
    change: upsert(conversation("n", 40, { assignee_id: "me" })),
    want: ["n a"],
  },
  {
    name: "and leaves it when it does not any more",
    key: VIEW({ assignee: { is: "nobody" } }),
    have: pages([conversation("a", 30), conversation("b", 20)]),
    change: upsert(conversation("a", 30, { assignee_id: "mem_2", change_seq: 2 })),
    want: ["b"],
  },
  {
    name: "a row that was just read stays in a view of unread ones",
    key: VIEW({ unread: true }),
    have: pages([conversation("a", 30, { unread_count: 2 })]),
    change: upsert(conversation("a", 30, { change_seq: 2 })),
    want: ["a"],
  },
  {
    name: "what only the server can place waits for it",
    key: VIEW({ waiting_minutes: 5 }),
    have: pages([conversation("a", 30)]),
    change: upsert(conversation("n", 40, { waiting_since_at: 1 })),
    want: ["a"],
  },
  {
    name: "a conversation whose customer got the label enters the list of that label",
    key: keys.conversations({ filter: "all", label: "lbl_1" }),
    have: pages([conversation("a", 30, { label_ids: ["lbl_1"] })]),
    change: upsert(conversation("b", 40, { label_ids: ["lbl_2", "lbl_1"] })),
    want: ["b a"],
  },
  {
    name: "and leaves it when the label is taken off",
    key: keys.conversations({ filter: "all", label: "lbl_1" }),
    have: pages([conversation("a", 30, { label_ids: ["lbl_1"] })]),
    change: upsert(conversation("a", 30, { change_seq: 2 })),
    want: [""],
  },
  {
    name: "another channel's conversation stays out",
    key: keys.conversations({ filter: "all", channel: "ch_2" }),
    have: pages<Conversation>([]),
    change: upsert(conversation("a", 30)),
    want: [""],
  },
  {
    name: "mine is mine",
    key: keys.conversations({ filter: "mine" }),
    have: pages([conversation("a", 30, { assignee_id: "me" })]),
    change: upsert(conversation("a", 30, { assignee_id: "other", change_seq: 2 })),
    want: [""],
  },
  {
    name: "a row that was just read stays under unread",
    key: keys.conversations({ filter: "unread" }),
    have: pages([conversation("a", 30, { unread_count: 2 }), conversation("b", 20, { unread_count: 1 })]),
    change: upsert(conversation("a", 30, { change_seq: 2 })),
    want: ["a b"],
  },
  {
    name: "a search does not take in what the server did not find",
    key: keys.conversations({ filter: "all", q: "lan" }),
    have: pages([conversation("a", 30)]),
    change: upsert(conversation("n", 40)),
    want: ["a"],
  },
  {
    name: "a part of a thread that ends before the newest takes in no newer message",
    key: THREAD,
    have: {
      pages: [{ items: [message("m2", 20), message("m1", 10)], next: "more", newer: "more" }],
      pageParams: [{ around: "m2" }],
    },
    change: wrote(message("m9", 90)),
    want: ["m2 m1"],
  },
  {
    name: "but one between those that are loaded",
    key: THREAD,
    have: {
      pages: [{ items: [message("m3", 30), message("m1", 10)], next: "more", newer: "more" }],
      pageParams: [{ after: "m0" }],
    },
    change: wrote(message("m2", 20)),
    want: ["m3 m2 m1"],
  },
  {
    name: "a part that has come to the newest takes in what is newer",
    key: THREAD,
    have: {
      pages: [{ items: [message("m2", 20)] }, { items: [message("m1", 10)], newer: "more" }],
      pageParams: [{ after: "m1" }, { around: "m1" }],
    },
    change: wrote(message("m9", 90)),
    want: ["m9 m2", "m1"],
  },
  {
    name: "an older page that is being read takes in nothing that is newer",
    key: THREAD,
    have: { pages: [{ items: [message("m2", 20)], next: "more" }], pageParams: [{ before: "m3" }] },
    change: wrote(message("m9", 90)),
    want: ["m2"],
  },
  {
    name: "a new message is the newest",
    key: THREAD,
    have: pages([message("m2", 20), message("m1", 10)]),
    change: wrote(message("m3", 30)),
    want: ["m3 m2 m1"],
  },
  {
    name: "a late message goes to its place",
    key: THREAD,
    have: pages([message("m3", 30)], [message("m1", 10)]),
    change: wrote(message("m2", 20)),
    want: ["m3", "m2 m1"],
  },
  {
    name: "the same message twice is one message",
    key: THREAD,
    have: pages([message("m2", 20), message("m1", 10)]),
    change: wrote(message("m2", 20)),
    want: ["m2 m1"],
  },
  {
    name: "the browser's own id finds the server's copy",
    key: THREAD,
    have: pages([message("local", 20, { client_id: "u1" }), message("m1", 10)]),
    change: wrote(message("m2", 21, { client_id: "u1" })),
    want: ["m2 m1"],
  },
  {
    name: "another thread's message stays out",
    key: THREAD,
    have: pages([message("m1", 10)]),
    change: wrote(message("x", 20, { conversation_id: "c2" })),
    want: ["m1"],
  },
  {
    name: "a removed message goes",
    key: THREAD,
    have: pages([message("m2", 20), message("m1", 10)]),
    change: { kind: "message.removed", data: { id: "m2", conversation_id: "c1" } },
    want: ["m1"],
  },
  {
    name: "an empty thread takes its first message",
    key: THREAD,
    have: pages<Message>([]),
    change: wrote(message("m1", 10)),
    want: ["m1"],
  },
];

describe("reducers", () => {
  it.each(table)("$name", ({ key, have, change, want }) => {
    const frozen = JSON.stringify(have);
    const once = reduce(key, have, change, "me");
    expect(ids(once)).toEqual(want);
    // Pure, and the same event again gives the same.
    expect(JSON.stringify(have)).toBe(frozen);
    expect(ids(reduce(key, once, change, "me"))).toEqual(want);
  });

  it("gives the same object back when nothing concerns it", () => {
    const have = pages([message("m1", 10)]);
    expect(reduce(THREAD, have, wrote(message("x", 1, { conversation_id: "c2" })), "me")).toBe(have);
    expect(reduce(keys.session(), have, wrote(message("x", 1)), "me")).toBe(have);
    expect(reduce(THREAD, undefined, wrote(message("x", 1)), "me")).toBeUndefined();
  });

  it("ignores kinds it does not know", () => {
    const have = pages([message("m1", 10)]);
    const odd = { kind: "ticket.upserted", data: {} } as unknown as Change;
    expect(reduce(THREAD, have, odd, "me")).toBe(have);
    expect(isKnown("ticket.upserted")).toBe(false);
    expect(isKnown("toString")).toBe(false);
    expect(isKnown("message.upserted")).toBe(true);
  });

  it("gives the same thread for every order of arrival, duplicates included", () => {
    const events = [
      wrote(message("a", 10, { status: "received", direction: "in" })),
      wrote(message("b", 20, { client_id: "u", status: "queued" })),
      wrote(message("b", 20, { client_id: "u", status: "sent" })),
      wrote(message("b", 20, { client_id: "u", status: "delivered" })),
      wrote(message("b", 20, { client_id: "u", status: "seen" })),
      wrote(message("c", 30, { status: "received", direction: "in" })),
    ];
    let seed = 11;
    const random = () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    };
    for (let round = 0; round < 200; round++) {
      const shuffled = [...events, ...events.filter(() => random() < 0.5)]
        .map((event) => [random(), event] as const)
        .sort(([a], [b]) => a - b);
      const end = shuffled.reduce<unknown>((have, [, event]) => reduce(THREAD, have, event, "me"), pages([]));
      expect(ids(end)).toEqual(["c b a"]);
      expect((end as Families["messages"]).pages[0]?.items[1]?.status).toBe("seen");
    }
  });

  it("carries a customer's new name into rows, heads and the panel", () => {
    const customer: Customer = {
      id: "cus_a",
      display_name: "Lan",
      label_ids: ["lbl_1"],
      label_refusals: [],
      group: "restricted",
      created_at: 0,
      identities: [],
      fields: {},
    };
    const change: Change = { kind: "customer.upserted", data: customer };
    const list = reduce(ALL, pages([conversation("a", 1)]), change, "me") as Families["conversations"];
    expect(list.pages[0]?.items[0]?.customer.display_name).toBe("Lan");
    expect(list.pages[0]?.items[0]?.label_ids).toEqual(["lbl_1"]);
    const head = reduce(keys.conversation("a"), conversation("a", 1), change, "me") as Conversation;
    expect(head.customer.display_name).toBe("Lan");
    expect(head.customer.group).toBe("restricted");
    const left: Change = { kind: "customer.upserted", data: { ...customer, group: undefined } };
    expect((reduce(keys.conversation("a"), head, left, "me") as Conversation).customer.group).toBeUndefined();
    expect(reduce(keys.customer("cus_a"), { ...customer, display_name: "x" }, change, "me")).toBe(customer);
  });

  it("keeps labels in their order, and takes a removed one off everywhere", () => {
    const label = (id: string, position: number): Label => ({
      id,
      name: id,
      colour: "teal",
      kind: "normal",
      position,
      archived: false,
      pushed: false,
    });
    const [a, b] = [label("a", 0), label("b", 1)];
    const first: Change = { kind: "label.upserted", data: label("b", -1) };
    expect((reduce(keys.labels(), [a, b], first, "me") as Label[]).map((l) => l.id)).toEqual(["b", "a"]);
    const gone: Change = { kind: "label.removed", data: { id: "a" } };
    expect(reduce(keys.labels(), [a, b], gone, "me")).toEqual([b]);
    const carrier = conversation("c", 1, { label_ids: ["a", "b"] });
    const list = reduce(ALL, pages([carrier]), gone, "me") as Families["conversations"];
    expect(list.pages[0]?.items[0]?.label_ids).toEqual(["b"]);
    expect((reduce(keys.conversation("c"), carrier, gone, "me") as Conversation).label_ids).toEqual(["b"]);
    const plain = conversation("d", 1);
    expect(reduce(keys.conversation("d"), plain, gone, "me")).toBe(plain);
  });

  it("puts channels and members by id", () => {
    const channel = { id: "ch_1", name: "new" } as Channel;
    const change: Change = { kind: "channel.upserted", data: channel };
    expect(reduce(keys.channels(), [{ id: "ch_1", name: "old" }, { id: "ch_2" }], change, "me")).toEqual([
      channel,
      { id: "ch_2" },
    ]);
    const member = { id: "m9" } as Member;
    expect(reduce(keys.members(), [], { kind: "member.upserted", data: member }, "me")).toEqual([member]);
  });

  it("names what the server must compute anew", () => {
    const client = new QueryClient();
    client.setQueryData(keys.conversation("a"), conversation("a", 1));
    const stale = applyChange(client, upsert(conversation("a", 2, { change_seq: 2 })), "me");
    const changed = conversation("a", 2);
    expect(stale).toEqual([["counts"], ["decision", "a"], ["customer", changed.customer.id]]);
    expect(client.getQueryData<Conversation>(keys.conversation("a"))?.last_message_at).toBe(2);
    const pool: Change = { kind: "channel.upserted", data: { id: "ch_1" } as Channel };
    expect(applyChange(client, pool, "me")).toEqual([["decision"]]);
  });
});

describe("a message's status", () => {
  const order = ["queued", "sending", "unknown", "sent", "delivered", "seen"] as const;
  it("never goes backwards", () => {
    for (const [i, have] of order.entries()) {
      for (const [j, got] of order.entries()) {
        const kept = newerMessage(message("m", 1, { status: have }), message("m", 1, { status: got }));
        expect(kept.status).toBe(order[Math.max(i, j)]);
      }
    }
  });

  it("takes other changes of an older view all the same", () => {
    const kept = newerMessage(
      message("m", 1, { status: "seen" }),
      message("m", 1, { status: "sent", platform_id: "p" }),
    );
    expect(kept).toMatchObject({ status: "seen", platform_id: "p" });
  });

  it("goes back to waiting only when a failed message is sent again", () => {
    const failed = message("m", 1, { status: "failed" });
    const again = message("m", 2, { status: "queued" });
    expect(newerMessage(failed, again).status).toBe("queued");
    expect(newerMessage(again, failed).status).toBe("queued");
    // The answer to the first try, which comes after the news that it failed.
    expect(newerMessage(failed, message("m", 1, { status: "queued" })).status).toBe("failed");
  });
});

it("knows where a conversation belongs", () => {
  const c = conversation("a", 1, { assignee_id: "me", unread_count: 1 });
  const at = (filter: string) => belongs(c, { filter }, "me");
  expect(["all", "mine", "unassigned", "unread", "closed"].map(at)).toEqual([true, true, false, true, false]);
  expect(belongs(c, { filter: "mine" }, undefined)).toBe(false);
});

it("applies to a slow answer what happened while it was under way", () => {
  const replay = new Replay();
  replay.note(wrote(message("m0", 5)));
  const from = replay.position();
  replay.note(wrote(message("m2", 20)));
  for (let i = 0; i < 3; i++) replay.note(upsert(conversation("a", i)));
  expect(ids(replay.since(from, THREAD, pages([message("m1", 10)]), "me"))).toEqual(["m2 m1"]);
});

it("jobs are kept current, a new one stands first", () => {
  const job = (id: string, done: number) => ({ id, done }) as BulkJob;
  const take = (have: BulkJob[], data: BulkJob) =>
    reduce(keys.bulkJobs(), have, { kind: "bulk_job.upserted", data }, "me");
  const have = [job("b", 1), job("a", 1)];
  expect(take(have, job("a", 2))).toEqual([job("b", 1), job("a", 2)]);
  expect(take(have, job("c", 0))).toEqual([job("c", 0), job("b", 1), job("a", 1)]);
});

it("a view's conditions are asked as the server asks them", () => {
  const fits = (criteria: Partial<Criteria>, extra: Partial<Conversation>) =>
    belongs(
      conversation("a", 1, extra),
      { filter: "all", criteria: { statuses: ["open", "closed"], ...criteria } },
      "mem_1",
    );
  for (const [criteria, extra, expected] of [
    [{}, {}, true],
    [{}, { status: "closed" }, true],
    [{}, { status: "pending" }, false],
    [{ channels: ["ch_2"] }, {}, false],
    [{ channels: [] }, {}, true],
    [{ unread: true }, {}, false],
    [{ unread: true }, { unread_count: 1 }, true],
    [{ assignee: { is: "me" } }, { assignee_id: "mem_1" }, true],
    [{ assignee: { is: "me" } }, {}, false],
    [{ assignee: { is: "anyone" } }, { assignee_id: "mem_2" }, true],
    [{ assignee: { is: "anyone" } }, {}, false],
    [{ assignee: { is: "member", member_id: "mem_2" } }, { assignee_id: "mem_2" }, true],
    [{ assignee: { is: "member", member_id: "mem_2" } }, { assignee_id: "mem_1" }, false],
  ] as [Partial<Criteria>, Partial<Conversation>, boolean][]) {
    expect([criteria, extra, fits(criteria, extra)]).toEqual([criteria, extra, expected]);
  }
});

describe("messages that are to be sent later", () => {
  const later = (id: string, sendAt: number, extra: Partial<ScheduledMessage> = {}): ScheduledMessage =>
    ({
      id,
      conversation_id: "c1",
      status: "waiting",
      send_at: sendAt,
      updated_at: 1,
      ...extra,
    }) as ScheduledMessage;
  const have = [later("a", 10), later("b", 20)];
  const apply = (data: ScheduledMessage, list = have) =>
    reduce(keys.scheduled("c1"), list, { kind: "scheduled.upserted", data }, "me") as ScheduledMessage[];

  it.each([
    ["a new one stands by its time", later("n", 15), "a n b"],
    ["one that moved stands by its new time", later("a", 30, { updated_at: 2 }), "b a"],
    ["one that came back stays", later("a", 10, { status: "returned", updated_at: 2 }), "a b"],
    ["one that was sent goes", later("a", 10, { status: "sent", updated_at: 2 }), "b"],
    ["one that was taken back goes", later("b", 20, { status: "canceled", updated_at: 2 }), "a"],
    ["one that was never here and is over changes nothing", later("x", 1, { status: "sent" }), "a b"],
    ["another thread's changes nothing", later("x", 1, { conversation_id: "c2" }), "a b"],
  ])("%s", (_, data, want) => {
    expect(
      apply(data)
        .map((m) => m.id)
        .join(" "),
    ).toBe(want);
  });

  it("an older view changes nothing, and the same one gives the same list", () => {
    const newer = [later("a", 10, { updated_at: 5 })];
    expect(apply(later("a", 99, { updated_at: 4 }), newer)).toBe(newer);
    expect(apply(later("a", 10), have)).toBe(have);
  });
});
