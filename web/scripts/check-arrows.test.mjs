import { describe, expect, it } from "vitest";
import { check, objection } from "./check-arrows.mjs";

describe("arrows", () => {
  it.each([
    ["features/inbox/inbox-page.tsx", "ui/person", null],
    ["features/inbox/list/row.tsx", "features/inbox/outbox", null],
    ["routes/inbox.tsx", "features/inbox/inbox-page", null],
    ["app/app.tsx", "routes/tree", null],
    ["realtime/live.ts", "api/keys", null],
    ["ui/states.tsx", "i18n/format", null],
    ["features/inbox/inbox-page.tsx", "features/shell/shell", 'feature "inbox" imports feature "shell"'],
    ["ui/person.tsx", "api/types", '"ui" imports "api"'],
    ["api/client.ts", "realtime/live", '"api" imports "realtime"'],
    ["i18n/format.ts", "ui/theme", '"i18n" imports "ui"'],
    ["features/inbox/x.ts", "routes/tree", '"features" imports "routes"'],
    ["routes/inbox.tsx", "app/app", '"routes" imports "app"'],
  ])("%s -> %s: %s", (from, to, why) => {
    expect(objection(from, to)).toBe(why);
  });

  it("sees relative and dynamic imports, and colours", () => {
    expect(check("features/inbox/a.ts", 'import { x } from "../shell/shell";')).toHaveLength(1);
    expect(check("features/inbox/a.ts", 'const x = import("~/routes/tree");')).toHaveLength(1);
    expect(check("features/inbox/a.css", "a { color: #fff }")).toHaveLength(1);
    expect(check("features/inbox/a.css", "a { color: var(--loa-text) }")).toEqual([]);
    expect(check("ui/theme.ts", 'const x = "#ffffff"')).toEqual([]);
  });
});
