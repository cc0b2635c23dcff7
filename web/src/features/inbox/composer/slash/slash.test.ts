import { describe, expect, it } from "vitest";
import { doubled, insert, slashAt } from "./slash";

/** The bar is the caret. */
const at = (marked: string) => ({ text: marked.replace("|", ""), caret: marked.indexOf("|") });

describe("where a reply is looked for", () => {
  it.each([
    ["/|", { from: 0, query: "" }],
    ["/giá|", { from: 0, query: "giá" }],
    ["/gi|á sau", { from: 0, query: "gi" }],
    ["Dạ /ch|", { from: 3, query: "ch" }],
    ["Dạ\n/|", { from: 3, query: "" }],
    ["|/giá", null],
    ["/giá |", null],
    ["1/2|", null],
    ["và/hoặc|", null],
    ["https:/|", null],
    ["https://a|", null],
    ["", null],
  ])("%s", (marked, found) => {
    const { text, caret } = at(marked);
    expect(slashAt(text, Math.max(0, caret))).toEqual(found);
  });
});

describe("two slashes", () => {
  it.each([
    ["//|", "/|"],
    ["Dạ //| ạ", "Dạ /| ạ"],
    ["https://|", null],
    ["///|", null],
    ["/|", null],
  ])("%s", (marked, after) => {
    const { text, caret } = at(marked);
    const out = doubled(text, caret);
    expect(out && `${out.text.slice(0, out.caret)}|${out.text.slice(out.caret)}`).toEqual(after);
  });
});

it("puts the reply where it was looked for, as often as wanted", () => {
  const first = insert("Dạ /ch tiếp", { from: 3, query: "ch" }, "chào chị");
  expect(first).toEqual({ text: "Dạ chào chị tiếp", caret: 11 });
  const { text, caret } = at("Dạ chào chị /g| tiếp");
  const slash = slashAt(text, caret);
  expect(slash && insert(text, slash, "giá 50k").text).toBe("Dạ chào chị giá 50k tiếp");
});
