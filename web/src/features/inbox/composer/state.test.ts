import { describe, expect, it } from "vitest";
import { sampleView } from "./sample-view";
import { composerState, counted, matterOf, popupOf } from "./state";

const pool = (used: number, total: number) => ({ used, total, reserved: 1, as_of: 900, until: null });

describe("the composer's state", () => {
  it("is the server's word, whatever the decision looks like", () => {
    for (const state of ["reply_free", "window_closed", "not_yours"] as const) {
      for (const enabled of [true, false]) {
        const view = sampleView({ composer: { state, enabled }, class: "paid", verdict: "allow" });
        expect(composerState(view)).toMatchObject({ kind: state, enabled });
      }
    }
  });

  it("is disabled before the server has answered, and open when it could not be asked", () => {
    expect(composerState(undefined)).toMatchObject({ kind: "loading", enabled: false, room: null });
    expect(composerState(undefined, true)).toMatchObject({ kind: "unsure", enabled: true, room: null });
  });

  it("carries the numbers, when they were told, and whether they are old", () => {
    const state = { state: "next_is_consultation", enabled: true } as const;
    const view = sampleView({ composer: { ...state, quota_stale: true }, package: pool(37, 1000) });
    expect(composerState(view).counter).toEqual({ used: 37, total: 1000, asOf: 900, stale: true });
    expect(composerState(sampleView({ composer: state })).counter).toBeNull();
    expect(composerState(sampleView({ composer: state, allowed_at: 77 })).allowedAt).toBe(77);
  });
});

describe("what a decision counts", () => {
  const composer = { state: "reply_free", enabled: true } as const;
  it.each([
    ["reply", { reply: { remain: 7, total: 8, until: 5 } }, { remain: 7, total: 8 }, 5],
    ["reply", { reply: { remain: null, total: null, until: 5 } }, null, 5],
    ["package", { package: pool(37, 1000) }, { remain: 962, total: 1000 }, null],
    ["package", {}, null, null],
    [
      "extra",
      { reasons: { package_used_up: {}, extra_left: { remain: 12 } } },
      { remain: 12, total: null },
      null,
    ],
    ["welcome", { reasons: { welcome_left: { used: 1, total: 3 } } }, { remain: 2, total: 3 }, null],
    ["paid", { cost_vnd: 55 }, null, null],
  ] as const)("%s %j", (kind, extra, left, until) => {
    expect(counted(sampleView({ composer, class: kind, ...extra }))).toMatchObject({
      class: kind,
      left,
      until,
    });
  });

  it("keeps price, pack and reasons", () => {
    expect(counted(sampleView({ composer, class: "paid", cost_vnd: 55 })).costVnd).toBe(55);
    const pack = counted(sampleView({ composer, class: "extra", reasons: { extra_left: { remain: 12 } } }));
    expect(pack.extraLeft).toBe(12);
    expect(pack.why?.reasons.map((r) => r.code)).toEqual(["extra_left"]);
  });
});

describe("pop-ups", () => {
  it.each([
    [{ params: { composer: "popup_not_linked" } }, "not_linked"],
    [{ params: { composer: "popup_no_money" } }, "no_money"],
    [{ params: { composer: "blocked" } }, null],
    [{ params: { platform_code: -320 } }, null],
    [{ params: null }, null],
    [{}, null],
    [undefined, null],
  ])("%j: %s", (problem, popup) => {
    expect(popupOf(problem)).toBe(popup);
  });
});

describe("what can be reported", () => {
  const matter = (kind: Parameters<typeof matterOf>[0]["kind"], code?: string) =>
    matterOf({ kind, reason: code ? ({ code, params: {} } as never) : null });
  it("is what somebody else must mend", () => {
    expect(matter("free_consultation_used_up", "paid_through_zca")).toBe("quota_used_up");
    expect(matter("free_consultation_used_up", "zca_not_linked")).toBe("not_linked");
    expect(matter("locked_no_money")).toBe("no_money");
    expect(matter("reconnect")).toBe("reconnect");
    for (const kind of [
      "loading",
      "reply_free",
      "next_is_consultation",
      "window_closed",
      "blocked",
    ] as const) {
      expect(matter(kind)).toBeNull();
    }
  });
});
