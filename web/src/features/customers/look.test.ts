import { describe, expect, it } from "vitest";
import type { CustomerLayout, FilterField } from "~/api/types";
import { isChanged, isOutdated, isShowable, type Look, lookOf } from "./look";

const fields = [
  { key: "labels", kind: "set", ops: ["any_of"], options: [], keys: [], label: { vi: "Nhãn", en: "Labels" } },
  { key: "name", kind: "text", ops: ["contains"], options: [], keys: [], label: { vi: "Tên", en: "Name" } },
] as FilterField[];

const layout: CustomerLayout = {
  columns: [{ key: "name", width: 200 }, { key: "labels" }],
  filter: {
    all: [
      { op: "any_of", field: "labels", value: ["lbl_1"] },
      { field: "name", op: "contains", value: "lan" },
    ],
  },
  sort: { field: "name", descending: false },
};

describe("a view that is open", () => {
  const look = lookOf(layout, "viw_1");
  it.each<[string, Partial<Look>, boolean]>([
    ["as it was kept", {}, false],
    ["with something typed in the box, which no view keeps", { q: "mai" }, false],
    ["with a wider column", { columns: [{ key: "name", width: 240 }, { key: "labels" }] }, true],
    ["with columns in another order", { columns: look.columns.toReversed() }, true],
    ["in another order", { sort: { field: "name", descending: true } }, true],
    ["with a condition less", { conditions: { ...look.conditions, items: [] } }, true],
    [
      "with a condition that is not complete yet, which asks for nothing",
      {
        conditions: {
          ...look.conditions,
          items: [...look.conditions.items, { id: 99, field: "name", op: "contains", value: "" }],
        },
      },
      false,
    ],
  ])("%s", (_, part, expected) => {
    expect(isChanged({ ...look, ...part }, layout, fields)).toBe(expected);
  });

  it("follows what somebody else made of it, unless something was changed here", () => {
    const theirs = { ...layout, columns: [{ key: "name" }] };
    expect(isOutdated(look, theirs, fields)).toBe(true);
    expect(isOutdated(look, layout, fields)).toBe(false);
    expect(isOutdated({ ...look, columns: [{ key: "labels" }] }, theirs, fields)).toBe(false);
    expect(isOutdated(lookOf(layout), theirs, fields)).toBe(false);
  });

  it("shows only what its rows can show", () => {
    expect(isShowable(layout)).toBe(true);
    const deep = { any: [{ all: [{ field: "name", op: "contains" as const, value: "a" }] }] };
    expect(isShowable({ ...layout, filter: { all: [deep] } })).toBe(false);
  });
});
