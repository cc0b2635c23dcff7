import { describe, expect, it } from "vitest";
import type { StoredFile } from "~/api/types";
import { joinDrafts, meet } from "./meet";

const file = (id: string): StoredFile => ({ id, name: id, media_type: "image/png", size: 1, url: `/${id}` });
const draft = (text: string, ...files: string[]) => ({ text, attachments: files.map(file) });

describe("two tabs with one draft", () => {
  it.each([
    ["they say what we know", draft("a"), draft("a"), draft("a"), undefined, "keep"],
    ["we wrote, they did not", draft("ab"), draft("a"), draft("a"), undefined, "keep"],
    ["they wrote, we did not", draft("a"), draft("a"), draft("ax"), undefined, "take"],
    ["they sent it, we did not touch it", draft("a"), draft("a"), draft(""), undefined, "take"],
    ["both wrote", draft("ab"), draft("a"), draft("ax"), undefined, "ask"],
    ["both wrote the same", draft("ab"), draft("a"), draft("ab"), undefined, "keep"],
    ["our own save comes back late", draft("abc"), draft("a"), draft("ab"), draft("ab"), "keep"],
    ["they attached a file", draft("a"), draft("a"), draft("a", "f"), undefined, "take"],
    ["both attached", draft("a", "g"), draft("a"), draft("a", "f"), undefined, "ask"],
    ["the first one here is theirs", draft(""), draft(""), draft("a"), undefined, "take"],
  ] as const)("%s", (_name, mine, base, theirs, sending, want) => {
    expect(meet(mine, base, theirs, sending)).toBe(want);
  });

  it("join without losing or doubling anything", () => {
    expect(joinDrafts(draft("mới", "f", "g"), draft("cũ", "f"))).toEqual(draft("cũ\nmới", "f", "g"));
    expect(joinDrafts(draft(""), draft("cũ"))).toEqual(draft("cũ"));
  });
});
