/** What the socket says. The views inside are those of the API description. */
import type { Channel, Conversation, Customer, Member, Message } from "~/api/types";

export interface Payloads {
  "message.upserted": Message;
  "message.removed": { id: string; conversation_id: string };
  "conversation.upserted": Conversation;
  "customer.upserted": Customer;
  "channel.upserted": Channel;
  "member.upserted": Member;
}

export type EventKind = keyof Payloads;

/** One committed change; a union over the kinds. */
export type Change = { [K in EventKind]: { kind: K; data: Payloads[K] } }[EventKind];

export type Frame =
  | { type: "hello"; seq: number }
  | { type: "too_old"; seq: number }
  | { type: "event"; seq: number; kind: string; data: unknown };

/** The frames in a text of the socket: one object or an array of them. Anything else is no frame. */
export function readFrames(text: string): Frame[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [];
  }
  return (Array.isArray(parsed) ? parsed : [parsed]).filter(isFrame);
}

function isFrame(x: unknown): x is Frame {
  if (typeof x !== "object" || x === null) return false;
  const frame = x as Record<string, unknown>;
  if (typeof frame.seq !== "number") return false;
  if (frame.type === "hello" || frame.type === "too_old") return true;
  return frame.type === "event" && typeof frame.kind === "string";
}
