import { describe, expect, it } from "vitest";
import type { Decision } from "~/api/types";
import { type ComposerKind, composerState, popupOfPlatformCode, popupOfProblem } from "./state";

type Reasons = Record<string, Record<string, unknown>>;

function decision(verdict: "allow" | "deny", reasons: Reasons, extra: Partial<Decision> = {}): Decision {
  return {
    verdict,
    class: null,
    cost_vnd: 0,
    reply: null,
    package: null,
    reasons: Object.entries(reasons).map(([code, params]) => ({ code, params })) as Decision["reasons"],
    edition: "messaging-2024-11",
    decided_at: 1_000,
    changes_at: null,
    allowed_at: null,
    ...extra,
  };
}

const pool = (used: number, total: number) => ({ used, total, reserved: 0, as_of: 900, until: null });

const table: [name: string, decision: Decision, kind: ComposerKind, enabled: boolean, counter?: string][] = [
  [
    "A-S1: a free reply says nothing",
    decision(
      "allow",
      { reply_window_open: { until: 5 } },
      {
        class: "reply",
        reply: { remain: 7, total: 8, until: 5 },
        package: pool(37, 1000),
      },
    ),
    "reply_free",
    true,
  ],
  [
    "A-S1 in the edition that does not count",
    decision(
      "allow",
      { reply_window_open: {} },
      { class: "reply", reply: { remain: null, total: null, until: 5 } },
    ),
    "reply_free",
    true,
  ],
  ["a greeting", decision("allow", { welcome_left: {} }, { class: "welcome" }), "welcome", true],
  [
    "A-S2: the eight are used",
    decision(
      "allow",
      { reply_counter_empty: {}, package_left: {} },
      {
        class: "package",
        package: pool(37, 1000),
      },
    ),
    "next_is_consultation",
    true,
    "37/1000",
  ],
  [
    "A-S2: the window is over",
    decision(
      "allow",
      { reply_window_over: {}, package_left: {} },
      { class: "package", package: pool(40, 1000) },
    ),
    "next_is_consultation",
    true,
    "40/1000",
  ],
  [
    "A-S2 with a number that was never read",
    decision("allow", { package_unknown: {} }, { class: "package" }),
    "next_is_consultation",
    true,
  ],
  [
    "A-S2 from a bought pack",
    decision(
      "allow",
      { package_used_up: {}, extra_left: { remain: 12 } },
      {
        class: "extra",
        package: pool(1000, 1000),
      },
    ),
    "next_is_consultation",
    true,
    "1000/1000",
  ],
  [
    "A-S3: the next one costs money",
    decision(
      "allow",
      { package_used_up: {}, paid_through_zca: {} },
      {
        class: "paid",
        cost_vnd: 55,
        package: pool(2000, 2000),
      },
    ),
    "quota_used_up",
    true,
    "2000/2000",
  ],
  [
    "A-S3 without an account that pays: still enabled, the pop-up answers",
    decision("deny", { package_used_up: {}, zca_not_linked: {} }, { package: pool(2000, 2000) }),
    "quota_used_up",
    true,
    "2000/2000",
  ],
  [
    "A-S6: no money",
    decision("deny", { package_used_up: {}, zca_out_of_money: {} }, { package: pool(2000, 2000) }),
    "locked_no_money",
    false,
    "2000/2000",
  ],
  ["A-S7: 7 days", decision("deny", { interaction_too_old: { days: 7 } }), "window_closed", false],
  [
    "A-S7 beside not following: the last reason decides",
    decision("deny", { not_follower: {}, interaction_too_old: {} }),
    "window_closed",
    false,
  ],
  ["never interacted", decision("deny", { never_interacted: {} }), "never_interacted", false],
  ["A-S8: blocked", decision("deny", { blocked: {} }), "blocked", false],
  ["A-S8: unfollowed", decision("deny", { not_follower: {} }), "blocked", false],
  ["A-S9: reconnect", decision("deny", { channel_disconnected: {} }), "reconnect", false],
  ["a reason of a newer server", decision("deny", { moon_is_full: {} }), "denied", false],
  ["a refusal without reasons", decision("deny", {}), "denied", false],
];

describe("the composer's state", () => {
  it.each(table)("%s", (_name, given, kind, enabled, counter) => {
    const state = composerState(given);
    expect({ kind: state.kind, enabled: state.enabled }).toEqual({ kind, enabled });
    expect(state.counter ? `${state.counter.used}/${state.counter.total}` : undefined).toBe(counter);
  });

  it("is disabled before the decision, and enabled when it cannot be read", () => {
    expect(composerState(undefined)).toMatchObject({ kind: "loading", enabled: false });
    expect(composerState(undefined, true)).toMatchObject({ kind: "unsure", enabled: true });
  });

  it("carries cost, pack and the instant when it opens again", () => {
    expect(composerState(table[7]?.[1]).costVnd).toBe(55);
    expect(composerState(table[6]?.[1]).extraLeft).toBe(12);
    expect(composerState(table[8]?.[1]).notLinked).toBe(true);
    expect(composerState(decision("deny", { moon_is_full: {} }, { allowed_at: 77 })).allowedAt).toBe(77);
  });
});

describe("pop-ups", () => {
  const refused = (code: string) => ({
    code: "send_not_allowed",
    params: { decision: decision("deny", { package_used_up: {}, [code]: {} }) },
  });
  it.each([
    [refused("zca_not_linked"), "not_linked"],
    [refused("zca_out_of_money"), "no_money"],
    [refused("blocked"), null],
    [{ code: "platform_refused", params: { platform_code: -320 } }, "not_linked"],
    [{ code: "platform_refused", params: { platform_code: -321 } }, "no_money"],
    [{ code: "platform_refused", params: { platform_code: -32 } }, null],
    [{ code: "text_too_long", params: { max: 2000 } }, null],
    [{ code: "send_not_allowed" }, null],
  ])("%j: %s", (problem, popup) => {
    expect(popupOfProblem(problem)).toBe(popup);
  });

  it("knows the platform's two codes and no others", () => {
    expect([-320, -321, -216, 0, null, undefined].map(popupOfPlatformCode)).toEqual([
      "not_linked",
      "no_money",
      null,
      null,
      null,
      null,
    ]);
  });
});
