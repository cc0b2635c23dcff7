import { describe, expect, it } from "vitest";
import type { Holiday, HoursPlan, HoursRange } from "~/api/types";
import {
  clockOf,
  copyDay,
  isOvernight,
  minutesOf,
  missingHolidays,
  nextRange,
  partsOf,
  withClock,
  withDay,
  withOvernight,
} from "./plan";

const range = (from: number, to: number): HoursRange => ({ from, to });

describe("times of the day", () => {
  it.each([
    [0, "00:00"],
    [485, "08:05"],
    [1_439, "23:59"],
    [1_440, "00:00"],
    [1_560, "02:00"],
  ])("%d minutes are %s", (minutes, clock) => {
    expect(clockOf(minutes)).toBe(clock);
    expect(minutesOf(clock)).toBe(minutes % 1_440);
  });

  it.each(["", "8:00", "24:00", "12:60", "noon"])("%s is no time", (text) => {
    expect(minutesOf(text)).toBeNull();
  });
});

describe("a range", () => {
  it("keeps the day on which it ends when its time changes", () => {
    expect(withClock(range(1_200, 1_560), "to", "03:30")).toEqual(range(1_200, 1_650));
    expect(withClock(range(480, 690), "to", "12:00")).toEqual(range(480, 720));
    expect(withClock(range(480, 690), "from", "09:15")).toEqual(range(555, 690));
    expect(withClock(range(480, 690), "from", "")).toEqual(range(480, 690));
  });

  it("ends on the next day when that is chosen", () => {
    expect(withOvernight(range(1_320, 120), true)).toEqual(range(1_320, 1_560));
    expect(withOvernight(range(1_320, 1_560), false)).toEqual(range(1_320, 120));
    // Midnight is the end of the day, written as the next one's beginning.
    expect([isOvernight(range(0, 1_440)), isOvernight(range(0, 1_439))]).toEqual([true, false]);
  });

  it("that is added stands behind the others and within the day", () => {
    expect(nextRange([])).toEqual(range(480, 1_020));
    expect(nextRange([range(480, 690)])).toEqual(range(750, 990));
    expect(nextRange([range(480, 1_400)])).toEqual(range(1_380, 1_440));
  });
});

describe("a plan", () => {
  const plan: HoursPlan = {
    zone: "Asia/Ho_Chi_Minh",
    week: [[range(480, 690)], [], [], [], [], [range(1_200, 1_560)], []],
    holidays: [],
  };

  it("changes one day, or copies it to all", () => {
    expect(withDay(plan, 1, [range(0, 60)]).week.map((day) => day.length)).toEqual([1, 1, 0, 0, 0, 1, 0]);
    expect(copyDay(plan, 0).week).toEqual(Array(7).fill([range(480, 690)]));
    expect(plan.week[1]).toEqual([]);
  });

  it("is drawn with what lasts from the day before", () => {
    expect(partsOf(plan.week[6] ?? [], plan.week[5] ?? [])).toEqual([{ from: 0, to: 120 / 1_440 }]);
    expect(partsOf(plan.week[5] ?? [], plan.week[4] ?? [])).toEqual([{ from: 1_200 / 1_440, to: 1 }]);
    expect(partsOf([range(600, 600)], [])).toEqual([]);
  });

  it("is offered only holidays that it does not have", () => {
    const day = (date: string, yearly: boolean): Holiday => ({ date, yearly, name: date, ranges: [] });
    const have = [day("2024-01-01", true), day("2027-02-06", false)];
    const suggested = [day("2026-01-01", true), day("2027-02-06", false), day("2027-02-07", false)];
    expect(missingHolidays(have, suggested)).toEqual([day("2027-02-07", false)]);
  });
});
