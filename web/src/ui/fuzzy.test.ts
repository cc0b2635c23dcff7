import { expect, it } from "vitest";
import { findAll, fitness } from "./fuzzy";

it.each([
  ["", "gi cung duoc", 1],
  ["chao", "chao", 100],
  ["ch", "chao", 80],
  ["on", "cam on", 60],
  ["am", "cam on", 40],
  ["cmo", "cam on", 10],
  ["omc", "cam on", 0],
  ["chaoo", "chao", 0],
  ["cmo", `cam on ${"x".repeat(60)}`, 0],
])("%s in %s", (typed, folded, score) => {
  expect(fitness(typed, folded)).toBe(score);
});

const items = [
  { shortcut: "giá", title: "Báo giá sỉ" },
  { shortcut: "cam-on", title: "Cảm ơn đã mua hàng" },
  { shortcut: "dc", title: "Địa chỉ cửa hàng" },
];
const find = (typed: string) => findAll(typed, items, (i) => [i.shortcut, i.title]).map((i) => i.shortcut);

it("finds without diacritics, the shortcut before the title", () => {
  expect(find("")).toEqual(["giá", "cam-on", "dc"]);
  expect(find("GIA")).toEqual(["giá"]);
  expect(find("d")).toEqual(["dc", "cam-on"]);
  expect(find("dia")).toEqual(["dc"]);
  expect(find("hang")).toEqual(["cam-on", "dc"]);
  expect(find("cửa hàng")).toEqual(["dc", "cam-on"]);
  expect(find("xyz")).toEqual([]);
});
