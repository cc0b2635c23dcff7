import usual from "./playwright.config";

/** Pictures of the composer's states, by `npm run shots`. They are looked at, not compared. */
export default { ...usual, testMatch: "shots.ts", timeout: 900_000, retries: 0, reporter: "line" };
