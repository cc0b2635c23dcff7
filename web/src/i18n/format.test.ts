import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import en from "./en.json";
import * as format from "./format";
import vi from "./vi.json";

const at = (text: string) => Date.parse(`${text}+07:00`);
const now = at("2026-06-12T14:20:00");

beforeAll(async () => {
  await i18next.init({
    lng: "vi",
    resources: { vi: { translation: vi }, en: { translation: en } },
    interpolation: { escapeValue: false },
  });
});

const t = (language: "vi" | "en") => i18next.getFixedT(language);

describe("dates", () => {
  it("stand in the business's time zone, whatever the browser's", () => {
    expect(format.time(Date.parse("2026-06-11T17:05:00Z"), "vi")).toBe("00:05");
    expect(format.dayKey(Date.parse("2026-06-11T17:05:00Z"))).toBe("2026-06-12");
    expect(format.dayKey(Date.parse("2026-06-11T16:59:59Z"))).toBe("2026-06-11");
  });

  it("write the reply window as hour and day", () => {
    expect(format.timeAndDate(now, "vi", now)).toBe("14:20 12/06");
    expect(format.timeAndDate(now, "en", now)).toBe("14:20 12/06");
    expect(format.timeAndDate(at("2025-12-31T23:59:00"), "vi", now)).toBe("23:59 31/12/2025");
  });

  it("say only the time for today", () => {
    expect(format.asOf(at("2026-06-12T09:05:00"), "vi", now)).toBe("09:05");
    expect(format.asOf(at("2026-06-11T09:05:00"), "vi", now)).toBe("09:05 11/06");
    expect(format.stamp(at("2026-06-11T09:05:00"), "vi", now)).toBe("11/06");
  });

  it("head the days of a thread", () => {
    expect(format.dayHeading(at("2026-06-12T00:00:00"), "vi", now, t("vi"))).toBe("Hôm nay");
    expect(format.dayHeading(at("2026-06-11T23:59:00"), "vi", now, t("vi"))).toBe("Hôm qua");
    expect(format.dayHeading(at("2026-06-08T12:00:00"), "vi", now, t("vi"))).toMatch(/thứ hai.*08.*06/i);
    expect(format.dayHeading(at("2025-06-08T12:00:00"), "en", now, t("en"))).toMatch(/Sunday.*2025/);
  });
});

it.each([
  [20_000, "vừa xong", "just now"],
  [60_000, "1 phút", "1 min"],
  [59 * 60_000 + 59_000, "59 phút", "59 min"],
  [3_600_000, "1 giờ", "1 hour"],
  [47 * 3_600_000, "47 giờ", "47 hours"],
  [72 * 3_600_000, "3 ngày", "3 days"],
])("a span of %d ms", (ms, inVi, inEn) => {
  expect(format.span(ms, t("vi"))).toBe(inVi);
  expect(format.span(ms, t("en"))).toBe(inEn);
});

it("writes sizes and money", () => {
  expect(format.bytes(512, "vi", t("vi"))).toBe("512 B");
  expect(format.bytes(1536, "vi", t("vi"))).toBe("1,5 KB");
  expect(format.bytes(5_242_880, "en", t("en"))).toBe("5 MB");
  expect(format.money(55, "vi", t("vi"))).toBe("55 đ");
  expect(format.money(1_250_000, "vi", t("vi"))).toBe("1.250.000 đ");
});
