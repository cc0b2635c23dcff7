import { expect, it } from "vitest";
import { dateText, inputText } from "./dates";

// 25/11/2026 09:05:07 in Vietnam.
const AT = 1_795_572_307_000;

it.each([
  ["dd/MM/yyyy", "25/11/2026"],
  ["dd/MM/yyyy HH:mm:ss", "25/11/2026 09:05:07"],
  ["dd-MM-yyyy", "25-11-2026"],
  ["dd-MM-yyyy HH:mm:ss", "25-11-2026 09:05:07"],
  ["yyyy-MM-dd", "2026-11-25"],
  ["yyyy-MM-ddTHH:mm:ss", "2026-11-25T09:05:07"],
] as const)("%s", (format, shown) => {
  expect(dateText(AT, format)).toBe(shown);
});

it("an input gets a time where one is shown", () => {
  expect(inputText(AT, "dd/MM/yyyy")).toBe("2026-11-25");
  expect(inputText(AT, "dd/MM/yyyy HH:mm:ss")).toBe("2026-11-25T09:05:07");
  // The day changes at midnight in Vietnam.
  expect(inputText(1_795_539_600_000, "dd/MM/yyyy")).toBe("2026-11-25");
  expect(inputText(1_795_539_599_999, "dd/MM/yyyy")).toBe("2026-11-24");
});
