import { randomUUID } from "node:crypto";
import { expect, pickCustomer, Sandbox, test } from "./loa";

test("why a message counts as it does, and sparing the last replies", async ({ page, loa, signIn }) => {
  await signIn();
  const sandbox = new Sandbox(page, loa);
  const { conversation, oa, user } = await pickCustomer(page, loa, { skip: 8 });
  await sandbox.customerWrites(oa, user, "Shop ơi");
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  const counts = page.getByTestId("message-class");
  const hint = page.getByTestId("thrift");

  await expect(counts).toContainText("còn 8/8");
  await page.keyboard.press("w");
  const why = page.getByTestId("why");
  await expect(why).toContainText("Tin phản hồi miễn phí");
  await expect(why).toContainText("Khách đã nhắn; phản hồi miễn phí đến");
  await expect(why).toContainText("lý do quyết định");
  await expect(why).toContainText("messaging-2024-11");
  await page.keyboard.press("Escape");
  await expect(why).toHaveCount(0);

  for (let left = 8; left > 2; left--) {
    await expect(counts).toContainText(`còn ${left}/8`);
    await composer.fill(`Dạ ${left}`);
    await expect(hint).toHaveCount(0);
    await composer.press("Enter");
  }
  await expect(counts).toContainText("còn 2/8");
  await composer.fill("Dạ còn ạ");
  await expect(hint).toContainText("Chỉ còn 2 tin phản hồi miễn phí.");
  await hint.getByRole("button", { name: "Viết tiếp trong tin này" }).click();
  await expect(composer).toBeFocused();
  await page.keyboard.type("Chị lấy size nào?");
  await expect(composer).toHaveValue("Dạ còn ạ\nChị lấy size nào?");
  await expect(hint).toHaveCount(0);
  // It only says so: a short one goes all the same.
  await composer.fill("Dạ");
  await composer.press("Enter");
  await expect(counts).toContainText("còn 1/8");

  // What went says why it went as what it went.
  const sent = page.getByTestId("message").filter({ hasText: "Dạ 8" });
  await sent.hover();
  await sent.getByRole("button", { name: "Thao tác với tin này" }).click();
  await page.getByRole("menuitem", { name: "Vì sao tính loại này?" }).click();
  const dialog = page.getByRole("dialog", { name: "Vì sao tin đã gửi được tính như vậy" });
  await expect(dialog).toContainText("8/8");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

test("'Kiểm tra lại' asks the platform once and says what it found", async ({ page, loa, signIn }) => {
  await signIn("Quản trị viên");
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { account: -1, skip: 3 });
  await sandbox.account(customer.channel, {
    package: { used: 2000, total: 2000 },
    zca: { linked: true, balance_vnd: 0 },
  });
  await sandbox.customerWrites(customer.oa, customer.user, "Shop ơi");
  await page.goto(`${loa.url}/inbox/${customer.conversation.id}`);
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  const counts = page.getByTestId("message-class");
  for (let left = 8; left > 0; left--) {
    await expect(counts).toContainText(`còn ${left}/8`);
    await composer.fill(`Trả lời ${9 - left}`);
    await composer.press("Enter");
  }
  const check = page.getByRole("button", { name: "Kiểm tra lại" });
  const found = page.getByTestId("recheck-found");
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/recheck")) asked += 1;
  });
  await check.click();
  await expect(found).toContainText(/Đã kiểm tra lúc \d\d:\d\d: chưa có gì đổi\./);
  expect(asked).toBe(1);

  await composer.fill("Tin hết tiền");
  await composer.press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "Hủy" }).click();
  await expect(composer).toBeDisabled();
  // Topped up meanwhile: one real try is possible again.
  await check.click();
  await expect(found).toContainText("bạn có thể thử gửi lại.");
  await expect(composer).toBeEnabled();
});

test("a quote leads to its message, however old", async ({ page, loa, signIn }) => {
  await signIn();
  const sandbox = new Sandbox(page, loa);
  const { conversation, oa, user } = await pickCustomer(page, loa, { skip: 9 });
  const first = `Câu hỏi đầu tiên ${Date.now()}`;
  await sandbox.customerWrites(oa, user, first);
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  await expect(page.getByTestId("message").filter({ hasText: first })).toBeVisible();
  const { items } = (await (
    await page.request.get(`${loa.url}/api/conversations/${conversation.id}/messages?limit=1`)
  ).json()) as { items: { id: string; text: string }[] };
  expect(items[0]?.text).toBe(first);

  // More than one page lies between.
  for (let n = 1; n <= 60; n++) await sandbox.customerWrites(oa, user, `Tin thứ ${n}`);
  const sent = await page.request.post(`${loa.url}/api/conversations/${conversation.id}/messages`, {
    headers: { "x-loa": "1" },
    data: { client_id: randomUUID(), text: "Em trả lời câu đầu ạ", quoted_message_id: items[0]?.id },
  });
  expect(sent.ok()).toBe(true);
  await page.reload();
  const answer = page.getByTestId("message").filter({ hasText: "Em trả lời câu đầu ạ" });
  await expect(answer).toBeVisible();
  const target = page.getByTestId("message").filter({ hasText: first }).filter({ hasNotText: "Em trả lời" });
  await expect(target).toHaveCount(0);
  await answer.getByRole("button", { name: first }).click();
  await expect(target).toBeVisible();
  await expect(target).toHaveAttribute("data-flash", "true");
  await expect(target).toBeFocused();
});
