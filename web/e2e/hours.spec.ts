import type { Page } from "@playwright/test";
import { expect, type Loa, Phone, pickCustomer, Sandbox, test } from "./loa";

// A Loa of its own: its accounts answer by themselves from here on.
test.use({ world: { name: "hours" } });

/** Minutes after midnight in Vietnam, and the day of the week, Monday first. */
function vietnam(): { minutes: number; day: number } {
  const now = new Date(Date.now() + 7 * 3_600_000);
  return { minutes: now.getUTCHours() * 60 + now.getUTCMinutes(), day: (now.getUTCDay() + 6) % 7 };
}

/** Closed for hours to come, whenever the test runs: open for an hour tomorrow and the day after. */
async function closeFor(page: Page, loa: Loa, channel: string) {
  const { minutes, day } = vietnam();
  const from = (minutes + 12 * 60) % 1_440;
  const opens = minutes + 12 * 60 >= 1_440 ? day + 1 : day;
  const week = Array.from({ length: 7 }, () => [] as { from: number; to: number }[]);
  for (const after of [0, 1, 2]) week[(opens + after) % 7]?.push({ from, to: from + 60 });
  const answer = await page.request.put(`${loa.url}/api/channels/${channel}/hours`, {
    headers: { "x-loa": "1" },
    data: { zone: "Asia/Ho_Chi_Minh", week, holidays: [] },
  });
  expect(answer.ok()).toBe(true);
}

test("a manager sets the hours of the week by key, and what is wrong is said at its place", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn("Quản lý");
  await page.goto(`${loa.url}/settings/hours`);
  await page.getByRole("switch", { name: "Có giờ làm việc" }).press("Space");
  const from = page.getByLabel("Thứ Hai, ca 2: mở lúc");
  await expect(from).toHaveValue("13:30");
  // The afternoon begins before the morning has ended.
  await from.fill("11:00");
  await page.getByRole("button", { name: "Lưu" }).first().press("Enter");
  await expect(page.getByText("Ca này chồng lên ca khác.")).toBeVisible();
  await from.fill("13:30");
  await page.getByRole("button", { name: /^Thêm \d+ ngày lễ Việt Nam$/ }).press("Enter");
  await expect(page.getByLabel("Giỗ Tổ Hùng Vương: ngày").first()).toBeVisible();
  await page.getByRole("button", { name: "Lưu" }).first().press("Enter");
  await expect(page.getByText("Đã lưu")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Thứ Hai, ca 2: mở lúc")).toHaveValue("13:30");
});

test("a customer who writes while the shop is closed gets one automatic reply, and still waits", async ({
  page,
  loa,
  signIn,
  context,
}) => {
  await signIn("Quản lý");
  const { channel, conversation, oa, user } = await pickCustomer(page, loa, { skip: 60 });
  await closeFor(page, loa, channel.id);
  await page.goto(`${loa.url}/settings/hours`);
  const card = page.getByRole("region", { name: `Tự trả lời ngoài giờ: ${channel.name}` });
  await card.getByLabel("Nội dung").fill("Shop nghỉ rồi ạ, mở cửa lại lúc {open}.");
  const promised = card.getByTestId("auto-reply-preview");
  await expect(promised).toHaveText(/^Shop nghỉ rồi ạ, mở cửa lại lúc \d\d:\d\d .+\.$/);
  const text = await promised.innerText();
  await card.getByRole("switch", { name: "Tự trả lời khi khách nhắn ngoài giờ" }).press("Space");
  await card.getByRole("button", { name: "Lưu" }).press("Enter");
  await expect(page.getByText("Đã lưu")).toBeVisible();

  const phone = await Phone.open(await context.newPage(), loa, oa, user);
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  await expect(page.getByText("Ngoài giờ", { exact: true })).toBeVisible();
  const sandbox = new Sandbox(page, loa);
  await sandbox.customerWrites(oa, user, "Shop còn mở không ạ?");
  const reply = page.getByTestId("message").filter({ hasText: text });
  await expect(reply).toContainText("trả lời tự động");
  await expect(reply.getByRole("img", { name: /^(Đã gửi|Đã nhận|Đã xem)$/ })).toBeVisible();
  await expect(phone.message(text)).toBeVisible();
  // Again within the same closure: no second one.
  await sandbox.customerWrites(oa, user, "Alo shop?");
  await expect(page.getByTestId("message").filter({ hasText: "Alo shop?" })).toBeVisible();
  const read = await page.request.get(`${loa.url}/api/conversations/${conversation.id}`);
  const view = (await read.json()) as { waiting_since_at?: number };
  expect(view.waiting_since_at).toBeTruthy();
  await expect(reply).toHaveCount(1);
  await page.request.delete(`${loa.url}/api/channels/${channel.id}/hours`, { headers: { "x-loa": "1" } });
});
