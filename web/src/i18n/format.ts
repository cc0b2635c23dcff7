/** Numbers, dates and spans as people read them. Pure: language and the present instant are arguments. */
import type { TFunction } from "i18next";

/** The calendar of the business, wherever the browser is. */
export const ZONE = "Asia/Ho_Chi_Minh";

export type Language = "vi" | "en";

const locales: Record<Language, string> = { vi: "vi-VN", en: "en-GB" };

const cache = new Map<string, Intl.DateTimeFormat>();

function dates(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = language + JSON.stringify(options);
  let format = cache.get(name);
  if (!format) {
    format = new Intl.DateTimeFormat(locales[language], { timeZone: ZONE, ...options });
    cache.set(name, format);
  }
  return format;
}

/** "2026-06-12": the day in the business's calendar, for comparing. */
export function dayKey(at: number): string {
  const parts = dates("en", { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(at);
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** "14:20" */
export function time(at: number, language: Language): string {
  return dates(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

/** "12/06", with the year when it is not this one. */
export function date(at: number, language: Language, now: number): string {
  const sameYear = dayKey(at).slice(0, 4) === dayKey(now).slice(0, 4);
  return dates(language, { day: "2-digit", month: "2-digit", ...(sameYear ? {} : { year: "numeric" }) })
    .format(at)
    .replaceAll("-", "/");
}

/** "14:20 12/06": the form of the reply window. */
export function timeAndDate(at: number, language: Language, now: number): string {
  return `${time(at, language)} ${date(at, language, now)}`;
}

/** "14:20" today, "14:20 12/06" on other days: when a number was confirmed. */
export function asOf(at: number, language: Language, now: number): string {
  return dayKey(at) === dayKey(now) ? time(at, language) : timeAndDate(at, language, now);
}

/** Short stamp of a list row: the time today, else the date. */
export function stamp(at: number, language: Language, now: number): string {
  return dayKey(at) === dayKey(now) ? time(at, language) : date(at, language, now);
}

/** "15/01", with the year when it is not this one, of a day "2026-01-15". */
export function day(key: string, language: Language, now: number): string {
  return date(noonOf(key), language, now);
}

/** "15/01" of a day "2026-01-15". */
export function dayShort(key: string, language: Language): string {
  return date(noonOf(key), language, noonOf(key));
}

/** The middle of a day in the business's calendar, which has no summer time. */
const noonOf = (key: string) => Date.parse(`${key}T12:00:00+07:00`);

/** Heading of a day in the thread. */
export function dayHeading(at: number, language: Language, now: number, t: TFunction): string {
  const key = dayKey(at);
  if (key === dayKey(now)) return t("units.today");
  if (key === dayKey(now - 86_400_000)) return t("units.yesterday");
  const year = key.slice(0, 4) === dayKey(now).slice(0, 4) ? undefined : ("numeric" as const);
  return dates(language, { weekday: "long", day: "2-digit", month: "2-digit", year }).format(at);
}

/** A span in its largest whole unit: "3 phút", "2 giờ", "5 ngày". */
export function span(ms: number, t: TFunction): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return t("units.moments");
  if (minutes < 60) return t("units.minutes", { count: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return t("units.hours", { count: hours });
  return t("units.days", { count: Math.floor(hours / 24) });
}

/** "1.234" in Vietnamese, "1,234" in English. */
export function number(n: number, language: Language): string {
  return new Intl.NumberFormat(locales[language]).format(n);
}

/** A file size. A megabyte is 1,048,576 bytes here, as the platform counts. */
export function bytes(n: number, language: Language, t: TFunction): string {
  const short = (x: number) =>
    new Intl.NumberFormat(locales[language], { maximumFractionDigits: x < 10 ? 1 : 0 }).format(x);
  if (n < 1024) return t("units.bytes", { n: short(n) });
  if (n < 1_048_576) return t("units.kilobytes", { n: short(n / 1024) });
  return t("units.megabytes", { n: short(n / 1_048_576) });
}

/** Whole đồng. */
export function money(vnd: number, language: Language, t: TFunction): string {
  return t("units.money", { n: number(vnd, language) });
}
