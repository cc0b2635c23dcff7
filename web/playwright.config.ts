import { defineConfig } from "@playwright/test";

// The system's Chromium; as root it must run without its own sandbox.
const root = process.getuid?.() === 0;

export default defineConfig({
  testDir: "./e2e",
  timeout: 60_000,
  expect: { timeout: 5_000 },
  // Every worker starts a whole Loa with its own data, so tests do not meet.
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: process.env.CI ? [["list"], ["html", { open: "never" }]] : "list",
  use: {
    locale: "vi-VN",
    timezoneId: "Asia/Ho_Chi_Minh",
    viewport: { width: 1280, height: 800 },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: root ? ["--no-sandbox", "--disable-dev-shm-usage"] : [],
    },
  },
});
