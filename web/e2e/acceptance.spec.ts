/** The acceptance tests of the Zalo room, A-01 to A-15, by their numbers in the features reference (§4.9). */
import type { Locator, Page } from "@playwright/test";
import { expect as expectSoon, type Loa, pickCustomer, Sandbox, test } from "./loa";

// Each test lets days pass and opens several pages; a busy machine takes its time over them. What must be quick says so.
const expect = expectSoon.configure({ timeout: 20_000 });
test.describe.configure({ timeout: 180_000 });

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ADMIN = "Quản trị viên";
const MANAGER = "Quản lý";
const PRICES = "https://prices.test/oa/bang-gia";

// A Loa of its own, as the clock is moved; the refresh timers are off, the platform's pages are named.
test.use({
  world: {
    name: "acceptance",
    env: {
      LOA_REFRESH__QUOTA_SECONDS: "0",
      LOA_REFRESH__QUOTA_ON_OPEN_SECONDS: "0",
      LOA_LINKS__PRICING: PRICES,
      LOA_LINKS__TOP_UP: `${PRICES}?nap-tien`,
    },
  },
});

type Customer = Awaited<ReturnType<typeof pickCustomer>>;

const composer = (page: Page) => page.getByRole("textbox", { name: "Soạn tin" });
const counts = (page: Page) => page.getByTestId("message-class");
const replies = (page: Page) => page.getByTestId("free-replies");
const popup = (page: Page) => page.getByRole("dialog", { name: "Gửi tin nhắn không thành công." });
const notice = (page: Page) => page.locator("[role=status][data-state]");

const NEXT = "Tin tiếp theo được gửi là tin tư vấn trong tháng";
const USED_UP = "Bạn đã sử dụng hết tin tư vấn miễn phí. Tin tư vấn tiếp theo sẽ được tính phí.";
const LOCKED =
  "Bạn không thể gửi thêm tin Tư vấn đến khách hàng do đã sử dụng hết tiền trong tài khoản Zalo Cloud Account. Nạp thêm tiền Tại đây";

/** Each test has its own customer: `pickCustomer` keeps them apart by number. */
async function open(page: Page, loa: Loa, customer: Customer): Promise<void> {
  await page.goto(`${loa.url}/inbox/${customer.conversation.id}`);
  // The first page of a debug build on a busy machine takes its time.
  await expect(notice(page)).not.toHaveAttribute("data-state", "loading");
}

async function showPanel(page: Page, customer: Customer): Promise<void> {
  if (!(await replies(page).isVisible())) {
    await page.getByRole("button", { name: `Thông tin khách ${customer.name}` }).click();
  }
}

async function say(page: Page, text: string): Promise<Locator> {
  await composer(page).fill(text);
  await composer(page).press("Enter");
  return page.getByTestId("message").filter({ hasText: text }).last();
}

const settled = (message: Locator) =>
  expect(message.getByRole("img", { name: /^(Đã gửi|Đã nhận|Đã xem)$/ })).toBeVisible();

/** The customer wrote, and more than 48 hours have passed: the next message is a consultation message. */
async function beyondTheWindow(page: Page, sandbox: Sandbox, customer: Customer): Promise<void> {
  await sandbox.customerWrites(customer.oa, customer.user, "Shop ơi");
  await arrived(page, customer);
  await page.clock.setSystemTime(await sandbox.pass(49 * HOUR));
}

/** Loa has taken in what the customer wrote. */
async function arrived(page: Page, customer: Customer): Promise<void> {
  await expect
    .poll(async () => {
      const { origin } = new URL(page.url());
      const answer = await page.request.get(`${origin}/api/conversations/${customer.conversation.id}`);
      return ((await answer.json()) as { last_preview: string }).last_preview;
    })
    .toBe("Shop ơi");
}

/** An empty account, and its pop-up on the screen. */
async function outOfMoney(page: Page, loa: Loa, skip: number): Promise<Customer> {
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { account: -1, skip });
  await beyondTheWindow(page, sandbox, customer);
  await sandbox.account(customer.channel, {
    package: { used: 2000, total: 2000 },
    zca: { linked: true, balance_vnd: 0 },
  });
  await open(page, loa, customer);
  return customer;
}

