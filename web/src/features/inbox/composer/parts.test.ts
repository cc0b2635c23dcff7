import { describe, expect, it } from "vitest";
import { ApiProblem } from "~/api/problem";
import type { StoredFile } from "~/api/types";
import { learn, noLimits, precheck } from "./limits";
import { split } from "./split";

const file = (id: string, media_type: string): StoredFile => ({
  id,
  name: id,
  media_type,
  size: 10,
  url: `/api/files/${id}`,
});
const photo = file("photo", "image/jpeg");
const other = file("other", "image/png");
const pdf = file("pdf", "application/pdf");

describe("what goes out", () => {
  it.each([
    ["  Chào chị \n", [], [{ text: "Chào chị" }]],
    ["", [photo], [{ file: photo }]],
    ["   ", [], []],
    ["Mẫu này", [photo], [{ file: photo, text: "Mẫu này" }]],
    ["Mẫu này", [photo, other], [{ file: photo, text: "Mẫu này" }, { file: other }]],
    ["Bảng giá", [pdf], [{ file: pdf }, { text: "Bảng giá" }]],
    ["Cả hai", [pdf, photo], [{ file: pdf }, { file: photo, text: "Cả hai" }]],
  ])("%j with %j", (text, files, want) => {
    expect(split(text, files)).toEqual(want);
  });
});

describe("learned limits", () => {
  it("refuses again what was refused once, and nothing else", () => {
    let limits = noLimits;
    const big = { type: "image/png", size: 2_000_000 };
    expect(precheck(limits, big)).toBeNull();
    limits = learn(
      limits,
      new ApiProblem("file_too_large", { size: 2_000_000, max: 1_048_576 }),
      "image/png",
    );
    expect(precheck(limits, big)).toMatchObject({ code: "file_too_large", params: { max: 1_048_576 } });
    expect(precheck(limits, { type: "image/png", size: 1_048_576 })).toBeNull();
    expect(precheck(limits, { type: "image/gif", size: 2_000_000 })).toBeNull();
    limits = learn(
      limits,
      new ApiProblem("unsupported_file", { allowed: ["pdf", "csv"] }),
      "application/zip",
    );
    expect(precheck(limits, { type: "application/zip", size: 1 })?.params).toEqual({
      allowed: ["pdf", "csv"],
    });
    expect(precheck(limits, { type: "application/zip", size: 1 })).toMatchObject({
      code: "unsupported_file",
    });
    limits = learn(limits, new ApiProblem("text_too_long", { length: 2001, max: 2000 }));
    expect(limits.text).toBe(2000);
    expect(learn(limits, new ApiProblem("network"), "image/png")).toBe(limits);
  });
});
