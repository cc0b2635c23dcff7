/** One agent's hour without a mouse: every step by key, and the page itself says that nothing was clicked. */
import type { Page } from "@playwright/test";
import { expect, pickCustomer, Sandbox, test } from "./loa";

/** The smallest PNG there is: one pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** Writes down whatever a pointer does; a click that a key makes has no place on the screen. */
const watchPointer = (page: Page) =>
  page.addInitScript(() => {
    const touched: string[] = [];
    Object.assign(window, { touched });
    for (const kind of ["pointerdown", "mousedown", "wheel", "touchstart"]) {
      document.addEventListener(kind, () => touched.push(kind), true);
    }
  });
const touched = (page: Page) => page.evaluate(() => (window as unknown as { touched: string[] }).touched);

test("an agent's hour: triage, reply, quote, attach, react, retry, report, close, find", async ({
  page,
  loa,
}) => {
  test.slow();
  await watchPointer(page);
  await page.goto(loa.url);
  const enter = page.getByRole("button", { name: "Đăng nhập với tên Lê Thị Hạnh, Nhân viên" });
  await expect(enter).toBeVisible();
  for (let n = 0; n < 20 && !(await enter.evaluate((x) => x === document.activeElement)); n++) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await expect(page.getByRole("listbox", { name: "Hội thoại" })).toBeVisible({ timeout: 30_000 });
  const sandbox = new Sandbox(page, loa);
  const first = await pickCustomer(page, loa, { skip: 301 });
  const second = await pickCustomer(page, loa, { skip: 302 });
  const press = (key: string) => page.keyboard.press(key);
  const type = (text: string) => page.keyboard.type(text);
  const row = (name: string) => page.getByRole("option", { name }).first();
  const chosen = page.getByRole("option", { selected: true });
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  const message = (text: string) => page.getByTestId("message").filter({ hasText: text }).last();
  const went = (text: string) =>
    expect(message(text).getByRole("img", { name: /^(Đã gửi|Đã nhận|Đã xem)$/ })).toBeVisible();

  // 08:00, triage. Two customers wrote; the list can stand by what closes next, and back.
  const question = `Đầm này còn size M không ạ? ${Date.now()}`;
  await sandbox.customerWrites(second.oa, second.user, "Em muốn đổi hàng");
  await sandbox.customerWrites(first.oa, first.user, question);
  await expect(row(first.name)).toContainText(question);
  await press("o");
  await expect(page).toHaveURL(/sort=closing/);
  await expect(page.getByTestId("closing").first()).toHaveText(/(miễn phí|gửi được) còn /);
  await press("o");
  await expect(page).not.toHaveURL(/sort=closing/);
  await press("1");
  await press("n");
  await expect(chosen).toContainText(first.name);
  await expect(composer).toBeEnabled();

  // Mine. What is left, and why.
  await press("a");
  await expect(page.getByRole("button", { name: "Người phụ trách: Lê Thị Hạnh" })).toBeVisible();
  await press("w");
  await expect(page.getByTestId("why")).toContainText("Khách đã nhắn; phản hồi miễn phí đến");
  await press("Escape");
  await press("i");
  await expect(page.getByTestId("free-replies")).toContainText("còn 8/8");
  await press("i");
  await expect(page.getByTestId("free-replies")).toHaveCount(0);

  // A heart for the question, and another one instead; then the answer that quotes it.
  await press("Alt+ArrowUp");
  await expect(message(question)).toBeFocused();
  await press("l");
  await expect(page.getByRole("button", { name: "Thích", exact: true })).toBeFocused();
  await press("ArrowRight");
  await press("Enter");
  await expect(message(question).getByRole("img", { name: "OA thả ❤️" })).toBeVisible();
  // The focus went back to the message.
  await press("l");
  const heart = page.getByRole("button", { name: "Yêu thích", exact: true });
  await expect(heart).toBeFocused();
  await expect(heart).toHaveAttribute("aria-pressed", "true");
  await press("Enter");
  await expect(message(question).getByRole("img", { name: "OA thả ❤️" })).toHaveCount(0);
  await press("Escape");
  await press("q");
  await expect(composer).toBeFocused();
  await type("Dạ còn ạ, chị cao và nặng bao nhiêu để em tư vấn kỹ hơn?");
  await press("Enter");
  await went("Dạ còn ạ, chị cao");
  await expect(message("Dạ còn ạ, chị cao")).toContainText(question);

  // A picture.
  const chooser = page.waitForEvent("filechooser");
  await press("Alt+u");
  await (await chooser).setFiles({ name: "mau.png", mimeType: "image/png", buffer: PNG });
  await expect(page.getByRole("button", { name: "Bỏ tệp mau.png" })).toBeVisible();
  await expect(composer).toBeFocused();
  await type("Mẫu này ạ");
  await press("Enter");
  await went("Mẫu này ạ");

  // The line is lost in the middle of a send: one key sends it again, once.
  let lost = true;
  await page.route("**/api/conversations/*/messages", (route) =>
    lost && route.request().method() === "POST" ? route.abort("connectionreset") : route.fallback(),
  );
  const late = `Giá 459.000đ ạ ${Date.now()}`;
  await type(late);
  await press("Enter");
  await expect(message(late)).toHaveAttribute("data-status", "failed");
  lost = false;
  await press("Alt+t");
  await went(late);
  await expect(page.getByTestId("message").filter({ hasText: late })).toHaveCount(1);
  expect(await touched(page)).toEqual([]);

  // A word for the colleagues, that the customer never sees; Esc leads back to the reply.
  await press("Escape");
  await press("b");
  const note = page.getByRole("textbox", { name: "Ghi chú nội bộ" });
  await expect(note).toBeFocused();
  await type("Khách quen, giữ size M đến 18 giờ");
  await press("Enter");
  await expect(page.getByTestId("note").last()).toContainText("Khách quen, giữ size M");
  await press("Escape");
  await expect(composer).toBeFocused();

  // Done with this one, on to the next unread.
  await press("Escape");
  await press("Shift+E");
  await expect(page.getByRole("option", { name: first.name })).toHaveCount(0);
  await press("/");
  await type(second.name);
  await expect(page).toHaveURL(/[?&]q=/);
  await expect(row(second.name)).toBeVisible();
  await press("Enter");
  await press("ArrowDown");
  await expect(chosen).toContainText(second.name);
  await press("r");
  await expect(composer).toBeFocused();
  await type("Dạ chị gửi em mã đơn, em đổi cho mình ngay ạ.");
  await press("Enter");
  await went("Dạ chị gửi em mã đơn");
  await press("Escape");

  // What used the quota today, by the palette; then back, and the sheet that shows all keys.
  await press("Control+k");
  await type("lich su han muc moc lan");
  await press("Enter");
  await expect(page).toHaveURL(/\/settings\/channels\/.*\/quota$/);
  await expect(page.getByTestId("quota-table")).toContainText("Lê Thị Hạnh");
  await press("Control+k");
  await type("hop thu");
  await press("Enter");
  await expect(page).toHaveURL(/\/inbox/);
  // Keys are the dialog's until it has gone.
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await press("?");
  const sheet = page.getByRole("dialog", { name: "Phím tắt" });
  await expect(sheet).toContainText("Thả cảm xúc");
  await expect(sheet).toContainText("Sắp hết hạn trước");
  await press("Escape");
  await expect(sheet).toBeHidden();
  expect(await touched(page)).toEqual([]);
});
