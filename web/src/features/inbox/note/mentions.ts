/** Mentions in notes: `@[mem_…]` as stored, `@Name` while it is written. Pure. */
import { fold } from "~/ui/fold";

export interface Mentionable {
  id: string;
  display_name: string;
}

const TOKEN = /@\[(mem_[0-9a-f]{32})\]/g;

export type Part = { text: string } | { member: string };

/** The text in parts: words, and members by id. */
export function parts(text: string): Part[] {
  const list: Part[] = [];
  let from = 0;
  for (const found of text.matchAll(TOKEN)) {
    if (found.index > from) list.push({ text: text.slice(from, found.index) });
    list.push({ member: found[1] ?? "" });
    from = found.index + found[0].length;
  }
  if (from < text.length) list.push({ text: text.slice(from) });
  return list;
}

/** From `@Name` to `@[id]`, for the members that were picked; the longest name first. */
export function toStored(typed: string, picked: readonly Mentionable[]): string {
  const names = [...picked].sort((a, b) => b.display_name.length - a.display_name.length);
  return names.reduce((text, m) => text.replaceAll(`@${m.display_name}`, `@[${m.id}]`), typed);
}

/** From `@[id]` to `@Name`, for changing a note. */
export function toTyped(stored: string, members: readonly Mentionable[]): string {
  return parts(stored)
    .map((part) =>
      "text" in part ? part.text : `@${members.find((m) => m.id === part.member)?.display_name ?? "…"}`,
    )
    .join("");
}

/** The mention that is being typed before the caret: its place and what is typed of it. */
export function typing(text: string, caret: number): { from: number; query: string } | null {
  const before = text.slice(0, caret);
  const from = before.lastIndexOf("@");
  if (from < 0 || (from > 0 && !/\s/.test(before[from - 1] ?? ""))) return null;
  const query = before.slice(from + 1);
  return query.length <= 30 && !query.includes("\n") && !query.startsWith(" ") ? { from, query } : null;
}

/** Who fits what was typed, with or without diacritics; at most six. */
export function fitting<M extends Mentionable>(members: readonly M[], query: string): M[] {
  const wanted = fold(query);
  return members.filter((m) => ` ${fold(m.display_name)}`.includes(` ${wanted}`)).slice(0, 6);
}
