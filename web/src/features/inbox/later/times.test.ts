import { describe, expect, it } from "vitest";
import { fieldOf, instantOf, presets } from "./times";

const at = (text: string) => Date.parse(`${text}+07:00`);
const NOW = at("2026-11-25T17:42:30");

describe("the field of date and time", () => {
  it("speaks the business's clock, wherever the browser is", () => {
    expect(fieldOf(at("2026-11-26T08:00:00"))).toBe("2026-11-26T08:00");
    expect(instantOf("2026-11-26T08:00")).toBe(at("2026-11-26T08:00:00"));
  });

  it.each(["", "2026-11-26", "2026-13-45T08:00", "26/11/2026 08:00"])("takes no %s", (text) => {
    expect(instantOf(text)).toBeNull();
  });
});

describe("what is offered", () => {
  it("is the next hour, tomorrow, the opening, and before the free replies end", () => {
    const offered = presets(NOW, at("2026-11-26T07:30:00"), at("2026-11-27T09:00:59.123"));
    expect(offered).toEqual([
      { preset: "hour", at: at("2026-11-25T18:43:00") },
      { preset: "tomorrow", at: at("2026-11-26T08:00:00") },
      { preset: "opening", at: at("2026-11-26T07:30:00") },
      { preset: "closing", at: at("2026-11-27T08:50:00") },
    ]);
  });

  it("leaves out what is not there or over", () => {
    const names = (opens: number | null, until: number | null) =>
      presets(NOW, opens, until).map((offer) => offer.preset);
    expect(names(null, null)).toEqual(["hour", "tomorrow"]);
    expect(names(NOW - 1, NOW + 5 * 60_000)).toEqual(["hour", "tomorrow"]);
  });
});
