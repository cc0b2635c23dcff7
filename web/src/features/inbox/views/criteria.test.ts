import { describe, expect, it } from "vitest";
import type { SavedView } from "~/api/types";
import { assigneeOf, assigneeWord, criteriaOf, moved } from "./criteria";

const OPEN = ["open", "pending"];

describe("what is shown, as conditions", () => {
  it.each([
    [{ filter: "all" } as const, { statuses: OPEN, channels: [], text: undefined }],
    [{ filter: "mine" } as const, { statuses: OPEN, assignee: { is: "me" }, channels: [], text: undefined }],
    [{ filter: "closed", q: "đào" } as const, { statuses: ["closed"], channels: [], text: "đào" }],
    [
      { filter: "unread", channel: "ch_1" } as const,
      { statuses: OPEN, unread: true, channels: ["ch_1"], text: undefined },
    ],
    [
      { filter: "all", label: "lbl_1" } as const,
      { statuses: OPEN, channels: [], labels: ["lbl_1"], text: undefined },
    ],
  ])("%j", (params, criteria) => {
    expect(criteriaOf(params)).toEqual(criteria);
  });

  it("goes on from a view", () => {
    const criteria = { statuses: ["open" as const], channels: ["ch_1", "ch_2"], text: "lan", unread: true };
    const view = { criteria } as SavedView;
    expect(criteriaOf({ filter: "all", view: "viw_1" }, view)).toEqual(criteria);
    expect(criteriaOf({ filter: "all", view: "viw_1", channel: "ch_2", q: "mai" }, view)).toEqual({
      ...criteria,
      channels: ["ch_2"],
      text: "mai",
    });
  });
});

it("whose conversations is one word and back", () => {
  for (const assignee of [
    undefined,
    { is: "me" } as const,
    { is: "nobody" } as const,
    { is: "anyone" } as const,
    { is: "member", member_id: "mem_1" } as const,
  ]) {
    expect(assigneeOf(assigneeWord(assignee))).toEqual(assignee);
  }
});

it.each([
  [0, 1, "bac"],
  [2, -2, "cab"],
  [0, -1, "abc"],
  [2, 1, "abc"],
  [9, -1, "abc"],
])("moves %i by %i", (from, by, expected) => {
  expect(moved([..."abc"], from, by).join("")).toBe(expected);
});
