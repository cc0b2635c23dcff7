import { describe, expect, it } from "vitest";
import type { QuotaHistory } from "~/api/types";
import { barsOf, everyDay, firstDay, rowsOf, scaleTop, seriesOf } from "./quota-days";

const entry = (kind: string, member: string | undefined, messages: number, cost_vnd = 0) => ({
  class: kind,
  member_id: member,
  messages,
  cost_vnd,
});

const history: QuotaHistory = {
  from: "2026-02-27",
  to: "2026-03-02",
  time_zone: "Asia/Ho_Chi_Minh",
  days: [
    {
      day: "2026-02-27",
      entries: [entry("package", "a", 3), entry("reply", "b", 5), entry("reply", undefined, 1)],
      outside: 0,
    },
    { day: "2026-03-02", entries: [entry("paid", "a", 2, 110)], outside: 4 },
  ],
};

describe("the history of a quota", () => {
  it("has every day, also over the end of a month", () => {
    expect(everyDay("2026-02-27", "2026-03-02")).toEqual([
      "2026-02-27",
      "2026-02-28",
      "2026-03-01",
      "2026-03-02",
    ]);
    expect(firstDay("2026-03-02", 4)).toBe("2026-02-27");
    expect(firstDay("2026-03-02", 1)).toBe("2026-03-02");
  });

  it("stacks classes from the cheapest to the dearest, what was sent outside last", () => {
    const series = seriesOf(history, "class");
    expect(series.map((s) => [s.key, s.total])).toEqual([
      ["reply", 6],
      ["package", 3],
      ["paid", 2],
      ["outside", 4],
    ]);
    const bars = barsOf(history, "class", series);
    expect(bars.map((b) => b.total)).toEqual([9, 0, 0, 6]);
    expect(bars[3]?.parts).toEqual([
      { key: "paid", messages: 2 },
      { key: "outside", messages: 4 },
    ]);
  });

  it("stacks members, the busiest first, and puts the rest together", () => {
    const series = seriesOf(history, "member");
    expect(series.map((s) => s.key)).toEqual(["a", "b", "system", "outside"]);
    const many = {
      ...history,
      days: [
        {
          day: "2026-03-01",
          entries: ["a", "b", "c", "d", "e", "f"].map((m, at) => entry("reply", m, 10 - at)),
          outside: 0,
        },
      ],
    };
    const short = seriesOf(many, "member");
    expect(short.map((s) => [s.key, s.total])).toEqual([
      ["a", 10],
      ["b", 9],
      ["c", 8],
      ["d", 7],
      ["others", 11],
    ]);
    const bars = barsOf(many, "member", short);
    expect(bars[2]?.total).toBe(45);
  });

  it("loses nothing: bars and rows say the same sums", () => {
    for (const grouping of ["class", "member"] as const) {
      const bars = barsOf(history, grouping, seriesOf(history, grouping));
      const sum = rowsOf(history).reduce((n, row) => n + row.messages, 0);
      expect(bars.reduce((n, bar) => n + bar.total, 0)).toBe(sum);
    }
    expect(rowsOf(history).map((row) => row.day)).toEqual([
      "2026-03-02",
      "2026-03-02",
      "2026-02-27",
      "2026-02-27",
      "2026-02-27",
    ]);
  });

  it.each([
    [0, 1],
    [3, 3],
    [6, 6],
    [7, 8],
    [11, 12],
    [21, 25],
    [99, 100],
    [1000, 1000],
    [1001, 1200],
  ])("%i lies below %i", (most, top) => expect(scaleTop(most)).toBe(top));
});
