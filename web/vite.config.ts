import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The development server stands in front of a running `loa`; everything that is not the app goes there.
const server = process.env.LOA_SERVER ?? "http://localhost:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    port: 5173,
    proxy: {
      "/api": { target: server, ws: true },
      "/webhooks": { target: server },
    },
  },
  build: {
    target: "es2022",
    outDir: "dist",
    // Maps would double the size of the program that carries these files.
    sourcemap: false,
    // A font inlined as text could not be cached or loaded by unicode range.
    assetsInlineLimit: 0,
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.mjs"],
    setupFiles: ["./src/test-setup.ts"],
    restoreMocks: true,
  },
});
