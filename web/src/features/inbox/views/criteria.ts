/** Between the filters of the list and the conditions of a view. Pure. */
import type { ListParams } from "~/api/keys";
import type { Criteria, SavedView } from "~/api/types";

export const STATUSES = ["open", "pending", "snoozed", "closed"] as const satisfies Criteria["statuses"];
/** Spans that are offered, in minutes. */
export const WAITS = [5, 15, 30, 60, 240, 1_440] as const;
export const CLOSES = [30, 60, 240, 720, 1_440, 2_880] as const;

/** What somebody works from. */
const OPEN: Criteria["statuses"] = ["open", "pending"];

/**
 * The conditions of what is shown now: a list that everybody has or a view, and what was chosen and typed beside it. A
 * label is chosen beside a list only.
 */
export function criteriaOf(params: ListParams, view?: SavedView): Criteria {
  const base: Criteria = view ? view.criteria : { ...ofFilter(params.filter), channels: [] };
  return {
    ...base,
    channels: params.channel ? [params.channel] : (base.channels ?? []),
    labels: params.label ? [params.label] : base.labels,
    text: params.q ?? base.text,
  };
}

function ofFilter(params: ListParams["filter"]): Criteria {
  switch (params) {
    case "mine":
      return { statuses: OPEN, assignee: { is: "me" } };
    case "unassigned":
      return { statuses: OPEN, assignee: { is: "nobody" } };
    case "unread":
      return { statuses: OPEN, unread: true };
    case "pending":
    case "snoozed":
    case "closed":
      return { statuses: [params] };
    default:
      return { statuses: OPEN };
  }
}

/** The choice of whose conversations, as one word: empty for whoever's. */
export function assigneeWord(assignee: Criteria["assignee"]): string {
  if (!assignee) return "";
  return assignee.is === "member" ? assignee.member_id : assignee.is;
}

export function assigneeOf(word: string): Criteria["assignee"] {
  if (word === "") return undefined;
  if (word === "me" || word === "nobody" || word === "anyone") return { is: word };
  return { is: "member", member_id: word };
}

/** The list with one item moved by so many places; the same list when there is no such place. */
export function moved<T>(list: readonly T[], from: number, by: number): readonly T[] {
  const to = from + by;
  const item = list[from];
  if (item === undefined || to < 0 || to >= list.length) return list;
  const rest = list.filter((_, index) => index !== from);
  return [...rest.slice(0, to), item, ...rest.slice(to)];
}
