/** How long to wait before try number `attempt` (from 0): doubling, capped, and spread over half of it so that
 * five hundred browsers do not come back in the same second. `random` gives [0, 1). Milliseconds. */
export function backoff(attempt: number, random: () => number): number {
  const full = Math.min(30_000, 500 * 2 ** Math.min(attempt, 10));
  return Math.round(full / 2 + (full / 2) * random());
}
