import { expect, it } from "vitest";
import { blank, isComplete, KINDS } from "./kinds";

it("offers every kind, and asks for what each needs", () => {
  const ready = KINDS.filter((kind) => isComplete(blank(kind)));
  expect(ready).toEqual(["assign_me", "unassign", "set_status"]);
  for (const kind of KINDS) expect(blank(kind).kind).toBe(kind);
  expect(isComplete({ kind: "send_text", text: " " })).toBe(false);
  expect(isComplete({ kind: "send_text", text: "Dạ" })).toBe(true);
  expect(isComplete({ kind: "put_labels", label_ids: ["lbl_1"] })).toBe(true);
});
