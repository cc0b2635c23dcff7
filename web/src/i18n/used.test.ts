import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import vi from "./vi.json";

/** Families whose last word comes from the server or a table. */
const BY_CODE = /^(errors|invalid|reasons|refusals|inbox\.empty)\./;

type Tree = { [key: string]: string | Tree };

function keysOf(tree: Tree, prefix = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string"
      ? [prefix + key.replace(/_(one|other)$/, "")]
      : keysOf(value, `${prefix}${key}.`),
  );
}

function source(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return source(path);
      return /\.tsx?$/.test(entry.name) && !entry.name.includes(".test.") ? readFileSync(path, "utf8") : "";
    })
    .join("\n");
}

it("every text of the catalogue is used", () => {
  const text = source(join(import.meta.dirname, ".."));
  const unused = [...new Set(keysOf(vi))].filter((key) => {
    const family = key.slice(0, key.lastIndexOf("."));
    return !BY_CODE.test(key) && !text.includes(`"${key}"`) && !text.includes(`\`${family}.\${`);
  });
  expect(unused).toEqual([]);
});
