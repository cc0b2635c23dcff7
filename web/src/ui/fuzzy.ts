/** Finding by a few letters, without diacritics and case: "cm" finds "Cảm ơn". Pure. */
import { fold } from "./fold";

/** In a longer text any few letters stand in some order. Characters. */
const SHORT = 60;

/**
 * How well `typed` fits a text that was folded: the greater the better, 0 for not at all. In this order: the same,
 * the beginning, the beginning of a word, a part, the letters in their order (of short texts).
 */
export function fitness(typed: string, folded: string): number {
  if (typed === "") return 1;
  if (folded === typed) return 100;
  if (folded.startsWith(typed)) return 80;
  const at = ` ${folded}`.indexOf(` ${typed}`);
  if (at >= 0) return 60;
  if (folded.includes(typed)) return 40;
  if (folded.length > SHORT) return 0;
  let next = 0;
  for (const letter of folded) if (letter === typed[next]) next += 1;
  return next === typed.length ? 10 : 0;
}

/**
 * The items that `typed` finds, the best first; equals stay in their order. An item is found when every word that was
 * typed fits one of its texts; the first text counts most.
 */
export function findAll<T>(typed: string, items: readonly T[], texts: (item: T) => readonly string[]): T[] {
  const words = fold(typed).split(" ").filter(Boolean);
  if (words.length === 0) return [...items];
  return items
    .map((item, place) => {
      const folded = texts(item).map(fold);
      const scores = words.map((word) =>
        Math.max(...folded.map((text, nth) => fitness(word, text) * (nth === 0 ? 3 : 1))),
      );
      return { item, place, score: scores.every((s) => s > 0) ? scores.reduce((a, b) => a + b, 0) : 0 };
    })
    .filter((found) => found.score > 0)
    .sort((a, b) => b.score - a.score || a.place - b.place)
    .map((found) => found.item);
}
