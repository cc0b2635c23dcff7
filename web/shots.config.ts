import { join } from "node:path";
import usual from "./playwright.config";

/** Pictures of the composer's states, by `npm run shots`. They are looked at, not compared. */
export default {
  ...usual,
  testMatch: "shots.ts",
  timeout: 1_800_000,
  retries: 0,
  reporter: "line",
  // Not where another run keeps its own.
  outputDir: join(process.env.SHOTS ?? "test-results", ".run"),
};
