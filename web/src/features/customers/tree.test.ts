import { describe, expect, it } from "vitest";
import type { FilterField, FilterNode, FilterOp } from "~/api/types";
import { type Conditions, EVERYBODY, fromTree, type Item, isComplete, toTree } from "./tree";

const OPS: Record<string, FilterOp[]> = {
  text: ["is", "in", "contains", "empty"],
  number: ["ge", "between", "empty"],
  datetime: ["on", "between", "in_last", "day_month", "day_month_in_next"],
  boolean: ["is"],
  table: ["row_is"],
  choice: ["is", "in"],
  set: ["any_of", "all_of", "none_of"],
};

const field = (key: string, kind: FilterField["kind"]): FilterField => ({
  key,
  kind,
  label: { vi: key, en: key },
  ops: OPS[kind] ?? [],
  options: [],
  keys: [],
});

const fields = [
  field("name", "text"),
  field("address", "text"),
  field("points", "number"),
  field("birthday", "datetime"),
  field("vat", "boolean"),
  field("likes", "table"),
  field("gender", "choice"),
  field("labels", "set"),
];

describe("conditions", () => {
  it.each([
    ["name", "is", "Lan", true],
    ["name", "is", "  ", false],
    ["name", "in", ["Lan"], true],
    ["name", "in", [], false],
    ["name", "empty", undefined, true],
    ["name", "ge", 1, false],
    ["points", "ge", 0, true],
    ["points", "ge", "0", false],
    ["points", "between", [1, 2], true],
    ["points", "between", [1, undefined], false],
    ["birthday", "on", "2026-11-25", true],
    ["birthday", "on", "", false],
    ["birthday", "between", ["2026-11-25", "2026-11-26"], true],
    ["birthday", "in_last", 7, true],
    ["birthday", "day_month", "11-25", true],
    ["birthday", "day_month", "1125", false],
    ["birthday", "day_month_in_next", 7, true],
    ["vat", "is", false, true],
    ["vat", "is", undefined, false],
    ["likes", "row_is", { key: "size", value: "M" }, true],
    ["likes", "row_is", { key: "size", value: "" }, false],
    ["gender", "is", "female", true],
    ["labels", "none_of", ["lbl_1"], true],
    ["gone", "is", "x", false],
  ] as const)("%s %s %j is complete: %s", (key, op, value, complete) => {
    const row = { id: 1, field: key, op, value };
    expect(
      isComplete(
        row,
        fields.find((f) => f.key === key),
      ),
    ).toBe(complete);
  });

  it("leave out what is not complete, and brackets that hold one", () => {
    const items: Item[] = [
      { id: 1, field: "name", op: "contains", value: "lan" },
      { id: 2, field: "name", op: "is", value: "" },
      {
        id: 3,
        any: [
          { id: 4, field: "points", op: "ge", value: 5 },
          { id: 5, field: "points", op: "ge", value: undefined },
        ],
      },
      { id: 6, any: [] },
    ];
    const conditions: Conditions = { basic: { labels: ["lbl_1"], address: ["  "], gender: [] }, items };
    expect(toTree(conditions, fields)).toEqual({
      all: [
        { field: "labels", op: "any_of", value: ["lbl_1"] },
        { field: "name", op: "contains", value: "lan" },
        { field: "points", op: "ge", value: 5 },
      ],
    });
    expect(toTree({ basic: {}, items: [] }, fields)).toEqual(EVERYBODY);
  });

  it("ask about a field that is gone, so that the server can refuse", () => {
    const items: Item[] = [{ id: 1, field: "gone", op: "is", value: "x" }];
    expect(toTree({ basic: {}, items }, fields)).toEqual({ all: [{ field: "gone", op: "is", value: "x" }] });
  });

  it("come back as they went", () => {
    const tree: FilterNode = {
      all: [
        { field: "labels", op: "any_of", value: ["lbl_1", "lbl_2"] },
        { field: "address", op: "contains", value: "Hà Nội" },
        // A second condition on a basic field stands in the rows.
        { field: "labels", op: "any_of", value: ["lbl_3"] },
        { field: "labels", op: "none_of", value: ["lbl_4"] },
        {
          any: [
            { field: "name", op: "is", value: "Lan" },
            { field: "points", op: "empty" },
          ],
        },
      ],
    };
    const conditions = fromTree(tree);
    expect(conditions?.basic).toEqual({ labels: ["lbl_1", "lbl_2"], address: ["Hà Nội"] });
    expect(conditions?.items).toHaveLength(3);
    const back = toTree(conditions as Conditions, [
      ...fields.filter((f) => f.key !== "points"),
      { ...field("points", "number"), ops: ["empty"] },
    ]);
    expect(back).toEqual(tree);
  });

  it("cannot show a tree that stands deeper", () => {
    expect(fromTree({ all: [{ any: [{ all: [{ field: "name", op: "empty" }] }] }] })).toBeNull();
    expect(fromTree({ all: [{ all: [] }] })).toBeNull();
    expect(fromTree({ field: "name", op: "empty" })?.items).toHaveLength(1);
  });
});
