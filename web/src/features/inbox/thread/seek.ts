/** Finding messages among what is drawn. Pure. */
import type { Item } from "./items";

/** A message by our id, or by the platform's when ours is not known. */
export interface Target {
  id?: string | null;
  platform_id?: string | null;
}

/** Where the message stands; -1 when it is not loaded. */
export function at(items: readonly Item[], target: Target): number {
  return items.findIndex(
    (item) =>
      item.type === "message" &&
      (item.message.id === target.id ||
        (target.platform_id != null && item.message.platform_id === target.platform_id)),
  );
}

/**
 * The next message above (-1) or below (1) that one may walk to; lines of the system and headings are passed over.
 * Without a start it is the newest. Null: there is none.
 */
export function neighbour(items: readonly Item[], from: string | null, by: 1 | -1): number | null {
  const start = from === null ? -1 : at(items, { id: from });
  let index = start < 0 ? items.length - 1 : start + by;
  const way = start < 0 ? -1 : by;
  for (; index >= 0 && index < items.length; index += way) {
    const item = items[index];
    // A line about what happened cannot be answered, and takes no focus.
    if (item?.type === "message" && item.message.author !== "system" && !item.message.done) return index;
  }
  return null;
}
