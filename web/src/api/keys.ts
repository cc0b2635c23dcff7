/** Names of what is kept in the query cache. Each family stands here once, so that no key is typed twice. */
import type { Criteria, Filter, ViewSort } from "./types";

export interface ListParams {
  filter: Filter;
  channel?: string;
  label?: string;
  q?: string;
  /** What closes next first; absent: the latest message first. */
  sort?: "closing";
  /** A saved view instead of the filter. */
  view?: string;
}

/** A list with what its view asks for, so that a view that changes is another list. */
export interface ListKey extends ListParams {
  criteria?: Criteria;
  /** The view's order. */
  order?: ViewSort;
}

export const keys = {
  setup: () => ["setup"] as const,
  session: () => ["session"] as const,
  conversations: (params: ListKey) => ["conversations", params] as const,
  conversation: (id: string) => ["conversation", id] as const,
  counts: (channel?: string) => ["counts", channel ?? null] as const,
  views: () => ["views"] as const,
  viewCounts: () => ["view-counts"] as const,
  bulkTold: (job: string, state: string) => ["bulk-told", job, state] as const,
  bulkJobs: () => ["bulk-jobs"] as const,
  messages: (conversation: string) => ["messages", conversation] as const,
  decision: (conversation: string) => ["decision", conversation] as const,
  decisionAt: (conversation: string, at: number) => ["decision", conversation, at] as const,
  scheduled: (conversation: string) => ["scheduled", conversation] as const,
  hours: () => ["hours"] as const,
  hoursSuggestions: () => ["hours-suggestions"] as const,
  autoReply: (channel: string) => ["auto-reply", channel] as const,
  draft: (conversation: string) => ["draft", conversation] as const,
  customers: (query: object) => ["customers", query] as const,
  customerLayout: () => ["customer-layout"] as const,
  /** How the list looks now; not of the server. */
  customerLook: () => ["customer-look"] as const,
  customerFields: () => ["customer-fields"] as const,
  capabilities: () => ["capabilities"] as const,
  packages: () => ["packages"] as const,
  customerViews: () => ["customer-views"] as const,
  customerSettings: () => ["customer-settings"] as const,
  phoneGroups: () => ["phone-groups"] as const,
  groupNumbers: (group: string, q: string) => ["phone-groups", "numbers", group, q] as const,
  groupUploads: (group: string) => ["phone-groups", "uploads", group] as const,
  groupUpload: (group: string, id: string) => ["phone-groups", "uploads", group, id] as const,
  filterFields: () => ["filter-fields"] as const,
  customer: (id: string) => ["customer", id] as const,
  followOffers: (customer: string) => ["follow-offers", customer] as const,
  channels: () => ["channels"] as const,
  offer: (channel: string) => ["offer", channel] as const,
  zaloApp: () => ["zalo-app"] as const,
  members: () => ["members"] as const,
  rawEvents: () => ["raw-events"] as const,
  notifications: () => ["notifications"] as const,
  report: (channel: string, reason: string) => ["report", channel, reason] as const,
  quotaHistory: (channel: string, days: number) => ["quota-history", channel, days] as const,
  inboxSettings: () => ["inbox-settings"] as const,
  labels: () => ["labels"] as const,
  labelUsage: () => ["label-usage"] as const,
  replies: () => ["replies"] as const,
  filledReplies: (conversation: string) => ["filled-replies", conversation] as const,
  macros: () => ["macros"] as const,
  macroPreview: (id: string, conversation: string) => ["macro-preview", id, conversation] as const,
  search: (q: string) => ["search", q] as const,
  foundMessages: (q: string) => ["found-messages", q] as const,
};
