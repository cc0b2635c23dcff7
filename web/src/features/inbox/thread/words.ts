import type { TFunction } from "i18next";

/** The platform's codes of reactions as they are seen on a phone; an unknown code is shown as it came. */
const EMOJI: Record<string, string> = {
  "/-heart": "❤️",
  "/-strong": "👍",
  ":>": "😄",
  ":o": "😮",
  ":-((": "😭",
  ":-h": "😡",
};

export const emojiOf = (icon: string): string => EMOJI[icon] ?? icon;

/** What happened beside messages: the server names the event, the words are the reader's. */
export function systemLine(event: string | null | undefined, t: TFunction): string {
  const key = `thread.event.${event ?? "other"}` as "thread.event.other";
  return t(key, { defaultValue: t("thread.event.other") });
}