/** The account is known to be empty: the composer is locked. */
async function lock(page: Page): Promise<void> {
  if ((await notice(page).getAttribute("data-state")) !== "locked_no_money") {
    await say(page, "Tin hết tiền");
    await popup(page).getByRole("button", { name: "Hủy" }).click();
    await expect(popup(page)).toBeHidden();
  }
  await expect(notice(page)).toContainText(LOCKED);
}

test("A-01: the panel shows 8/8 on a click on the name, 7/8 after a send, and no notice", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn();
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { skip: 101 });
  // Ten in the morning, tomorrow by the calendar in Vietnam.
  const now = await sandbox.pass(0);
  const ten = Math.floor((now + 7 * HOUR) / DAY) * DAY + DAY + 3 * HOUR;
  await sandbox.setClock(ten);
  await page.clock.setSystemTime(ten);
  await sandbox.customerWrites(customer.oa, customer.user, "Shop ơi");
  await arrived(page, customer);
  await open(page, loa, customer);
  await showPanel(page, customer);
  await expect(replies(page)).toHaveText(/^Tin phản hồi miễn phí: còn 8\/8 · hết hạn 10:00 \d\d\/\d\d/);
  await settled(await say(page, "Dạ shop nghe"));
  await expect(replies(page)).toContainText("còn 7/8");
  await expect(notice(page)).toBeEmpty();
});

test("A-02: after eight sends the notice stands in the message area", async ({ page, loa, signIn }) => {
  await signIn();
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { skip: 102 });
  await sandbox.customerWrites(customer.oa, customer.user, "Shop ơi");
  await arrived(page, customer);
  await open(page, loa, customer);
  for (let left = 8; left > 0; left--) {
    await expect(counts(page)).toContainText(`còn ${left}/8`);
    await expect(notice(page)).toBeEmpty();
    await say(page, `Tin số ${9 - left}`);
  }
  await expect(notice(page)).toContainText(NEXT);
  await expect(composer(page)).toBeEnabled();
});

test("A-03: after 48 hours without a send the same notice, though 5 replies were left", async ({
  page,
  loa,
  signIn,
}) => {
  await page.clock.install();
  await signIn();
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { skip: 103 });
  await sandbox.customerWrites(customer.oa, customer.user, "Shop ơi");
  await arrived(page, customer);
  await open(page, loa, customer);
  for (let left = 8; left > 5; left--) {
    await expect(counts(page)).toContainText(`còn ${left}/8`);
    await say(page, `Tin số ${9 - left}`);
  }
  await expect(counts(page)).toContainText("còn 5/8");
  await expect(notice(page)).toBeEmpty();
  // Nobody touches the page: it asks again by itself when the rules say that the answer changes.
  await sandbox.pass(48 * HOUR + 1_000);
  await page.clock.fastForward(48 * HOUR + 1_000);
  await expect(notice(page)).toContainText(NEXT);
});

test("A-04: the customer writes again: the notice is gone, and it is 8/8", async ({ page, loa, signIn }) => {
  await signIn();
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { skip: 104 });
  await beyondTheWindow(page, sandbox, customer);
  await open(page, loa, customer);
  await showPanel(page, customer);
  await expect(notice(page)).toContainText(NEXT);
  // Three in a row are 8 again, not 24.
  for (const text of ["Alo", "Còn hàng không ạ", "Shop ơi"]) {
    await sandbox.customerWrites(customer.oa, customer.user, text);
  }
  await expect(page.getByTestId("message").filter({ hasText: "Còn hàng không ạ" })).toBeVisible();
  await expect(notice(page)).toBeEmpty();
  await expect(replies(page)).toContainText("còn 8/8");
});

