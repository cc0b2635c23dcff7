import { describe, expect, it } from "vitest";
import type { Message } from "~/api/types";
import type { Item } from "./items";
import { at, neighbour } from "./seek";

const message = (id: string, extra: Partial<Message> = {}): Item => ({
  type: "message",
  key: id,
  first: true,
  last: true,
  message: { id, platform_id: `p-${id}`, author: "customer", ...extra } as Message,
});
const items: Item[] = [
  { type: "day", key: "day", at: 0 },
  message("a"),
  message("s", { author: "system" }),
  message("b"),
  { type: "day", key: "day2", at: 1 },
  message("c", { platform_id: undefined }),
  message("line", { author: "member", done: { what: "assigned" } as Message["done"] }),
];

describe("messages in a thread", () => {
  it.each([
    [{ id: "b" }, 3],
    [{ id: "unknown", platform_id: "p-a" }, 1],
    [{ platform_id: "p-b" }, 3],
    [{ id: "unknown" }, -1],
    [{ id: null, platform_id: null }, -1],
    [{}, -1],
  ])("%j stands at %d", (target, want) => expect(at(items, target)).toBe(want));

  it.each([
    [null, -1, 5],
    [null, 1, 5],
    ["c", -1, 3],
    ["b", -1, 1],
    ["a", -1, null],
    ["a", 1, 3],
    ["c", 1, null],
    ["gone", -1, 5],
  ] as const)("from %s by %d one comes to %s", (from, by, want) => {
    expect(neighbour(items, from, by)).toBe(want);
  });
});
