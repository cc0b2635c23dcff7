import type { Page } from "@playwright/test";
import { expect, pickCustomer, Sandbox, test } from "./loa";

interface Told {
  title: string;
  body?: string;
}

/** The browser's notifications and tones, written down instead of shown and played. */
async function listen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const told: { title: string; body?: string }[] = [];
    const heard = { rings: 0, asked: 0 };
    class Quiet {
      static permission = "default";
      static requestPermission = async () => {
        heard.asked += 1;
        Quiet.permission = "granted";
        return "granted" as const;
      };
      onclick: (() => void) | null = null;
      constructor(title: string, options?: { body?: string }) {
        told.push({ title, body: options?.body });
      }
      close() {}
    }
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (when) {
      heard.rings += 1;
      return start.call(this, when);
    };
    Object.assign(window, { Notification: Quiet, told, heard });
    // Whether the window is looked at is what the test says.
    Object.assign(window, { looking: true });
    document.hasFocus = () => (window as unknown as { looking: boolean }).looking;
  });
}

const told = (page: Page) => page.evaluate(() => (window as unknown as { told: Told[] }).told);
const heard = (page: Page) =>
  page.evaluate(() => (window as unknown as { heard: { rings: number; asked: number } }).heard);
const look = (page: Page, looking: boolean) =>
  page.evaluate((value) => Object.assign(window, { looking: value }), looking);

test("new messages ring and notify, only when they should", async ({ page, loa, signIn }) => {
  await listen(page);
  await signIn();
  const sandbox = new Sandbox(page, loa);
  const one = await pickCustomer(page, loa, { skip: 12 });
  const two = await pickCustomer(page, loa, { skip: 13 });

  // Nobody is asked for permission before the switch is pressed.
  expect((await heard(page)).asked).toBe(0);
  await page.getByRole("button", { name: "Thông báo" }).click();
  await page.getByText("Tất cả", { exact: true }).last().click();
  await page.getByRole("switch", { name: "Thông báo trên màn hình" }).click();
  await expect.poll(async () => (await heard(page)).asked).toBe(1);
  await page.keyboard.press("Escape");

  // Looked at: nothing. The same message is not told later either.
  await page.goto(`${loa.url}/inbox/${one.conversation.id}`);
  await expect(page.getByRole("textbox", { name: "Soạn tin" })).toBeEnabled();
  await page.evaluate(() => {
    (window.Notification as unknown as { permission: string }).permission = "granted";
  });
  await sandbox.customerWrites(one.oa, one.user, "Em hỏi chút");
  await expect(page.getByTestId("message").filter({ hasText: "Em hỏi chút" }).last()).toBeVisible();

  // Away: both customers in one notification.
  await look(page, false);
  await sandbox.customerWrites(two.oa, two.user, "Shop có giao Cần Thơ không?");
  await expect.poll(() => told(page)).toEqual([{ title: two.name, body: "Shop có giao Cần Thơ không?" }]);
  await expect.poll(async () => (await heard(page)).rings).toBe(2);
  await expect(page).toHaveTitle(/^\(\d+\) Loa$/);

  // Do not disturb.
  await page.keyboard.press("m");
  await expect(page.getByRole("button", { name: "Thông báo: đang không làm phiền" })).toBeVisible();
  const last = `Tin lúc im lặng ${Date.now()}`;
  await sandbox.customerWrites(two.oa, two.user, last);
  await expect(page.getByRole("option", { name: two.name }).first()).toContainText(last);
  await page.keyboard.press("m");
  await sandbox.customerWrites(two.oa, two.user, "Tin sau đó");
  await expect
    .poll(async () => (await told(page)).map((t) => t.body))
    .toEqual(["Shop có giao Cần Thơ không?", "Tin sau đó"]);
});
