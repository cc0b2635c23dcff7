/**
 * A picture of each state of the composer (A-S0 to A-S11) and of both pop-ups, vi and en, light and dark, and one sheet a
 * language and scheme with all of them. Pictures are for eyes: the server's answer is changed on its way, so that every
 * state is there at once; that the states come about is what acceptance.spec.ts shows.
 */
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { components } from "../src/api/schema.gen";
import { expect, pickCustomer, test } from "./loa";

type View = components["schemas"]["DecisionView"];
type Change = (view: View) => View;

const folder = process.env.SHOTS ?? "";

const reasons = (...list: [string, Record<string, unknown>?][]) =>
  list.map(([code, params = {}]) => ({ code, params })) as View["reasons"];
const pool = (used: number, total: number) => ({
  used,
  total,
  reserved: 0,
  as_of: Date.now() - 200_000,
  until: Date.now() + 6 * 86_400_000,
});

/** The server's answer in this state. */
function inState(state: View["composer"]["state"], enabled: boolean, more: Partial<View> = {}): Change {
  return (view) => ({
    ...view,
    verdict: enabled ? "allow" : "deny",
    class: null,
    reply: null,
    package: null,
    changes_at: null,
    ...more,
    composer: { ...view.composer, state, enabled, ...(more as { composer?: object }).composer },
  });
}
const room = (composer: Partial<View["composer"]>) => ({ composer }) as Partial<View>;

interface Shot {
  name: string;
  change: Change | "hold";
  /** What a send is answered with. */
  send?: "popup_not_linked" | "popup_no_money" | "lost" | "never";
}

const used = { package: pool(2000, 2000), reasons: reasons(["package_used_up"], ["paid_through_zca"]) };
const paid = { ...used, class: "paid", cost_vnd: 55 } as Partial<View>;
const free = inState("reply_free", true, {
  class: "reply",
  reply: { remain: 7, total: 8, until: Date.now() + 40 * 3_600_000 },
  reasons: reasons(["reply_window_open", { until: Date.now() + 40 * 3_600_000 }]),
});

const shots: Shot[] = [
  { name: "A-S0 loading", change: "hold" },
  { name: "A-S1 reply_free", change: free },
  {
    name: "A-S2 next_is_consultation",
    change: inState("next_is_consultation", true, {
      class: "package",
      package: pool(37, 1000),
      reasons: reasons(["reply_window_over"], ["package_left", { used: 37, total: 1000 }]),
    }),
  },
  {
    name: "A-S2 unconfirmed",
    change: inState("next_is_consultation", true, {
      class: "package",
      package: pool(37, 1000),
      reasons: reasons(["package_left", { used: 37, total: 1000 }]),
      ...room({ quota_stale: true }),
    }),
  },
  { name: "A-S3 free_consultation_used_up", change: inState("free_consultation_used_up", true, paid) },
  {
    name: "A-S4 popup_not_linked",
    change: inState("free_consultation_used_up", true, paid),
    send: "popup_not_linked",
  },
  {
    name: "A-S4 agent",
    change: inState("free_consultation_used_up", true, { ...paid, ...room({ may_configure: false }) }),
    send: "popup_not_linked",
  },
  {
    name: "A-S5 popup_no_money",
    change: inState("free_consultation_used_up", true, paid),
    send: "popup_no_money",
  },
  {
    name: "A-S5 agent",
    change: inState("free_consultation_used_up", true, { ...paid, ...room({ may_configure: false }) }),
    send: "popup_no_money",
  },
  { name: "A-S6 locked_no_money", change: inState("locked_no_money", false, used) },
  {
    name: "A-S6 agent",
    change: inState("locked_no_money", false, { ...used, ...room({ may_configure: false }) }),
  },
  {
    name: "A-S7 window_closed",
    change: inState("window_closed", false, {
      reasons: reasons(["interaction_too_old", { days: 7 }]),
      ...room({ ways: [{ kind: "customer_interacts", free_hours: 48 }, { kind: "template" }] }),
    }),
  },
  {
    name: "A-S8 blocked",
    change: inState("blocked", false, {
      reasons: reasons(["blocked"]),
      ...room({ ways: [{ kind: "customer_writes", free_hours: 48 }] }),
    }),
  },
  {
    name: "A-S9 reconnect",
    change: inState("reconnect", false, { reasons: reasons(["channel_disconnected"]) }),
  },
  {
    name: "A-S9 agent",
    change: inState("reconnect", false, {
      reasons: reasons(["channel_disconnected"]),
      ...room({ may_configure: false }),
    }),
  },
  { name: "A-S10 not_yours", change: inState("not_yours", false, room({ may_take: true })) },
  { name: "A-S11 sending", change: free, send: "never" },
  { name: "A-S11 failed", change: free, send: "lost" },
];

