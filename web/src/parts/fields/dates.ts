/** Instants of fields, in the forms that the platform has. All are Vietnam's time, which has no summer time. Pure. */
import type { DateFormat } from "~/api/types";

const OFFSET = 7 * 3_600_000;

const two = (n: number) => String(n).padStart(2, "0");

/** An instant in one of the six forms: "25/11/2026". */
export function dateText(at: number, format: DateFormat): string {
  const there = new Date(at + OFFSET);
  const parts: Record<string, string> = {
    yyyy: String(there.getUTCFullYear()).padStart(4, "0"),
    MM: two(there.getUTCMonth() + 1),
    dd: two(there.getUTCDate()),
    HH: two(there.getUTCHours()),
    mm: two(there.getUTCMinutes()),
    ss: two(there.getUTCSeconds()),
  };
  return format.replace(/yyyy|MM|dd|HH|mm|ss/g, (part) => parts[part] ?? part);
}

/** Does it show a time of day? */
export const hasTime = (format: DateFormat) => format.includes("HH");

/** What an input of the browser takes: "2026-11-25", or "2026-11-25T09:05:00". */
export function inputText(at: number, format: DateFormat): string {
  return dateText(at, hasTime(format) ? "yyyy-MM-ddTHH:mm:ss" : "yyyy-MM-dd");
}
