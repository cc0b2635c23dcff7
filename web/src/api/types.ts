/** Short names for the generated types. Nothing here is written by hand but the names. */
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Attachment = Schemas["Attachment"];
export type AutoReply = Schemas["AutoReply"];
export type BulkAction = Schemas["BulkAction"];
export type BulkJob = Schemas["BulkJob"];
export type CannedReply = Schemas["CannedReply"];
export type Capabilities = Schemas["Capabilities"];
export type Channel = Schemas["Channel"];
export type Code = Schemas["Code"];
export type Conversation = Schemas["Conversation"];
export type Counts = Schemas["Counts"];
export type Criteria = Schemas["Criteria"];
export type Customer = Schemas["Customer"];
export type CustomerField = Schemas["CustomerField"];
export type BulkItem = Schemas["BulkItem"];
export type CustomerListView = Schemas["CustomerListView"];
export type BrokenPart = Schemas["BrokenPart"];
export type CustomerLayout = Schemas["CustomerLayout"];
export type CustomerPage = Schemas["CustomerPage"];
export type CustomerRow = Schemas["CustomerRow"];
export type Decision = Schemas["Decision"];
export type DateFormat = Schemas["DateFormat"];
export type DecisionView = Schemas["DecisionView"];
export type Done = Schemas["Done"];
export type Draft = Schemas["Draft"];
export type Episode = Schemas["Episode"];
export type FilledReply = Schemas["FilledReply"];
export type FilterField = Schemas["FilterField"];
export type FilterNode = Schemas["FilterNode"];
export type FilterOp = Schemas["FilterOp"];
export type FollowOffer = Schemas["FollowOffer"];
export type FollowRemoved = Schemas["FollowRemoved"];
export type Grant = Schemas["Grant"];
export type Holiday = Schemas["Holiday"];
export type Hours = Schemas["HoursView"];
export type HoursPlan = Schemas["HoursPlan"];
export type HoursRange = Schemas["HoursRange"];
export type GroupNumber = Schemas["GroupNumber"];
export type Identity = Schemas["Identity"];
export type Label = Schemas["Label"];
export type Macro = Schemas["Macro"];
export type MacroAction = Schemas["MacroAction"];
export type MacroEffect = Schemas["MacroEffect"];
export type MacroPreview = Schemas["MacroPreview"];
export type Mask = Schemas["Mask"];
export type Member = Schemas["Member"];
export type Message = Schemas["Message"];
export type Notification = Schemas["Notification"];
export type Offer = Schemas["Offer"];
export type MessagesPage = Schemas["MessagesPage"];
export type PackageView = Schemas["PackageView"];
export type Problem = Schemas["Problem"];
export type PhoneGroup = Schemas["PhoneGroup"];
export type PhoneGroupCounts = Schemas["PhoneGroupView"];
export type QuotaHistory = Schemas["QuotaHistory"];
export type RawEvent = Schemas["RawEvent"];
export type Reason = Schemas["Reason"];
export type ReactionIcon = Schemas["ReactionIcon"];
export type ReplyLeft = Schemas["ReplyLeft"];
export type Report = Schemas["Report"];
export type ReportReason = Schemas["ReportReason"];
export type Role = Schemas["Role"];
export type SavedView = Schemas["SavedView"];
export type SearchHit = Schemas["SearchHit"];
export type ScheduledMessage = Schemas["ScheduledMessage"];
export type Session = Schemas["Session"];
export type Setup = Schemas["Setup"];
export type Snooze = Schemas["Snooze"];
export type Sort = Schemas["Sort"];
export type Said = Schemas["RealtimeSaid"];
export type StoredFile = Schemas["File"];
export type ThreadPresence = Schemas["ThreadPresence"];
export type UploadReport = Schemas["UploadReport"];
export type Viewer = Schemas["Viewer"];
export type ViewSort = Schemas["ViewSort"];
export type Template = Schemas["Template"];
export type ZaloApp = Schemas["ZaloApp"];

export type Filter = "all" | "mine" | "unassigned" | "unread" | "pending" | "snoozed" | "closed";

/** A page of a list; `next` asks for what follows. */
export interface Page<T> {
  items: T[];
  next?: string | null;
}
