import type { Locator, Page } from "@playwright/test";
import { expect, type Loa, pickCustomer, Sandbox, test } from "./loa";

const ADMIN = "Quản trị viên";

/** Open a customer's conversation and use up the free replies, so that the package is next. */
async function beyondFreeReplies(
  page: Page,
  loa: Loa,
  sandbox: Sandbox,
  customer: Awaited<ReturnType<typeof pickCustomer>>,
): Promise<Locator> {
  await sandbox.customerWrites(customer.oa, customer.user, "Shop ơi");
  await page.goto(`${loa.url}/inbox/${customer.conversation.id}`);
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  const counts = page.getByTestId("message-class");
  for (let left = 8; left > 0; left--) {
    await expect(counts).toContainText(`còn ${left}/8`);
    await composer.fill(`Trả lời ${9 - left}`);
    await composer.press("Enter");
  }
  await expect(counts).not.toContainText("Tin phản hồi miễn phí");
  return composer;
}

test("numbers of the package follow Loa's own sends, not Zalo's tool", async ({ page, loa, signIn }) => {
  await signIn(ADMIN);
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { account: -1 });
  await sandbox.account(customer.channel, { package: { used: 37, total: 1000 } });
  const composer = await beyondFreeReplies(page, loa, sandbox, customer);
  const counter = page.getByTestId("package-counter");
  await expect(counter).toHaveText("37/1000");

  for (const n of [1, 2, 3]) await sandbox.writeInTool(customer.oa, customer.user, `Từ OA Manager ${n}`);
  await expect(page.getByText("Từ OA Manager 3").last()).toBeVisible();
  await expect(page.getByText("gửi từ OA Manager").last()).toBeVisible();
  await expect(counter).toHaveText("37/1000");

  await composer.fill("Thêm một tin từ Loa");
  await composer.press("Enter");
  await expect(counter).toHaveText("41/1000");
});

test("no account that pays: the pop-up, and the draft stays", async ({ page, loa, signIn }) => {
  await signIn(ADMIN);
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { account: -1, skip: 1 });
  await sandbox.account(customer.channel, { package: { used: 2000, total: 2000 }, zca: { linked: false } });
  const composer = await beyondFreeReplies(page, loa, sandbox, customer);
  const notice = page.getByRole("status").filter({
    hasText: "Bạn đã sử dụng hết tin tư vấn miễn phí. Tin tư vấn tiếp theo sẽ được tính phí.",
  });
  await expect(notice).toContainText("2000/2000");
  await expect(notice.getByRole("link", { name: "Tìm hiểu thêm" })).toBeVisible();

  // The platform says -320 the first time; Loa knows it the second time.
  const popup = page.getByRole("dialog", { name: "Gửi tin nhắn không thành công." });
  for (const text of ["Tin tính phí", "Tin tính phí nữa"]) {
    await composer.fill(text);
    await composer.press("Enter");
    await expect(popup).toContainText(
      "Ứng dụng của bạn chưa kết nối với Zalo Cloud Account để sử dụng tính năng trả phí.",
    );
    await expect(popup.getByRole("link", { name: "Liên kết" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(popup).toBeHidden();
  }
  await expect(composer).toHaveValue("Tin tính phí nữa");
  await expect(composer).toBeEnabled();
});

test("no money: the pop-up, the lock, and the way out", async ({ page, loa, signIn }) => {
  await signIn(ADMIN);
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { account: -1, skip: 2 });
  await sandbox.account(customer.channel, {
    package: { used: 2000, total: 2000 },
    zca: { linked: true, balance_vnd: 0 },
  });
  const composer = await beyondFreeReplies(page, loa, sandbox, customer);
  await composer.fill("Tin hết tiền");
  await composer.press("Enter");
  const popup = page.getByRole("dialog", { name: "Gửi tin nhắn không thành công." });
  await expect(popup).toContainText("Tài khoản Zalo Cloud Account đã sử dụng hết tiền.");
  await popup.getByRole("button", { name: "Hủy" }).click();
  await expect(composer).toBeDisabled();
  await expect(page.getByRole("status").filter({ hasText: "Nạp thêm tiền Tại đây" })).toBeVisible();
  // What was written in is closed: the focus is on what opens it again.
  await expect(page.getByRole("link", { name: "Tại đây" })).toBeFocused();

  // The lock is the account's, not the browser's.
  await page.reload();
  await expect(composer).toBeDisabled();

  await sandbox.customerWrites(customer.oa, customer.user, "Em hỏi thêm");
  await expect(composer).toBeEnabled();
  await expect(page.getByTestId("message-class")).toContainText("còn 8/8");
});
