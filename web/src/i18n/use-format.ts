import { useEffect, useMemo, useState } from "react";
import * as format from "./format";
import { useTranslation } from "./use-translation";

/** The present instant, renewed every `every` milliseconds, for spans that grow by themselves. */
export function useNow(every = 30_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** The formatters bound to the reader's language. */
export function useFormat() {
  const { t, i18n } = useTranslation();
  const language: format.Language = i18n.language === "en" ? "en" : "vi";
  return useMemo(
    () => ({
      language,
      time: (at: number) => format.time(at, language),
      timeAndDate: (at: number) => format.timeAndDate(at, language, Date.now()),
      asOf: (at: number) => format.asOf(at, language, Date.now()),
      stamp: (at: number, now: number) => format.stamp(at, language, now),
      day: (key: string) => format.day(key, language, Date.now()),
      dayShort: (key: string) => format.dayShort(key, language),
      dayHeading: (at: number, now: number) => format.dayHeading(at, language, now, t),
      span: (ms: number) => format.span(ms, t),
      number: (n: number) => format.number(n, language),
      bytes: (n: number) => format.bytes(n, language, t),
      money: (vnd: number) => format.money(vnd, language, t),
    }),
    [language, t],
  );
}