test("A-05: the counter of one customer is not that of another", async ({ page, loa, signIn }) => {
  await signIn();
  const sandbox = new Sandbox(page, loa);
  const a = await pickCustomer(page, loa, { skip: 105 });
  const b = await pickCustomer(page, loa, { skip: 205 });
  for (const { oa, user } of [a, b]) await sandbox.customerWrites(oa, user, "Shop ơi");
  await arrived(page, a);
  await arrived(page, b);
  await open(page, loa, a);
  await showPanel(page, a);
  await settled(await say(page, "Dạ một"));
  await settled(await say(page, "Dạ hai"));
  await expect(replies(page)).toContainText("còn 6/8");
  await open(page, loa, b);
  await expect(replies(page)).toContainText("còn 8/8");
});

test("A-06: the last of 2000: 2000/2000, the text, and the link", async ({ page, loa, signIn }) => {
  await signIn(ADMIN);
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { skip: 106 });
  await beyondTheWindow(page, sandbox, customer);
  await sandbox.account(customer.channel, {
    package: { used: 1999, total: 2000 },
    zca: { linked: true, balance_vnd: 500_000 },
  });
  await open(page, loa, customer);
  await expect(notice(page)).toContainText(NEXT);
  await expect(page.getByTestId("package-counter")).toHaveText("1999/2000");
  await settled(await say(page, "Tin cuối trong gói"));
  await expect(page.getByTestId("package-counter")).toHaveText("2000/2000");
  await expect(notice(page)).toContainText(USED_UP);
  await expect(notice(page)).toContainText(/cập nhật lúc \d\d:\d\d/);
  const more = notice(page).getByRole("link", { name: "Tìm hiểu thêm" });
  await expect(more).toHaveAttribute("href", PRICES);
  await expect(more).toHaveAttribute("target", "_blank");
  // The next one goes, for money.
  await expect(counts(page)).toContainText("Tin tính phí");
  await settled(await say(page, "Tin tính phí đầu tiên"));
});

test("A-07: -320 opens P1; Liên kết leads to the connection page, Hủy keeps the draft", async ({
  page,
  loa,
  signIn,
  context,
}) => {
  await signIn(ADMIN);
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { account: -1, skip: 107 });
  await beyondTheWindow(page, sandbox, customer);
  await sandbox.account(customer.channel, {
    package: { used: 2000, total: 2000 },
    zca: { linked: true, balance_vnd: 500_000 },
  });
  await open(page, loa, customer);
  await expect(notice(page)).toContainText(USED_UP);
  await sandbox.refuseNextSend(customer.oa, -320);
  const failed = await say(page, "Tin tính phí");
  await expect(popup(page)).toContainText(
    // Seed 000 prints "Úng dụng"; the slip is not repeated.
    "Ứng dụng của bạn chưa kết nối với Zalo Cloud Account để sử dụng tính năng trả phí.",
  );
  await expect(failed).toHaveAttribute("data-status", "failed");
  const link = popup(page).getByRole("link", { name: "Liên kết" });
  await expect(link).toBeFocused();
  const [tab] = await Promise.all([context.waitForEvent("page"), link.click()]);
  await expect(tab).toHaveURL(/\/settings\/channels$/);
  await expect(tab.getByRole("region", { name: customer.channel.name })).toContainText("Chưa liên kết");
  await tab.close();

  // Loa knows it now: the next one is refused before it is sent, and what was typed stays.
  await say(page, "Tin tính phí nữa");
  await popup(page).getByRole("button", { name: "Hủy" }).click();
  await expect(popup(page)).toBeHidden();
  await expect(composer(page)).toHaveValue("Tin tính phí nữa");
  await expect(composer(page)).toBeEnabled();
  await expect(notice(page)).toContainText(USED_UP);
});

