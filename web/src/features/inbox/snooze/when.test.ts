import { describe, expect, it } from "vitest";
import { parseWhen, presets } from "./when";

const at = (text: string) => Date.parse(`${text}:00+07:00`);
/** A Thursday. */
const NOW = at("2026-01-15T10:07");

describe("a typed time", () => {
  it.each([
    ["30p", "2026-01-15T10:37"],
    ["45 phút nữa", "2026-01-15T10:52"],
    ["sau 2h", "2026-01-15T12:07"],
    ["2 giờ nữa", "2026-01-15T12:07"],
    ["3 ngày", "2026-01-18T10:07"],
    ["1 tuần", "2026-01-22T10:07"],
    ["14:30", "2026-01-15T14:30"],
    ["9h", "2026-01-16T09:00"],
    ["9h30 sáng mai", "2026-01-16T09:30"],
    ["mai", "2026-01-16T09:00"],
    ["ngày mai 8h", "2026-01-16T08:00"],
    ["2h chiều", "2026-01-15T14:00"],
    ["8 giờ tối", "2026-01-15T20:00"],
    ["thứ 2 8h", "2026-01-19T08:00"],
    ["t5", "2026-01-22T09:00"],
    ["chủ nhật 10:00", "2026-01-18T10:00"],
    ["25/12 10:00", "2026-12-25T10:00"],
    ["1/1", "2027-01-01T09:00"],
    ["29/2/2028 7h", "2028-02-29T07:00"],
    ["tomorrow 3pm", "2026-01-16T15:00"],
    ["mon 9:15", "2026-01-19T09:15"],
    ["today 11:00", "2026-01-15T11:00"],
  ])("%s", (typed, want) => {
    expect(parseWhen(typed, NOW)).toBe(at(want));
  });
  it.each(["", "abc", "25:00", "9:75", "31/2", "hôm nay 8h", "1/1/2020", "30/2/2027", "9h 10h"])(
    "%s is no time to come",
    (typed) => {
      expect(parseWhen(typed, NOW)).toBeNull();
    },
  );
});

describe("presets", () => {
  const names = (now: number, closes?: number) =>
    presets({ closes: closes === undefined ? undefined : { at: closes, what: "free" } }, now).map(
      (p) => p.name,
    );
  it("offers what is ahead", () => {
    expect(names(NOW)).toEqual(["later", "tomorrow", "next_week", "reply"]);
    expect(names(NOW, NOW + 2 * 3_600_000)).toContain("closing");
    expect(names(NOW, NOW + 3_600_000)).not.toContain("closing");
    // Nobody is told "later today" at night.
    expect(names(at("2026-01-15T21:30"))).not.toContain("later");
  });
  it("by Vietnam's calendar", () => {
    const of = Object.fromEntries(
      presets({ closes: { at: NOW + 7_200_000, what: "free" } }, NOW).map((p) => [p.name, p.at]),
    );
    expect(of).toEqual({
      later: at("2026-01-15T13:15"),
      tomorrow: at("2026-01-16T09:00"),
      next_week: at("2026-01-19T09:00"),
      reply: undefined,
      closing: NOW + 3_600_000,
    });
  });
});
