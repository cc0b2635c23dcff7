import { describe, expect, it } from "vitest";
import { fitting, parts, toStored, toTyped, typing } from "./mentions";

const id = (n: number) => `mem_${String(n).repeat(32)}`;
const lan = { id: id(1), display_name: "Lan" };
const lanAnh = { id: id(2), display_name: "Lan Anh Đỗ" };

describe("mentions", () => {
  it("go to ids and back", () => {
    const typed = "@Lan Anh Đỗ và @Lan xem giúp, @Minh thì không";
    const stored = toStored(typed, [lan, lanAnh]);
    expect(stored).toBe(`@[${id(2)}] và @[${id(1)}] xem giúp, @Minh thì không`);
    expect(toTyped(stored, [lan, lanAnh])).toBe(typed);
    expect(toTyped(`@[${id(9)}]`, [lan])).toBe("@…");
  });
  it("stand apart in a text", () => {
    expect(parts(`a @[${id(1)}] b @[x]`)).toEqual([{ text: "a " }, { member: id(1) }, { text: " b @[x]" }]);
    expect(parts("")).toEqual([]);
  });
  it.each([
    ["chào @la", 8, { from: 5, query: "la" }],
    ["@", 1, { from: 0, query: "" }],
    ["a@b", 3, null],
    ["@lan\nx", 6, null],
    ["@ x", 3, null],
    ["không", 5, null],
  ])("are noticed while they are typed: %s", (text, caret, want) => {
    expect(typing(text, caret)).toEqual(want);
  });
  it("are found without diacritics", () => {
    expect(fitting([lan, lanAnh], "do")).toEqual([lanAnh]);
    expect(fitting([lan, lanAnh], "lan")).toEqual([lan, lanAnh]);
    expect(fitting([lan, lanAnh], "x")).toEqual([]);
  });
});
