import { describe, expect, it } from "vitest";
import { ApiProblem } from "~/api/problem";
import { hasOperators, wrongKey } from "./words";

describe("the language of the search", () => {
  it.each([
    ["xin chào", false],
    ["10:30 sáng", false],
    ["https://loa.vn", false],
    ["from:lan", true],
    ["hàng TỪ:lan", true],
    ["có:ảnh", true],
    ['"còn hàng"', true],
    [":a", false],
  ])("%s", (text, expected) => expect(hasOperators(text)).toBe(expected));

  it("has a text for each wrong part", () => {
    const q = (reason: string) => wrongKey(new ApiProblem("invalid_field", { field: "q", reason }, 422));
    expect(q("not_a_date")).toBe("find.wrong.not_a_date");
    expect(q("something_new")).toBeNull();
    expect(wrongKey(new ApiProblem("invalid_field", { field: "limit", reason: "empty" }, 422))).toBeNull();
    expect(wrongKey(new ApiProblem("network"))).toBeNull();
  });
});
