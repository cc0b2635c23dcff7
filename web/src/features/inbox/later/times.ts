/** Times at which a message may be sent later, in the calendar of the business. Pure. */
import { dayKey, time } from "~/i18n/format";

/** So long before the free window closes. Milliseconds. */
const MARGIN = 10 * 60_000;

const DAY = 86_400_000;
const MINUTE = 60_000;

export type Preset = "hour" | "tomorrow" | "opening" | "closing";

/** What a field of date and time holds for an instant: "2026-11-25T08:00". */
export const fieldOf = (at: number) => `${dayKey(at)}T${time(at, "en")}`;

/** The instant of what such a field holds; null while it is not whole. Vietnam has no daylight saving. */
export function instantOf(field: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(field)) return null;
  const at = Date.parse(`${field}:00+07:00`);
  return Number.isNaN(at) ? null : at;
}

/** What is offered now. `opensAt`: the next opening; `freeUntil`: last instant of the free replies. */
export function presets(
  now: number,
  opensAt: number | null | undefined,
  freeUntil: number | null | undefined,
): { preset: Preset; at: number }[] {
  const whole = (at: number) => Math.ceil(at / MINUTE) * MINUTE;
  const offered: { preset: Preset; at: number | null | undefined }[] = [
    { preset: "hour", at: whole(now + 60 * MINUTE) },
    { preset: "tomorrow", at: instantOf(`${dayKey(now + DAY)}T08:00`) },
    { preset: "opening", at: opensAt },
    {
      preset: "closing",
      at: freeUntil == null ? null : Math.floor((freeUntil - MARGIN) / MINUTE) * MINUTE,
    },
  ];
  return offered.flatMap(({ preset, at }) => (at != null && at > now ? [{ preset, at }] : []));
}
