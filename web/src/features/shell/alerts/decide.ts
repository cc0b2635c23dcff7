/**
 * Which new messages are worth a sound or a notification of the desktop, and what it says. Pure.
 *
 * A message of our own never is. Whoever looks at the conversation hears nothing of it; whoever looks at another one
 * gets a sound; whoever is away gets both. Many at once are one.
 */
import type { Message } from "~/api/types";
import { isQuiet, type Preferences } from "~/ui/preferences";

export interface Incoming {
  message: Message;
  /** Name of the customer. */
  name: string;
  /** Who answers the conversation. */
  assignee: string | null;
  /** The member was looking at the conversation when it came. */
  seen: boolean;
}

export interface Place {
  /** Id of the signed-in member. */
  me: string | undefined;
  now: number;
  /** Is this window looked at? */
  watching: boolean;
  /** Did the browser's owner permit notifications? */
  permitted: boolean;
}

export type Words =
  | { kind: "one"; name: string; message: Message }
  | { kind: "customer"; name: string; count: number; message: Message }
  | { kind: "many"; count: number; customers: number };

export interface Alert {
  sound: boolean;
  /** What the desktop says, and the conversation that a click opens. */
  desktop: { words: Words; conversation: string } | null;
}

/** A message older than this came late, after a lost line: it stands in the list, and needs no bell. Milliseconds. */
const LATE = 5 * 60_000;

/** Did it come about just now, so that a bell is in place? */
export const isFresh = (at: number, now: number): boolean => now - at < LATE;

/** Is this change of a message the coming of a customer's new message? */
export function isNew(message: Message, now: number): boolean {
  return message.author === "customer" && message.direction === "in" && isFresh(message.created_at, now);
}

/** What to do about everything that came within one moment; null: nothing. */
export function decide(batch: readonly Incoming[], place: Place, likes: Preferences): Alert | null {
  if (isQuiet(likes.quiet, place.now)) return null;
  const meant = batch.filter(
    ({ assignee, seen }) => !seen && (likes.about === "all" || assignee === null || assignee === place.me),
  );
  const last = meant.at(-1);
  if (!last) return null;
  const conversations = new Set(meant.map((m) => m.message.conversation_id));
  const { name, message } = last;
  const words: Words =
    meant.length === 1
      ? { kind: "one", name, message }
      : conversations.size === 1
        ? { kind: "customer", name, count: meant.length, message }
        : { kind: "many", count: meant.length, customers: conversations.size };
  const desktop = likes.desktop && place.permitted && !place.watching;
  if (!desktop && !likes.sound) return null;
  return { sound: likes.sound, desktop: desktop ? { words, conversation: message.conversation_id } : null };
}

/** Tomorrow morning at eight by the clock on the wall. */
export function tomorrow(now: number): number {
  const at = new Date(now);
  at.setDate(at.getDate() + 1);
  at.setHours(8, 0, 0, 0);
  return at.getTime();
}