test("A-08, A-09: -321 opens P2; Hủy locks the composer; the customer opens it again", async ({
  page,
  loa,
  signIn,
  context,
}) => {
  await signIn(ADMIN);
  await context.route(`${PRICES}**`, (route) => route.fulfill({ body: "Bảng giá" }));
  const customer = await outOfMoney(page, loa, 108);
  await say(page, "Tin hết tiền");
  await expect(popup(page)).toContainText(
    "Tài khoản Zalo Cloud Account đã sử dụng hết tiền. Nạp thêm tiền để tiếp tục sử dụng.",
  );
  const topUp = popup(page).getByRole("link", { name: "Nạp tiền" });
  await expect(topUp).toBeFocused();
  const [prices] = await Promise.all([context.waitForEvent("page"), topUp.click()]);
  await expect(prices).toHaveURL(`${PRICES}?nap-tien`);
  await prices.close();

  await page.getByRole("button", { name: "Kiểm tra lại" }).click();
  await expect(page.getByTestId("recheck-found")).toContainText("bạn có thể thử gửi lại.");
  await say(page, "Thử lại");
  await popup(page).getByRole("button", { name: "Hủy" }).click();
  await expect(popup(page)).toBeHidden();
  await expect(composer(page)).toBeDisabled();
  await expect(notice(page)).toContainText(LOCKED);
  const here = notice(page).getByRole("link", { name: "Tại đây" });
  await expect(here).toHaveAttribute("href", `${PRICES}?nap-tien`);

  //
  await new Sandbox(page, loa).customerWrites(customer.oa, customer.user, "Em hỏi thêm");
  await expect(composer(page)).toBeEnabled();
  await expect(notice(page)).toBeEmpty();
  await expect(counts(page)).toContainText("còn 8/8");
});

test("A-10: 37, three sent in Zalo's own tool, still 37, one from here: 41", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn(ADMIN);
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { skip: 110 });
  await beyondTheWindow(page, sandbox, customer);
  await sandbox.account(customer.channel, { package: { used: 37, total: 1000 } });
  await open(page, loa, customer);
  const counter = page.getByTestId("package-counter");
  await expect(counter).toHaveText("37/1000");
  for (const n of [1, 2, 3]) await sandbox.writeInTool(customer.oa, customer.user, `Từ OA Manager ${n}`);
  const last = page.getByTestId("message").filter({ hasText: "Từ OA Manager 3" });
  await expect(last).toBeVisible();
  await expect(page.getByText("gửi từ OA Manager").last()).toBeVisible();
  await page.reload();
  await expect(counter).toHaveText("37/1000");
  await settled(await say(page, "Thêm một tin từ Loa"));
  await expect(counter).toHaveText("41/1000");

  // The history knows it too.
  await page.goto(`${loa.url}/settings/channels/${customer.channel.id}/quota`);
  await expect(page.getByTestId("outside")).toHaveText("3");
  const row = page.getByTestId("quota-table").getByRole("row").filter({ hasText: "Ngoài Loa" });
  await expect(row.first()).toContainText("3");
  await expect(page.getByTestId("quota-chart")).toHaveAccessibleName(/3 tin gửi ngoài Loa/);
});

test("A-11: two agents in two browsers see the same quota within 2 seconds of a send", async ({
  page,
  loa,
  signIn,
  browser,
}) => {
  await signIn(ADMIN);
  const sandbox = new Sandbox(page, loa);
  const a = await pickCustomer(page, loa, { skip: 111 });
  const b = await pickCustomer(page, loa, { skip: 211 });
  await sandbox.customerWrites(b.oa, b.user, "Shop ơi");
  await arrived(page, b);
  await beyondTheWindow(page, sandbox, a);
  await sandbox.account(a.channel, { package: { used: 500, total: 1000 } });
  const other = await (await browser.newContext()).newPage();
  await other.goto(loa.url);
  await other.getByRole("button", { name: "Đăng nhập với tên Phạm Anh Tuấn, Nhân viên" }).click();
  await expect(other.getByRole("listbox", { name: "Hội thoại" })).toBeVisible({ timeout: 20_000 });
  // Another customer of the same account: the pool is the account's.
  await open(other, loa, b);
  await open(page, loa, a);
  const here = page.getByTestId("package-counter");
  const there = other.getByTestId("package-counter");
  await expect(here).toHaveText("500/1000");
  await expect(there).toHaveText("500/1000");
  await say(page, "Tin tư vấn");
  await expect(here).toHaveText("501/1000");
  await expect(there).toHaveText("501/1000", { timeout: 2_000 });
  await other.context().close();
});

