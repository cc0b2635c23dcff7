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
