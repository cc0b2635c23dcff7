import { expect, it } from "vitest";
import { endOfDay, today } from "./days";

it("counts days in Vietnam", () => {
  // 23:30 and 00:30 of the next day in Vietnam.
  expect(today(Date.UTC(2026, 11, 31, 16, 30), 0)).toBe("2026-12-31");
  expect(today(Date.UTC(2026, 11, 31, 17, 30), 0)).toBe("2027-01-01");
  expect(today(Date.UTC(2026, 11, 31, 16, 30), 1)).toBe("2027-01-01");
  expect(endOfDay("2026-12-31")).toBe(Date.UTC(2026, 11, 31, 17));
  expect(endOfDay("")).toBe(0);
});