test("A-12: who may not configure sees 'Báo quản lý'; two presses in an hour are one notice", async ({
  page,
  loa,
  signIn,
  browser,
}) => {
  const manager = await (await browser.newContext()).newPage();
  await manager.goto(loa.url);
  await manager.getByRole("button", { name: new RegExp(`^Đăng nhập với tên .*, ${MANAGER}$`) }).click();
  await expect(manager.getByRole("listbox", { name: "Hội thoại" })).toBeVisible({ timeout: 20_000 });
  const bell = manager.getByRole("button", { name: /^Thông báo/ });

  await signIn();
  const sandbox = new Sandbox(page, loa);
  const customer = await outOfMoney(page, loa, 112);
  await lock(page);
  await expect(notice(page).getByRole("button", { name: "Kết nối lại" })).toHaveCount(0);
  const report = notice(page).getByRole("button", { name: "Báo quản lý" });
  const said = page.getByTestId("report-said").last();
  await report.click();
  await expect(said).toContainText(/^Đã báo quản lý lúc \d\d:\d\d\.$/);
  await report.click();
  await expect(said).toContainText(/^Quản lý đã được báo lúc \d\d:\d\d\. Báo lại được từ \d\d:\d\d\.$/);
  await expect(bell).toHaveAccessibleName("Thông báo, 1 mục chưa đọc");

  // The manager reads it, and it leads to the account.
  await bell.click();
  const list = manager.getByRole("region", { name: "Việc cần xem" });
  const told = list.getByRole("button", { name: /báo: Zalo Cloud Account của .* đã hết tiền\./ });
  await expect(told).toHaveCount(1);
  await told.click();
  await expect(manager).toHaveURL(new RegExp(`/settings/channels#${customer.channel.id}$`));
  await expect(manager.getByRole("region", { name: customer.channel.name })).toBeFocused();
  await expect(bell).toHaveAccessibleName("Thông báo");

  // An hour later they may hear of it again.
  await page.clock.setSystemTime(await sandbox.pass(HOUR));
  await report.click();
  await expect(said).toContainText("Đã báo quản lý lúc");
  await expect(bell).toHaveAccessibleName("Thông báo, 1 mục chưa đọc");
  await manager.context().close();
});

test("A-13: edition 2026-01: no counter in 48 hours, then the notice, after 7 days a template", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn(ADMIN);
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { skip: 113 });
  const early = await pickCustomer(page, loa, { skip: 213 });
  const edition = async (name: string) => {
    const path = `${loa.url}/api/channels/${customer.channel.id}`;
    const answer = await page.request.patch(path, { headers: { "x-loa": "1" }, data: { edition: name } });
    expect(answer.ok()).toBe(true);
    await sandbox.account(customer.channel, { edition: name, package: { used: 10, total: 1000 } });
  };
  await edition("messaging-2026-01");
  for (const { oa, user } of [customer, early]) await sandbox.customerWrites(oa, user, "Shop ơi");
  await arrived(page, customer);
  await arrived(page, early);
  await open(page, loa, customer);
  await showPanel(page, customer);
  for (let n = 1; n <= 12; n++) {
    await settled(await say(page, `Tin 2026 số ${n}.`));
    await expect(notice(page)).toBeEmpty();
    await expect(counts(page)).not.toContainText("/8");
  }
  await expect(replies(page)).toHaveText(/^Tin phản hồi miễn phí: không giới hạn · hết hạn/);

  await page.clock.setSystemTime(await sandbox.pass(48 * HOUR + 60_000));
  await page.reload();
  await expect(notice(page)).toContainText(NEXT);
  await expect(page.getByTestId("package-counter")).toHaveText("10/1000");

  // Day 3: the platform itself says that it is too late.
  await page.clock.setSystemTime(await sandbox.pass(DAY));
  await open(page, loa, early);
  await expect(notice(page)).toContainText(NEXT);
  await sandbox.refuseNextSend(early.oa, -230);
  await say(page, "Ngày thứ ba");
  await expect(notice(page)).toHaveAttribute("data-state", "window_closed");
  await expect(composer(page)).toBeDisabled();

  // Seven days.
  await page.clock.setSystemTime(await sandbox.pass(4 * DAY));
  await open(page, loa, customer);
  await expect(notice(page)).toContainText(
    "Khách chưa tương tác với OA quá 7 ngày. Không gửi được tin tư vấn.",
  );
  await expect(composer(page)).toBeDisabled();
  const ways = page.getByTestId("ways");
  await expect(ways).toContainText("Gửi lại được ngay khi khách nhắn hoặc tương tác, miễn phí trong 48 giờ.");
  const template = ways.getByRole("link", { name: "Gửi tin mẫu (ZNS)" });
  await expect(template).toHaveAttribute("href", /^https:/);
  await expect(template).toHaveAttribute("target", "_blank");
  await edition("messaging-2024-11");
});

