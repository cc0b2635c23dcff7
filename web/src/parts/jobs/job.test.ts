import { describe, expect, it } from "vitest";
import type { BulkJob } from "~/api/types";
import { canUndo, NEWS, progress, toTell } from "./job";

const job = (part: Partial<BulkJob>): BulkJob => ({
  id: "blk_1",
  action: { do: "read" },
  state: "done",
  total: 10,
  done: 8,
  skipped: 2,
  undone: 0,
  kept: 0,
  reasons: [],
  created_at: 0,
  updated_at: 1_000,
  ...part,
});

describe("the job that is told of", () => {
  const running = job({ id: "blk_2", state: "running", updated_at: 0 });
  it.each([
    ["nothing", [], [], 1_000, undefined],
    ["what is under way, however old", [job({}), running], [], NEWS * 9, "blk_2"],
    ["what ended lately", [job({})], [], 1_000 + NEWS - 1, "blk_1"],
    ["no old news", [job({})], [], 1_000 + NEWS, undefined],
    ["not what was put aside", [job({})], ["blk_1 done"], 1_000, undefined],
    ["its undoing, though its end was put aside", [job({ state: "undone" })], ["blk_1 done"], 1_000, "blk_1"],
  ])("is %s", (_, jobs, aside, now, id) => {
    expect(toTell(jobs, new Set(aside), now)?.id).toBe(id);
  });

  it.each([
    [job({ state: "running", done: 3, skipped: 1 }), 40],
    [job({ state: "cancelled", done: 0, skipped: 0 }), 0],
    [job({ state: "undoing", undone: 1, kept: 1 }), 25],
    [job({ state: "running", total: 0, done: 0, skipped: 0 }), 100],
  ])("is so far", (part, expected) => {
    expect(progress(part)).toBe(expected);
  });

  it.each([
    [job({ undo_until_at: 2_000 }), 2_000, true],
    [job({ undo_until_at: 2_000 }), 2_001, false],
    [job({ undo_until_at: 2_000, done: 0 }), 1_000, false],
    [job({ undo_until_at: 2_000, state: "cancelled" }), 1_000, true],
    [job({ undo_until_at: 2_000, state: "undone" }), 1_000, false],
    [job({ state: "running" }), 0, false],
  ])("can be undone in its time", (part, now, expected) => {
    expect(canUndo(part, now)).toBe(expected);
  });
});
