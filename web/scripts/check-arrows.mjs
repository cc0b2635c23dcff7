// The arrows of the web app, executed: `npm run lint` fails when an import runs against them.
//
//   app <- routes <- features/<area> <- parts <- realtime <- api, ui <- i18n   (left may import right, never back)
//
// A feature never imports another feature. A colour is written in src/ui/theme.ts only.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What each ring may import besides itself. */
const MAY = {
  main: ["app", "ui", "i18n"],
  app: ["routes", "realtime", "api", "ui", "i18n"],
  routes: ["features", "realtime", "api", "ui", "i18n"],
  features: ["parts", "realtime", "api", "ui", "i18n"],
  // What several features show and the server feeds.
  parts: ["realtime", "api", "ui", "i18n"],
  realtime: ["api"],
  api: [],
  ui: ["i18n"],
  i18n: [],
};

const IMPORT = /(?:from\s*|import\s*\(?\s*|import\s+)["']([^"']+)["']/g;
const COLOUR = /#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch)\(/;

/** The ring and, for features, the area of a path below src. */
export function placeOf(path) {
  const [ring, area] = path.split("/");
  if (!path.includes("/")) return { ring: path.replace(/\.\w+$/, ""), area: null };
  return { ring, area: ring === "features" ? area : null };
}

/** Why `from` may not import `to` (both relative to src), or null. */
export function objection(from, to) {
  const a = placeOf(from);
  const b = placeOf(to);
  if (a.ring === b.ring) {
    if (a.area !== b.area) return `feature "${a.area}" imports feature "${b.area}"`;
    return null;
  }
  if (a.ring.endsWith("test-setup") || MAY[a.ring]?.includes(b.ring)) return null;
  return `"${a.ring}" imports "${b.ring}"`;
}

/** Every objection in one file. */
export function check(path, text) {
  const found = [];
  for (const [, name] of text.matchAll(IMPORT)) {
    let target;
    if (name.startsWith("~/")) target = name.slice(2);
    else if (name.startsWith(".")) target = relative("/", resolve("/", dirname(path), name));
    else continue;
    const why = objection(path, target);
    if (why) found.push(`${path}: ${why} (${name})`);
  }
  const themed = path === "ui/theme.ts" || /\.test\.tsx?$/.test(path) || path.endsWith(".gen.ts");
  if (!themed && /\.(css|tsx?)$/.test(path)) {
    for (const [at, line] of text.split("\n").entries()) {
      if (COLOUR.test(line.replace(/["'`]#main["'`]/, ""))) {
        found.push(`${path}:${at + 1}: a colour outside ui/theme.ts`);
      }
    }
  }
  return found;
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (/\.(tsx?|css)$/.test(entry.name)) yield path;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const src = fileURLToPath(new URL("../src", import.meta.url));
  const found = [...files(src)].flatMap((path) => check(relative(src, path), readFileSync(path, "utf8")));
  for (const line of found) console.error(line);
  if (found.length > 0) process.exit(1);
  console.log("arrows: ok");
}
