/** Opening hours while they are edited: minutes after midnight, as the server has them. Pure. */
import type { Holiday, HoursPlan, HoursRange } from "~/api/types";

const DAY = 1_440;

/** "08:05" for 485, and for 485 minutes into the next day. */
export function clockOf(minutes: number): string {
  const inDay = ((minutes % DAY) + DAY) % DAY;
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(Math.floor(inDay / 60))}:${two(inDay % 60)}`;
}

/** Minutes after midnight of "08:05"; null for what is no time. */
export function minutesOf(clock: string): number | null {
  const parts = /^(\d{2}):(\d{2})$/.exec(clock);
  if (!parts) return null;
  const [hours, minutes] = [Number(parts[1]), Number(parts[2])];
  return hours < 24 && minutes < 60 ? hours * 60 + minutes : null;
}

/** Does it end on the day after the one on which it begins? */
export const isOvernight = (range: HoursRange) => range.to >= DAY;

/** The same with another begin or end; what is no time changes nothing. */
export function withClock(range: HoursRange, which: "from" | "to", clock: string): HoursRange {
  const minutes = minutesOf(clock);
  if (minutes === null) return range;
  return which === "from"
    ? { ...range, from: minutes }
    : { ...range, to: minutes + (isOvernight(range) ? DAY : 0) };
}

/** The same, ending on the same day or the next. */
export function withOvernight(range: HoursRange, overnight: boolean): HoursRange {
  return { ...range, to: (range.to % DAY) + (overnight ? DAY : 0) };
}

/** A range after those that are there: an hour later, as long as the day has room. */
export function nextRange(ranges: readonly HoursRange[]): HoursRange {
  const last = ranges.reduce((end, range) => Math.max(end, range.to), 0);
  if (ranges.length === 0) return { from: 8 * 60, to: 17 * 60 };
  const from = Math.min(last + 60, DAY - 60);
  return { from, to: Math.min(from + 240, DAY) };
}

/** Parts of a day that are open, from 0 to 1, for the bar; `before`: ranges of the day before. */
export function partsOf(
  ranges: readonly HoursRange[],
  before: readonly HoursRange[],
): { from: number; to: number }[] {
  const tails = before.filter((range) => range.to > DAY).map((range) => ({ from: 0, to: range.to - DAY }));
  return [...tails, ...ranges]
    .filter((range) => range.to > range.from)
    .map((range) => ({ from: range.from / DAY, to: Math.min(range.to, DAY) / DAY }));
}

/** The plan with the ranges of one day. */
export function withDay(plan: HoursPlan, day: number, ranges: HoursRange[]): HoursPlan {
  return { ...plan, week: plan.week.map((have, at) => (at === day ? ranges : have)) };
}

/** The plan with the ranges of one day on every working day, or on all. */
export function copyDay(plan: HoursPlan, day: number): HoursPlan {
  const ranges = plan.week[day] ?? [];
  return { ...plan, week: plan.week.map(() => ranges.map((range) => ({ ...range }))) };
}

/** The suggested holidays that are not there yet, by date. */
export function missingHolidays(have: readonly Holiday[], suggested: readonly Holiday[]): Holiday[] {
  const same = (a: Holiday, b: Holiday) =>
    a.yearly === b.yearly && (a.yearly ? a.date.slice(5) === b.date.slice(5) : a.date === b.date);
  return suggested.filter((day) => !have.some((other) => same(day, other)));
}

/** A stable text, for comparing what is on the screen with what is kept. */
export const fingerprint = (plan: HoursPlan | null) => JSON.stringify(plan);
