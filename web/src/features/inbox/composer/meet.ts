/**
 * Two versions of one draft: the one in this window, and one that another tab or device wrote. Neither replaces the
 * other silently. Pure.
 */
import type { Draft } from "~/api/types";

type Written = Pick<Draft, "text" | "attachments">;

export const emptyDraft: Written = { text: "", attachments: [] };

export const isEmptyDraft = (draft: Written) => draft.text === "" && draft.attachments.length === 0;

export function sameDraft(a: Written, b: Written): boolean {
  return (
    a.text === b.text &&
    a.attachments.length === b.attachments.length &&
    a.attachments.every((file, at) => file.id === b.attachments[at]?.id)
  );
}

/**
 * What to do when `theirs` is heard of. `base` is what both last agreed on; `sending` is a version of ours on its
 * way to the server.
 *
 * - `keep`: nothing new, or ours already; - `take`: only they wrote; - `ask`: both wrote.
 */
export function meet(
  mine: Written,
  base: Written,
  theirs: Written,
  sending?: Written,
): "keep" | "take" | "ask" {
  if (sameDraft(mine, theirs) || sameDraft(theirs, base)) return "keep";
  if (sending && sameDraft(theirs, sending)) return "keep";
  return sameDraft(mine, base) ? "take" : "ask";
}

/** Both versions in one, theirs first, as it was written down first. */
export function joinDrafts(mine: Written, theirs: Written): Written {
  const known = new Set(theirs.attachments.map((file) => file.id));
  return {
    text: [theirs.text, mine.text].filter(Boolean).join("\n"),
    attachments: [...theirs.attachments, ...mine.attachments.filter((file) => !known.has(file.id))],
  };
}
