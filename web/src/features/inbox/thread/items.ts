/** The thread as it is drawn: day headings, bubbles in groups, and what is still on its way. Pure. */
import type { Message } from "~/api/types";
import { dayKey } from "~/i18n/format";
import type { Pending } from "../outbox";

export type Item =
  | { type: "day"; key: string; at: number }
  | {
      type: "message";
      key: string;
      message: Message;
      /** First and last of a run of one author within five minutes. */
      first: boolean;
      last: boolean;
    }
  | { type: "pending"; key: string; pending: Pending; first: boolean; last: boolean };

const RUN = 5 * 60_000;

interface Entry {
  key: string;
  at: number;
  who: string;
  message?: Message;
  pending?: Pending;
}

/** From messages (in any order) and pending ones to drawn items, oldest first. */
export function threadItems(messages: readonly Message[], pending: readonly Pending[]): Item[] {
  const known = new Set(messages.map((m) => m.client_id).filter(Boolean));
  const entries: Entry[] = messages
    .map((message) => ({
      // A pending message keeps its place on the screen when the server's copy takes over.
      key: message.client_id ?? message.id,
      at: message.sent_at,
      // A note and a line stand for themselves.
      who:
        message.done || message.kind === "note"
          ? message.id
          : `${message.direction}/${message.author}/${message.member_id ?? ""}`,
      message,
    }))
    .sort((a, b) => a.at - b.at || (a.message.id < b.message.id ? -1 : 1));
  for (const p of pending) {
    if (!known.has(p.clientId))
      entries.push({ key: p.clientId, at: p.createdAt, who: "pending", pending: p });
  }

  const items: Item[] = [];
  for (const [index, entry] of entries.entries()) {
    const before = entries[index - 1];
    const after = entries[index + 1];
    const day = dayKey(entry.at);
    if (!before || dayKey(before.at) !== day) items.push({ type: "day", key: `day-${day}`, at: entry.at });
    const place = { first: !joins(before, entry), last: !joins(entry, after) };
    if (entry.message) items.push({ type: "message", key: entry.key, message: entry.message, ...place });
    else if (entry.pending) items.push({ type: "pending", key: entry.key, pending: entry.pending, ...place });
  }
  return items;
}

function joins(a: Entry | undefined, b: Entry | undefined): boolean {
  if (!a || !b) return false;
  const own = (e: Entry) => e.who === "pending" || e.who.startsWith("out/member");
  const same = a.who === b.who || (own(a) && own(b) && (a.who === "pending" || b.who === "pending"));
  return same && b.at - a.at < RUN && dayKey(a.at) === dayKey(b.at);
}
