import type { Page } from "@playwright/test";
import { expect, Phone, pickCustomer, test } from "./loa";

/** The smallest PNG there is: one pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

test("a picture goes out with its caption", async ({ page, loa, signIn }) => {
  await signIn();
  const { conversation } = await pickCustomer(page, loa, { skip: 3 });
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  await expect(composer).toBeEnabled();
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "mau.png", mimeType: "image/png", buffer: PNG });
  await expect(page.getByRole("button", { name: "Bỏ tệp mau.png" })).toBeVisible();
  await composer.fill("Mẫu này nha chị");
  await composer.press("Enter");
  const sent = page.getByTestId("message").filter({ hasText: "Mẫu này nha chị" });
  await expect(sent.getByRole("button", { name: "Xem hình lớn" })).toBeVisible();
  await expect(sent.getByRole("img", { name: /^(Đã gửi|Đã nhận|Đã xem)$/ })).toBeVisible();
  await expect(composer).toHaveValue("");
});

test("what the platform would not take is refused before it is called, and the draft stays", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn();
  const { conversation } = await pickCustomer(page, loa, { skip: 4 });
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  await expect(composer).toBeEnabled();

  await page.locator("input[type=file]").setInputFiles({
    name: "phim.exe",
    mimeType: "application/x-msdownload",
    buffer: Buffer.from("MZ not a document"),
  });
  await expect(page.getByRole("alert")).toContainText("Zalo không nhận loại tệp này.");

  await page.getByRole("button", { name: "Bỏ tệp phim.exe" }).click();
  await expect(page.getByRole("alert")).toHaveCount(0);

  // Too long for one message: said before anything is refused, and it can go as two.
  const long = `${"ạ".repeat(1_990)} ${"b".repeat(20)}`;
  await composer.fill(long);
  const hint = page.getByTestId("too-long");
  await expect(hint).toContainText("Dài hơn 2.000 ký tự của một tin.");
  await composer.press("Enter");
  await expect(composer).toHaveValue(long);
  await hint.getByRole("button", { name: "Gửi thành 2 tin" }).click();
  await expect(composer).toHaveValue("");
  const messages = page.getByTestId("message");
  await expect(messages.last()).toContainText("b".repeat(20));
  await expect(messages.nth(-2)).toContainText("ạ".repeat(1_990));
  await expect(messages.last().getByRole("img", { name: /^(Đã gửi|Đã nhận|Đã xem)$/ })).toBeVisible();
});

/** A transfer as the browser makes one, with two pictures and a program. */
const transfer = (page: Page) =>
  page.evaluateHandle((png) => {
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob(png), (c) => c.charCodeAt(0));
    for (const name of ["một.png", "hai.png"]) data.items.add(new File([bytes], name, { type: "image/png" }));
    data.items.add(new File(["MZ"], "phim.exe", { type: "application/x-msdownload" }));
    return data;
  }, PNG.toString("base64"));

test("files are dropped on the conversation and pasted, seen before they go, and taken out again", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn();
  const { conversation, name } = await pickCustomer(page, loa, { skip: 5 });
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  await expect(page.getByRole("textbox", { name: "Soạn tin" })).toBeEnabled();
  const pane = page.getByRole("region", { name: `Hội thoại với ${name}` });
  const files = page.getByRole("list", { name: "Tệp gửi kèm" }).getByRole("listitem");

  const dropped = await transfer(page);
  await pane.dispatchEvent("dragover", { dataTransfer: dropped });
  await expect(page.getByText("Thả tệp vào đây để gửi kèm")).toBeVisible();
  await pane.dispatchEvent("drop", { dataTransfer: dropped });
  await expect(page.getByText("Thả tệp vào đây để gửi kèm")).toHaveCount(0);
  await expect(files).toHaveCount(3);
  await expect(files.filter({ hasText: "một.png" }).locator("img")).toBeVisible();
  await expect(files.getByRole("alert")).toContainText("Zalo không nhận loại tệp này.");
  for (const gone of ["phim.exe", "hai.png"]) {
    await page.getByRole("button", { name: `Bỏ tệp ${gone}` }).click();
  }
  await expect(files).toHaveCount(1);

  // Pasted while nothing is being typed.
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.evaluate(
    (clipboardData) => {
      document.body.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
      );
    },
    await transfer(page),
  );
  await expect(files).toHaveCount(4);
  while ((await files.count()) > 0)
    await files
      .first()
      .getByRole("button", { name: /^Bỏ tệp/ })
      .click();
});

test("a send without an answer keeps its text, and goes once with one key", async ({
  page,
  loa,
  signIn,
  context,
}) => {
  await signIn();
  const { conversation, oa, user } = await pickCustomer(page, loa, { skip: 6 });
  const phone = await Phone.open(await context.newPage(), loa, oa, user);
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  await expect(composer).toBeEnabled();

  // The server takes it, but its answer is lost on the way; the next one does not even arrive.
  const ids: string[] = [];
  let calls = 0;
  await page.route("**/api/conversations/*/messages", async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    ids.push((route.request().postDataJSON() as { client_id: string }).client_id);
    calls += 1;
    if (calls > 2) return route.fallback();
    if (calls === 1) await route.fetch();
    return route.abort("connectionreset");
  });
  const text = `Tin lúc mất mạng ${Date.now()}`;
  await composer.fill(text);
  await composer.press("Enter");
  await expect(phone.message(text)).toHaveCount(1);
  await composer.fill(`${text} (hai)`);
  await composer.press("Enter");
  const second = page.getByTestId("message").filter({ hasText: `${text} (hai)` });
  await expect(second).toHaveAttribute("data-status", "failed");

  // A reload does not lose it.
  await page.reload();
  await expect(second).toHaveAttribute("data-status", "failed");
  await page.keyboard.press("t");
  await expect(phone.message(`${text} (hai)`)).toHaveCount(1);
  await expect(second.getByRole("img", { name: /^(Đã gửi|Đã nhận|Đã xem)$/ })).toBeVisible();
  expect(ids.at(-1)).toBe(ids[1]);
  await expect(phone.message(text)).toHaveCount(2);
});

test("two tabs with one draft ask, and never overwrite", async ({ page, loa, signIn, context }) => {
  await signIn();
  const { conversation } = await pickCustomer(page, loa, { skip: 7 });
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  const here = page.getByRole("textbox", { name: "Soạn tin" });
  await expect(here).toBeEnabled();
  const tab = await context.newPage();
  await tab.goto(`${loa.url}/inbox/${conversation.id}`);
  const there = tab.getByRole("textbox", { name: "Soạn tin" });
  await expect(there).toBeEnabled();

  // Only one writes: the other one follows.
  await here.fill("Nháp chung");
  await expect(there).toHaveValue("Nháp chung");

  // Both write, neither knowing of the other: this tab hears nothing while that one saves.
  await here.fill("Nháp chung, ở thẻ một");
  await there.fill("Nháp chung, ở thẻ hai");
  const strip = (tab: Page) => tab.getByRole("region", { name: "Bản nháp ở nơi khác" });
  await expect.poll(async () => (await strip(page).count()) + (await strip(tab).count())).toBeGreaterThan(0);
  const asked = (await strip(page).count()) > 0 ? page : tab;
  await strip(asked).getByRole("button", { name: "Ghép cả hai" }).click();
  const joined = asked.getByRole("textbox", { name: "Soạn tin" });
  await expect(joined).toHaveValue(/thẻ một/);
  await expect(joined).toHaveValue(/thẻ hai/);
});
