// Pictures of every state of the composer, in both languages, light and dark: `npm run shots -- FOLDER`.
// The folder lies outside the tree, so that no picture is committed by mistake.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [given] = process.argv.slice(2);
const tree = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
if (!given) {
  console.error("usage: npm run shots -- FOLDER");
  process.exit(2);
}
const folder = resolve(process.env.INIT_CWD ?? ".", given);
if (!relative(tree, folder).startsWith("..")) {
  console.error(`${folder} lies inside the tree; choose a folder outside it`);
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const { status } = spawnSync("npx", ["playwright", "test", "--config", "shots.config.ts"], {
  cwd: resolve(tree, "web"),
  env: { ...process.env, SHOTS: folder },
  stdio: "inherit",
});
process.exit(status ?? 1);
