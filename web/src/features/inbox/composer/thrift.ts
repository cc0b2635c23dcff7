/**
 * When a word about sparing the last free replies is in place. It warns and offers; it never holds a message back.
 * Pure.
 */
import type { ComposerState } from "./state";

/** So many replies or fewer are "the last ones". */
const LAST = 2;

/** A text shorter than this could share its message with the next thought. Characters. */
const SHORT = 40;

export interface Thrift {
  kind: /** A short text would use one of the last replies; writing on in the same message saves one. */
    | "short_on_last"
    /** What is attached goes as more messages than are free. */
    | "more_than_left";
  /** Free replies left. */
  remain: number;
  /** Messages that would go out. */
  messages: number;
  /** Of these, how many are beyond the free ones. */
  beyond: number;
}

/** The word that fits, for a text that would go out as so many messages; null: none. */
export function thrift(
  state: Pick<ComposerState, "class" | "reply">,
  text: string,
  messages: number,
): Thrift | null {
  const remain = state.reply?.remain;
  if (state.class !== "reply" || remain == null || remain < 1 || messages < 1) return null;
  const beyond = Math.max(0, messages - remain);
  if (beyond > 0) return { kind: "more_than_left", remain, messages, beyond };
  const length = [...text.trim()].length;
  // Who already writes several lines has put them together.
  const alone = length > 0 && length < SHORT && !text.trim().includes("\n");
  return alone && remain <= LAST ? { kind: "short_on_last", remain, messages, beyond } : null;
}
