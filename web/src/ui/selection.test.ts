import { describe, expect, it } from "vitest";
import { extend, has, isEmpty, NONE, page, type Selection, size, toggle } from "./selection";

const rows = ["a", "b", "c", "d", "e"];
const ids = (selection: Selection) => [...selection.ids].sort().join("");

describe("the selection of rows", () => {
  it("goes in and out", () => {
    const one = toggle(NONE, "b", rows);
    expect([ids(one), one.anchor, size(one)]).toEqual(["b", "b", 1]);
    expect(isEmpty(toggle(one, "b", rows))).toBe(true);
  });

  it.each([
    ["b", "d", "bcd"],
    ["d", "b", "bcd"],
    ["c", "c", "c"],
    [null, "c", "c"],
    ["gone", "c", "c"],
    ["b", "gone", ""],
  ])("reaches from %s to %s", (anchor, to, expected) => {
    expect(ids(extend({ ...NONE, anchor }, to, rows))).toBe(expected);
  });

  it("keeps its anchor while it grows and what was there before", () => {
    const begun = toggle(NONE, "b", rows);
    const grown = extend(extend(begun, "c", rows), "d", rows);
    expect([ids(grown), grown.anchor]).toEqual(["bcd", "b"]);
    expect(ids(extend(toggle(grown, "e", rows), "e", rows))).toBe("bcde");
  });

  it("takes the page, and of all that match only the loaded ones when one goes out", () => {
    const whole = page(NONE, rows);
    expect([ids(whole), size(whole)]).toEqual(["abcde", 5]);
    const all: Selection = { ...whole, all: { count: 1234 } };
    expect([size(all), has(all, "not loaded")]).toEqual([1234, true]);
    const less = toggle(all, "c", rows);
    expect([ids(less), less.all, size(less)]).toEqual(["abde", null, 4]);
  });
});
