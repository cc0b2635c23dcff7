/** Until when a conversation can be put away: presets, and a time as people type it. Pure; Vietnam's calendar. */
import type { Conversation, Snooze } from "~/api/types";
import { dayKey } from "~/i18n/format";
import { fold } from "~/ui/fold";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The working day begins here. */
const MORNING = 9;

/** So long before a window closes. Minutes. */
export const LEAD_MINUTES = 60;

export interface Preset {
  name: "later" | "tomorrow" | "next_week" | "reply" | "closing";
  wish: Snooze;
  /** When it comes back; absent: with the customer's message only. */
  at?: number;
}

/** An hour and minute of the day that contains `at`, in Vietnam. */
function onDay(at: number, hour: number, minute = 0): number {
  const two = (n: number) => String(n).padStart(2, "0");
  return Date.parse(`${dayKey(at)}T${two(hour)}:${two(minute)}:00+07:00`);
}

/** 0 is Sunday. */
const weekday = (at: number) => new Date(onDay(at, 12)).getUTCDay();

/** The next such weekday, never today. */
const nextWeekday = (now: number, day: number) => now + ((day - weekday(now) + 6) % 7) * DAY + DAY;

/** What is offered now. What cannot be is not offered. */
export function presets(conversation: Pick<Conversation, "closes">, now: number): Preset[] {
  const at = (name: Preset["name"], until: number): Preset => ({
    name,
    wish: { kind: "time", until },
    at: until,
  });
  const list: Preset[] = [];
  const later = Math.ceil((now + 3 * HOUR) / (15 * MINUTE)) * 15 * MINUTE;
  if (dayKey(later) === dayKey(now)) list.push(at("later", later));
  list.push(at("tomorrow", onDay(now + DAY, MORNING)));
  list.push(at("next_week", onDay(nextWeekday(now, 1), MORNING)));
  list.push({ name: "reply", wish: { kind: "reply" } });
  const closing = conversation.closes && conversation.closes.at - LEAD_MINUTES * MINUTE;
  if (closing && closing > now) {
    list.push({ name: "closing", wish: { kind: "closing", lead_minutes: LEAD_MINUTES }, at: closing });
  }
  return list;
}

const SPANS: Record<string, number> = {
  p: MINUTE,
  phut: MINUTE,
  m: MINUTE,
  min: MINUTE,
  h: HOUR,
  g: HOUR,
  gio: HOUR,
  hour: HOUR,
  hours: HOUR,
  d: DAY,
  ngay: DAY,
  day: DAY,
  days: DAY,
  w: 7 * DAY,
  tuan: 7 * DAY,
  week: 7 * DAY,
  weeks: 7 * DAY,
};

const DAYS: Record<string, number> = {
  cn: 0, "chu nhat": 0, sun: 0, sunday: 0,
  t2: 1, "thu 2": 1, "thu hai": 1, mon: 1, monday: 1,
  t3: 2, "thu 3": 2, "thu ba": 2, tue: 2, tuesday: 2,
  t4: 3, "thu 4": 3, "thu tu": 3, wed: 3, wednesday: 3,
  t5: 4, "thu 5": 4, "thu nam": 4, thu: 4, thursday: 4,
  t6: 5, "thu 6": 5, "thu sau": 5, fri: 5, friday: 5,
  t7: 6, "thu 7": 6, "thu bay": 6, sat: 6, saturday: 6,
}; // biome-ignore format: one weekday a line reads as a table

const AHEAD: Record<string, number> = {
  "hom nay": 0,
  today: 0,
  mai: 1,
  "ngay mai": 1,
  tomorrow: 1,
  "ngay kia": 2,
  mot: 2,
};

/**
 * "30p", "2 giờ", "3 ngày"; "14:30", "9h", "9h30 sáng mai", "thứ 2 8h", "25/12 10:00", "tomorrow 3pm". A day without an
 * hour is its morning; an hour without a day is the next one. `null`: not understood, or over.
 */
export function parseWhen(typed: string, now: number): number | null {
  const text = fold(typed).replace(/\s+/g, " ").trim();
  const span = /^(?:sau )?(\d{1,3}) ?([a-z]+)(?: nua)?$/.exec(text);
  // "9h" is an hour of the day; "9 gio nua" and "sau 9h" are spans.
  const isHour = span && /^(h|g|gio)$/.test(span[2] ?? "") && !/^sau | nua$/.test(text);
  const unit = span && !isHour ? SPANS[span[2] ?? ""] : undefined;
  if (span && unit) return now + Number(span[1]) * unit;

  const day = takeDay(text, now);
  if (!day) return null;
  const hour = takeHour(day.rest);
  if (!hour) return null;
  let at = onDay(day.at ?? now, hour.hour, hour.minute);
  if (day.at === undefined) {
    if (day.rest === "") return null;
    if (at <= now) at += DAY;
  }
  return at > now ? at : null;
}

/** The day in a text, and what is left of it. No day: `at` is absent. `null`: a day that does not exist. */
function takeDay(text: string, now: number): { at?: number; rest: string } | null {
  const date = /\b(\d{1,2})\/(\d{1,2})(?:\/(\d{4}))?\b/.exec(text);
  if (date) {
    const rest = text.replace(date[0], "").trim();
    const year = date[3] ? Number(date[3]) : Number(dayKey(now).slice(0, 4));
    for (const y of date[3] ? [year] : [year, year + 1]) {
      const iso = `${y}-${date[2]?.padStart(2, "0")}-${date[1]?.padStart(2, "0")}`;
      const at = Date.parse(`${iso}T12:00:00+07:00`);
      if (Number.isNaN(at) || dayKey(at) !== iso) return null;
      if (date[3] || at + DAY > now) return { at, rest };
    }
    return null;
  }
  const names = [...Object.keys(AHEAD), ...Object.keys(DAYS)].sort((a, b) => b.length - a.length);
  for (const name of names) {
    const word = new RegExp(`(^| )${name}( |$)`);
    if (!word.test(text)) continue;
    const rest = text.replace(word, " ").trim();
    const ahead = AHEAD[name];
    return { at: ahead === undefined ? nextWeekday(now, DAYS[name] ?? 0) : now + ahead * DAY, rest };
  }
  return { rest: text };
}

/** The hour in what is left; nothing left is the morning. */
function takeHour(rest: string): { hour: number; minute: number } | null {
  if (rest === "") return { hour: MORNING, minute: 0 };
  const found = /^(?:luc )?(\d{1,2})(?:(?::|h|g| gio ?)(\d{2})?)? ?(am|pm|sang|trua|chieu|toi)?$/.exec(rest);
  if (!found) return null;
  const minute = Number(found[2] ?? 0);
  let hour = Number(found[1]);
  const afternoon = /^(pm|chieu|toi)$/.test(found[3] ?? "");
  if (afternoon && hour < 12) hour += 12;
  if (found[3] === "am" && hour === 12) hour = 0;
  return hour < 24 && minute < 60 ? { hour, minute } : null;
}
