/** What the socket says, as the API description has it: a kind that the server adds fails the type check. */
import type { components } from "~/api/schema.gen";

import type { ThreadPresence } from "~/api/types";

type Described = components["schemas"]["RealtimeChange"];

export type EventKind = Described["kind"];

/** What an event of each kind carries: the view of what changed, as it is now. */
export type Payloads = { [K in EventKind]: Extract<Described, { kind: K }>["data"] };

/** One committed change; a union over the kinds. */
export type Change = { [K in EventKind]: { kind: K; data: Payloads[K] } }[EventKind];

export type Frame =
  | { type: "hello"; seq: number }
  | { type: "too_old"; seq: number }
  | { type: "presence"; threads: ThreadPresence[] }
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
  if (frame.type === "presence") return Array.isArray(frame.threads);
  if (typeof frame.seq !== "number") return false;
  if (frame.type === "hello" || frame.type === "too_old") return true;
  return frame.type === "event" && typeof frame.kind === "string";
}