test("A-14: a reload comes back to the lock, here and for every agent", async ({
  page,
  loa,
  signIn,
  browser,
}) => {
  await signIn(ADMIN);
  const customer = await outOfMoney(page, loa, 114);
  await lock(page);
  await expect(composer(page)).toBeDisabled();
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await expect(composer(page)).toBeDisabled();
  await expect(notice(page)).toContainText(LOCKED);

  const other = await (await browser.newContext()).newPage();
  await other.goto(loa.url);
  await other.getByRole("button", { name: "Đăng nhập với tên Phạm Anh Tuấn, Nhân viên" }).click();
  await expect(other.getByRole("listbox", { name: "Hội thoại" })).toBeVisible({ timeout: 20_000 });
  await open(other, loa, customer);
  await expect(notice(other)).toContainText(LOCKED);
  await expect(composer(other)).toBeDisabled();
  await other.context().close();
});

test("A-15: a screen reader hears the notice change; the pop-up keeps the focus", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn(ADMIN);
  const sandbox = new Sandbox(page, loa);
  const customer = await pickCustomer(page, loa, { account: -1, skip: 115 });
  await sandbox.customerWrites(customer.oa, customer.user, "Shop ơi");
  await arrived(page, customer);
  await sandbox.account(customer.channel, { package: { used: 5, total: 1000 }, zca: { linked: false } });
  await open(page, loa, customer);
  await expect(counts(page)).toContainText("còn 8/8");
  // Only a region that was there before its words is read out.
  await expect(notice(page)).toHaveAttribute("aria-live", "polite");
  const region = await notice(page).elementHandle();
  for (let left = 8; left > 0; left--) {
    await expect(counts(page)).toContainText(`còn ${left}/8`);
    await say(page, `Tin số ${9 - left}`);
  }
  await expect(notice(page)).toContainText(NEXT);
  expect(await region?.evaluate((node) => node.isConnected && node.textContent)).toContain(NEXT);

  await sandbox.account(customer.channel, { package: { used: 1000, total: 1000 } });
  await expect(notice(page)).toContainText(USED_UP);
  expect(await region?.evaluate((node) => node.isConnected && node.textContent)).toContain(USED_UP);

  await say(page, "Tin tính phí");
  const first = popup(page).getByRole("link", { name: "Liên kết" });
  const second = popup(page).getByRole("button", { name: "Hủy" });
  await expect(popup(page)).toHaveAttribute("aria-modal", "true");
  await expect(first).toBeFocused();
  for (const next of [second, first, second, first]) {
    await page.keyboard.press("Tab");
    await expect(next).toBeFocused();
  }
  await page.keyboard.press("Shift+Tab");
  await expect(second).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(popup(page)).toBeHidden();
  await expect(composer(page)).toBeFocused();
  // Loa knows it now, and gives the words back.
  await say(page, "Tin tính phí nữa");
  await expect(first).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(popup(page)).toBeHidden();
  await expect(composer(page)).toHaveValue("Tin tính phí nữa");
});
