/** What is typed and attached, as the messages that go out. Pure. */
import type { StoredFile } from "~/api/types";

export interface Outgoing {
  text?: string;
  file?: StoredFile;
}

/**
 * The platform takes one file a message, and text only with pictures. The text goes with the first picture;
 * without one it goes by itself after the files.
 */
export function split(text: string, files: StoredFile[]): Outgoing[] {
  const trimmed = text.trim();
  const captioned = trimmed ? files.findIndex((file) => file.media_type.startsWith("image/")) : -1;
  const out: Outgoing[] = files.map((file, at) => (at === captioned ? { file, text: trimmed } : { file }));
  if (trimmed && captioned < 0) out.push({ text: trimmed });
  return out;
}

/**
 * A text in parts of at most `max` characters: cut between paragraphs where there are some, else between lines,
 * sentences or words, and only a word that is longer than a whole message is cut in itself.
 */
export function parts(text: string, max: number): string[] {
  const out: string[] = [];
  let rest = [...text.trim()];
  while (rest.length > max) {
    const head = rest.slice(0, max + 1).join("");
    // A part that is hardly begun is no place to cut.
    const least = head.length / 3;
    const ends = [/\n\s*\n/g, /\n/g, /[.!?…]\s/g, /\s/g].map((border) =>
      [...head.matchAll(border)].map((m) => m.index + (m[0].trim() ? 1 : 0)).findLast((at) => at >= least),
    );
    const at = ends.find((end) => end !== undefined);
    const cut = at === undefined ? max : [...head.slice(0, at)].length;
    out.push(rest.slice(0, cut).join("").trim());
    rest = [...rest.slice(cut).join("").trim()];
  }
  return [...out, rest.join("")].filter((part) => part !== "");
}
