import { describe, expect, it } from "vitest";
import { parts } from "./split";

describe("a text that is too long", () => {
  it.each([
    ["short stays whole", "Dạ còn ạ", 20, ["Dạ còn ạ"]],
    ["between paragraphs", "Đoạn một.\n\nĐoạn hai dài", 15, ["Đoạn một.", "Đoạn hai dài"]],
    ["between lines", "Dòng một nè\nDòng hai", 14, ["Dòng một nè", "Dòng hai"]],
    ["after a sentence", "Câu một đây. Câu hai", 15, ["Câu một đây.", "Câu hai"]],
    ["between words", "một hai ba bốn", 8, ["một hai", "ba bốn"]],
    ["in a word only when it must", "abcdefghij", 4, ["abcd", "efgh", "ij"]],
    ["never through a picture", "🌸🌸🌸", 2, ["🌸🌸", "🌸"]],
    ["blank", "  ", 4, []],
  ])("is cut %s", (_, text, max, expected) => {
    expect(parts(text, max)).toEqual(expected);
  });

  it("loses nothing but blanks, and no part is too long", () => {
    const words = Array.from(
      { length: 900 },
      (_, n) => `từ${n}${n % 7 === 0 ? ".\n" : n % 31 === 0 ? ".\n\n" : ""}`,
    );
    const text = words.join(" ");
    const cut = parts(text, 500);
    expect(Math.max(...cut.map((part) => [...part].length))).toBeLessThanOrEqual(500);
    expect(cut.join(" ").replace(/\s+/g, " ")).toBe(text.replace(/\s+/g, " ").trim());
  });
});
