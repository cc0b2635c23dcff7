// What a browser loads, gzip: `npm run build && npm run sizes`.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const assets = fileURLToPath(new URL("../dist/assets/", import.meta.url));
const rows = readdirSync(assets)
  .map((name) => {
    const bytes = readFileSync(assets + name);
    const packed = name.endsWith(".woff2") ? bytes.length : gzipSync(bytes).length;
    return { kind: name.split(".").pop(), name, packed };
  })
  .sort((a, b) => b.packed - a.packed);
const kb = (n) => `${(n / 1024).toFixed(1)} KB`;
for (const row of rows) console.log(kb(row.packed).padStart(10), row.name);
for (const kind of ["js", "css", "woff2"]) {
  const sum = rows.filter((r) => r.kind === kind).reduce((n, r) => n + r.packed, 0);
  console.log(kb(sum).padStart(10), `all ${kind}`);
}
