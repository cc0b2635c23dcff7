import type { TFunction } from "i18next";
import type { ReactionIcon } from "~/api/types";

/** The platform's codes of reactions as they are seen on a phone; an unknown code is shown as it came. */
const EMOJI: Record<string, string> = {
  "/-heart": "❤️",
  "/-strong": "👍",
  ":>": "😄",
  ":o": "😮",
  ":-((": "😭",
  ":-h": "😡",
};

/** What the OA can answer with, in the platform's order, as it is seen on a phone. */
export const REACTIONS = [
  ["like", "👍"],
  ["love", "❤️"],
  ["laugh", "😄"],
  ["wow", "😮"],
  ["cry", "😭"],
  ["angry", "😡"],
] as const satisfies readonly (readonly [ReactionIcon, string])[];

export const emojiOf = (icon: string): string => EMOJI[icon] ?? icon;

/** What happened beside messages: the server names the event, the words are the reader's. */
export function systemLine(event: string | null | undefined, t: TFunction): string {
  const key = `thread.event.${event ?? "other"}` as "thread.event.other";
  return t(key, { defaultValue: t("thread.event.other") });
}
