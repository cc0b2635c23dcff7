import { describe, expect, it } from "vitest";
import { compare } from "../use-recheck";
import { type ComposerState, composerState } from "./state";

const at = (extra: Partial<ComposerState>): ComposerState => ({
  ...composerState(undefined),
  kind: "free_consultation_used_up",
  enabled: true,
  class: "paid",
  ...extra,
});
const counter = (used: number, asOf: number) => ({ used, total: 2000, asOf, stale: false });

describe("what a check found", () => {
  it.each([
    ["nothing", at({ counter: counter(9, 1) }), at({ counter: counter(9, 2) }), "same"],
    ["another number", at({ counter: counter(9, 1) }), at({ counter: counter(7, 2) }), "changed"],
    ["the lock is off", at({ kind: "locked_no_money", enabled: false }), at({}), "try"],
    [
      "another lock",
      at({ kind: "blocked", enabled: false }),
      at({ kind: "window_closed", enabled: false }),
      "changed",
    ],
    ["free again", at({}), at({ kind: "reply_free", class: "reply" }), "changed"],
  ] as const)("%s", (_name, before, after, want) => expect(compare(before, after)).toBe(want));
});
