/** What the browser must know of the language of the search. Reading it is the server's. */
import type { ApiProblem } from "~/api/problem";
import { fold } from "~/ui/fold";

const OPERATORS = new Set(
  "from tu has co in trong kenh label nhan before truoc after sau on ngay".split(" "),
);

const REASONS = [
  "empty",
  "too_long",
  "too_many",
  "missing_value",
  "not_a_date",
  "unknown_thing",
  "unknown_person",
  "too_many_people",
  "unknown_channel",
  "unknown_label",
] as const;

/** Conditions and quotations are about messages: no customer is looked for by them. */
export function hasOperators(text: string): boolean {
  if (text.includes('"')) return true;
  return text.split(/\s+/).some((word) => {
    const colon = word.indexOf(":");
    return colon > 0 && OPERATORS.has(fold(word.slice(0, colon)));
  });
}

/** The text that says what is wrong with the search; null when something else is wrong. */
export function wrongKey(problem: ApiProblem): `find.wrong.${(typeof REASONS)[number]}` | null {
  if (problem.code !== "invalid_field" || problem.params.field !== "q") return null;
  const reason = REASONS.find((r) => r === problem.params.reason);
  return reason ? `find.wrong.${reason}` : null;
}