for (const language of ["vi", "en"] as const) {
  for (const scheme of ["light", "dark"] as const) {
    test(`${language} ${scheme}`, async ({ page, loa, signIn }) => {
      expect(folder, "run it by `npm run shots -- FOLDER`").not.toBe("");
      await signIn("Quản trị viên");
      const { conversation } = await pickCustomer(page, loa, { skip: 400 });
      const members = (await (await page.request.get(`${loa.url}/api/members`)).json()) as {
        items: { id: string; role: string }[];
      };
      const assignee = members.items.find((m) => m.role === "agent")?.id;
      await page.addInitScript((chosen) => localStorage.setItem("loa.language", chosen), language);
      await page.emulateMedia({ colorScheme: scheme });
      const taken: { name: string; path: string }[] = [];
      for (const width of [1100, 390]) {
        // In a narrow window only the longest notices can go wrong.
        const wanted = width > 400 ? shots : shots.filter((s) => /A-S[2367]/.test(s.name));
        await page.setViewportSize({ width, height: 640 });
        for (const shot of wanted) {
          const path = join(folder, `${language}-${scheme}-${width}-${shot.name.replaceAll(" ", "-")}.png`);
          await take(page, `${loa.url}/inbox/${conversation.id}`, shot, assignee);
          await page.screenshot({ path, animations: "disabled" });
          taken.push({ name: `${shot.name} (${width})`, path });
        }
      }
      await sheet(page, taken, join(folder, `sheet-${language}-${scheme}.png`));
    });
  }
}

async function take(page: Page, url: string, shot: Shot, assignee: string | undefined): Promise<void> {
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.route("**/decision", async (route) => {
    if (shot.change === "hold") return;
    const view = (await (await route.fetch()).json()) as View;
    const changed = shot.change(view);
    if (changed.composer.state === "not_yours") changed.composer.assignee_id = assignee;
    await route.fulfill({ json: changed });
  });
  await page.route("**/messages", async (route) => {
    if (route.request().method() !== "POST" || !shot.send) return route.fallback();
    if (shot.send === "never") return;
    if (shot.send === "lost") return route.abort("connectionreset");
    const json = { code: "send_not_allowed", params: { composer: shot.send } };
    return route.fulfill({ status: 409, json });
  });
  await page.evaluate(() => {
    for (const key of Object.keys(localStorage)) if (key.includes("outbox")) localStorage.removeItem(key);
  });
  await page.goto(url);
  await expect(page.getByTestId("message").last()).toBeVisible({ timeout: 30_000 });
  const notice = page.locator("[role=status][data-state]");
  if (shot.change === "hold") {
    await expect(notice).toHaveAttribute("data-state", "loading");
    return;
  }
  await expect(notice).not.toHaveAttribute("data-state", "loading", { timeout: 30_000 });
  if (!shot.send) return;
  const composer = page.getByRole("textbox").last();
  await composer.fill("Dạ em gửi chị bảng giá ạ");
  await composer.press("Enter");
  if (shot.send.startsWith("popup")) await expect(page.getByRole("dialog")).toBeVisible();
  else {
    await expect(page.getByTestId("message").last()).toHaveAttribute(
      "data-status",
      shot.send === "lost" ? "failed" : "sending",
    );
  }
}

/** All pictures of one language and scheme on one page: the lower half of each, where the composer is. */
async function sheet(page: Page, taken: { name: string; path: string }[], path: string): Promise<void> {
  const { readFile } = await import("node:fs/promises");
  const figures = await Promise.all(
    taken.map(async ({ name, path }) => {
      const data = (await readFile(path)).toString("base64");
      const part = /popup|S[45] agent/.test(name) ? "middle" : "end";
      return `<figure><figcaption>${name}</figcaption><img class="${part}" src="data:image/png;base64,${data}"></figure>`;
    }),
  );
  const other = await page.context().newPage();
  await other.setViewportSize({ width: 1500, height: 900 });
  await other.setContent(`<style>
    body { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px; background: gray; font: 13px sans-serif }
    figure { margin: 0; background: white }
    img { display: block; width: 700px; height: 230px; object-fit: none; object-position: right bottom }
    img.middle { object-position: center }
  </style>${figures.join("")}`);
  await other.screenshot({ path, fullPage: true });
  await other.close();
}
