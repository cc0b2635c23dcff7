/** Days as date fields write them (`2026-12-31`), in Vietnam, which has no summer time. Pure. */

const DAY = 86_400_000;
const OFFSET = 7 * 3_600_000;

/** The day so many days after an instant. */
export const today = (now: number, plus: number): string =>
  new Date(now + OFFSET + plus * DAY).toISOString().slice(0, 10);

/** The first instant after a day; nothing when it is no day, for the server to refuse. */
export const endOfDay = (day: string): number => {
  const start = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(start) ? 0 : start - OFFSET + DAY;
};
