/** From the server's history of a quota to the bars of a chart and the rows of a table. Pure. */
import type { QuotaHistory } from "~/api/types";

type Day = QuotaHistory["days"][number];

/** What a bar is made of: a class of message, or a member; `outside` is what was sent without Loa. */
export interface Series {
  key: string;
  /** Messages in the whole time. */
  total: number;
}

export interface Bar {
  /** `2026-01-15` */
  day: string;
  total: number;
  /** In the order of the series; those without messages are left out. */
  parts: { key: string; messages: number }[];
}

export interface Row {
  day: string;
  /** Null: the system; `outside`: without Loa. */
  by: string | null;
  class: string;
  messages: number;
  costVnd: number;
}

export type Grouping = "class" | "member";

export const OUTSIDE = "outside";
export const SYSTEM = "system";
/** Members beyond the busiest ones share a bar. */
export const OTHERS = "others";
const MOST_MEMBERS = 4;

/** The classes from the cheapest to the dearest, as they are stacked. */
export const CLASSES = ["reply", "welcome", "package", "extra", "paid"] as const;

/** Every day from the first to the last, those without messages too. */
export function everyDay(from: string, to: string): string[] {
  const days: string[] = [];
  const at = new Date(`${from}T00:00:00Z`);
  const end = new Date(`${to}T00:00:00Z`).getTime();
  while (at.getTime() <= end) {
    days.push(at.toISOString().slice(0, 10));
    at.setUTCDate(at.getUTCDate() + 1);
  }
  return days;
}

/** The first of so many days of which `today` is the last. */
export function firstDay(today: string, days: number): string {
  const at = new Date(`${today}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - (days - 1));
  return at.toISOString().slice(0, 10);
}

const keyOf = (grouping: Grouping, entry: Day["entries"][number]) =>
  grouping === "class" ? entry.class : (entry.member_id ?? SYSTEM);

/** The series that have messages: classes in their order, members by how much they sent; outside comes last. */
export function seriesOf(history: QuotaHistory, grouping: Grouping): Series[] {
  const totals = new Map<string, number>();
  let outside = 0;
  for (const day of history.days) {
    outside += day.outside;
    for (const entry of day.entries) {
      const key = keyOf(grouping, entry);
      totals.set(key, (totals.get(key) ?? 0) + entry.messages);
    }
  }
  const all = [...totals].map(([key, total]) => ({ key, total }));
  const place = (key: string) => {
    const at = (CLASSES as readonly string[]).indexOf(key);
    return at < 0 ? CLASSES.length : at;
  };
  const sorted =
    grouping === "class"
      ? all.sort((a, b) => place(a.key) - place(b.key))
      : all.sort((a, b) => b.total - a.total || (a.key < b.key ? -1 : 1));
  const shown = grouping === "class" ? sorted : sorted.slice(0, MOST_MEMBERS);
  const rest = sorted.slice(shown.length).reduce((sum, s) => sum + s.total, 0);
  if (rest > 0) shown.push({ key: OTHERS, total: rest });
  if (outside > 0) shown.push({ key: OUTSIDE, total: outside });
  return shown;
}

/** One bar a day. */
export function barsOf(history: QuotaHistory, grouping: Grouping, series: readonly Series[]): Bar[] {
  const known = new Map(history.days.map((day) => [day.day, day]));
  const keys = new Set(series.map((s) => s.key));
  return everyDay(history.from, history.to).map((day) => {
    const of = known.get(day);
    const counts = new Map<string, number>();
    const add = (key: string, messages: number) => counts.set(key, (counts.get(key) ?? 0) + messages);
    for (const entry of of?.entries ?? []) {
      const key = keyOf(grouping, entry);
      add(keys.has(key) ? key : OTHERS, entry.messages);
    }
    if (of?.outside) add(OUTSIDE, of.outside);
    const parts = series
      .map(({ key }) => ({ key, messages: counts.get(key) ?? 0 }))
      .filter((part) => part.messages > 0);
    return { day, total: parts.reduce((sum, part) => sum + part.messages, 0), parts };
  });
}

/** The same as rows, the latest day first. */
export function rowsOf(history: QuotaHistory): Row[] {
  return history.days.toReversed().flatMap((day) => [
    ...day.entries.map((entry) => ({
      day: day.day,
      by: entry.member_id ?? null,
      class: entry.class,
      messages: entry.messages,
      costVnd: entry.cost_vnd,
    })),
    ...(day.outside > 0
      ? [{ day: day.day, by: OUTSIDE, class: OUTSIDE, messages: day.outside, costVnd: 0 }]
      : []),
  ]);
}

/** A round number at or above, for the top of the scale, near enough that the bars fill the picture. */
export function scaleTop(most: number): number {
  if (most <= 5) return Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((n) => n * power >= most) ?? 10) * power;
}
