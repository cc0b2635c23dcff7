/** Kinds of actions as the editor offers them. Pure. */
import type { MacroAction } from "~/api/types";

export type Kind = MacroAction["kind"];

export const KINDS = [
  "send_text",
  "send_reply",
  "put_labels",
  "remove_labels",
  "assign_me",
  "assign",
  "unassign",
  "set_status",
] as const satisfies readonly Kind[];

export function kindOf(action: MacroAction): Kind {
  return action.kind;
}

/** An action of this kind before anything is said about it. */
export function blank(kind: Kind): MacroAction {
  switch (kind) {
    case "send_text":
      return { kind, text: "" };
    case "send_reply":
      return { kind, reply_id: "" };
    case "put_labels":
    case "remove_labels":
      return { kind, label_ids: [] };
    case "assign":
      return { kind, member_id: "" };
    case "set_status":
      return { kind, status: "closed" };
    case "assign_me":
    case "unassign":
      return { kind };
  }
}

/** Is everything said that the action needs? */
export function isComplete(action: MacroAction): boolean {
  switch (action.kind) {
    case "send_text":
      return action.text.trim() !== "";
    case "send_reply":
      return action.reply_id !== "";
    case "put_labels":
    case "remove_labels":
      return action.label_ids.length > 0;
    case "assign":
      return action.member_id !== "";
    default:
      return true;
  }
}
