/** Where a canned reply is being looked for in what is typed. Pure. */

export interface Slash {
  /** Place of the "/". */
  from: number;
  /** What follows it, up to the caret. */
  query: string;
}

/**
 * The "/" before the caret that looks for a canned reply: at the beginning or after a blank, with no blank behind it.
 * So "https://", "1/2" and "và/hoặc" never do.
 */
export function slashAt(text: string, caret: number): Slash | null {
  const before = text.slice(0, caret);
  const from = before.lastIndexOf("/");
  if (from < 0 || /\s/.test(before.slice(from))) return null;
  if (from > 0 && !/\s/.test(before[from - 1] ?? "")) return null;
  return { from, query: before.slice(from + 1) };
}

/**
 * Two slashes where one would look for a reply are one that is only a slash. The text and caret with it, or null when
 * that is not what was typed.
 */
export function doubled(text: string, caret: number): { text: string; caret: number } | null {
  if (text.slice(caret - 2, caret) !== "//") return null;
  if (slashAt(text, caret - 1)?.from !== caret - 2) return null;
  return { text: text.slice(0, caret - 1) + text.slice(caret), caret: caret - 1 };
}

/** The text with a reply in place of what looked for it, and the caret behind the reply. */
export function insert(text: string, slash: Slash, reply: string): { text: string; caret: number } {
  const end = slash.from + 1 + slash.query.length;
  return {
    text: text.slice(0, slash.from) + reply + text.slice(end),
    caret: slash.from + reply.length,
  };
}
