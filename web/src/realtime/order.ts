/** Orders and merges that the reducers share. Pure. */
import type { ListKey } from "~/api/keys";
import type { Conversation, Criteria, Message } from "~/api/types";

/** A status never goes backwards; `failed` stands beside `sent`, as only an unsettled message may fail. */
const rank: Record<Message["status"], number> = {
  queued: 0,
  sending: 1,
  unknown: 2,
  failed: 3,
  sent: 4,
  delivered: 5,
  seen: 6,
  received: 7,
};

/**
 * The message to keep of two views of the same one. A late view cannot take a tick away. A failed message
 * that was sent again is queued once more: that is the one way back, the server alone takes it, and it gives the
 * message a later place. So the answer to a send that comes after the news of its failure is known to be old.
 */
export function newerMessage(have: Message, got: Message): Message {
  const retried = have.status === "failed" && rank[got.status] < rank.failed && got.sent_at > have.sent_at;
  const before = got.status === "failed" && rank[have.status] < rank.failed && got.sent_at < have.sent_at;
  if (retried || (rank[got.status] >= rank[have.status] && !before)) return got;
  return { ...got, status: have.status, error: have.error };
}

/** The conversation to keep of two views of the same one. */
export function newerConversation(have: Conversation, got: Conversation): Conversation {
  return got.change_seq >= have.change_seq ? got : have;
}

/** Newest first; the id decides between equal instants, as on the server. */
export function byNewestMessage(a: Message, b: Message): number {
  return b.sent_at - a.sent_at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** The list's order: latest first, or where it came back. */
export function byLatestConversation(a: Conversation, b: Conversation): number {
  return b.sort_at - a.sort_at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** The order of `sort: "closing"`: what ends next first. */
export function byClosingConversation(a: Conversation, b: Conversation): number {
  const [x, y] = [a.closes?.at ?? Number.POSITIVE_INFINITY, b.closes?.at ?? Number.POSITIVE_INFINITY];
  return x === y ? (a.id < b.id ? -1 : a.id > b.id ? 1 : 0) : x - y;
}

/**
 * Can the browser say by itself what belongs to this list, and where? Only the server knows what a search finds; what
 * depends on the time, and another order than the latest first, is read again.
 */
export function isPlain({ q, criteria, order }: ListKey): boolean {
  if (q) return false;
  if (!criteria) return true;
  return !criteria.text && !criteria.waiting_minutes && !criteria.closing_minutes && order === "latest";
}

/** Does the conversation fulfil the conditions that the browser can ask? The same rules as the server's. */
function fulfils(conversation: Conversation, criteria: Criteria, me: string | undefined): boolean {
  if (!criteria.statuses.includes(conversation.status)) return false;
  const channels = criteria.channels ?? [];
  if (channels.length > 0 && !channels.includes(conversation.channel_id)) return false;
  const labels = criteria.labels ?? [];
  if (labels.length > 0 && !labels.some((id) => conversation.label_ids.includes(id))) return false;
  if (criteria.unread && conversation.unread_count === 0) return false;
  const { assignee } = criteria;
  if (!assignee) return true;
  const has = conversation.assignee_id ?? undefined;
  switch (assignee.is) {
    case "me":
      return me !== undefined && has === me;
    case "nobody":
      return has === undefined;
    case "anyone":
      return has !== undefined;
    case "member":
      return has === assignee.member_id;
  }
}

/** Does the conversation belong to this filter? The same rule as the server's list. */
export function belongs(
  conversation: Conversation,
  params: { filter: string; channel?: string; label?: string; sort?: "closing"; criteria?: Criteria },
  me: string | undefined,
): boolean {
  if (params.channel && conversation.channel_id !== params.channel) return false;
  if (params.label && !conversation.label_ids.includes(params.label)) return false;
  if (params.criteria) return fulfils(conversation, params.criteria, me);
  // What is snoozed has left the lists that somebody works from.
  const open = conversation.status === "open" || conversation.status === "pending";
  if (params.sort === "closing" && open && !conversation.closes) return false;
  switch (params.filter) {
    case "closed":
    case "pending":
    case "snoozed":
      return conversation.status === params.filter;
    case "mine":
      return open && me !== undefined && conversation.assignee_id === me;
    case "unassigned":
      return open && conversation.assignee_id == null;
    case "unread":
      return open && conversation.unread_count > 0;
    default:
      return open;
  }
}
