/** Labels for many customers at once (seed 002, C-08): the platform's limit, beyond it, stopping short of nothing, undoing. */
import type { Page } from "@playwright/test";
import { call, expect, test } from "./loa";

test.use({ world: { name: "labels for many" } });

const rows = (page: Page) => page.getByTestId("customer");
const table = (page: Page) => page.getByRole("table", { name: "Danh sách khách hàng" });
const chosen = (page: Page) => page.getByRole("region", { name: "Việc với các khách đã chọn" });
const job = (page: Page) => page.getByRole("region", { name: "Việc hàng loạt" });
const dialog = (page: Page) => page.getByRole("dialog", { name: /^Nhãn của/ });

async function open(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Khách hàng" }).click();
  await expect(rows(page).first()).toBeVisible();
}

/** How many customers carry it. */
const carriers = async (page: Page, label: string) =>
  (
    await call(page, "POST", "/api/customers/query", {
      filter: { field: "labels", op: "any_of", value: [label] },
      limit: 0,
    })
  ).total as number;

/** The first `many` rows that are loaded, by the keyboard: X, then Shift and the arrow. */
async function choose(page: Page, many: number): Promise<void> {
  await page
    .getByRole("button", { name: "Bỏ chọn" })
    .click({ timeout: 500 })
    .catch(() => undefined);
  const scroller = table(page).locator("..");
  await scroller.focus();
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  for (let n = 1; n < many; n++) await page.keyboard.press("Shift+ArrowDown");
  await expect(chosen(page)).toContainText(`Đã chọn ${many} khách`);
}

async function put(page: Page, label: string): Promise<void> {
  await chosen(page).getByRole("button", { name: "Gắn, gỡ nhãn" }).click();
  await dialog(page).getByRole("combobox", { name: "Gắn nhãn" }).click();
  await page.getByRole("option", { name: label }).click();
  await dialog(page).getByRole("heading").click();
  await dialog(page).getByRole("button", { name: "Thực hiện" }).click();
}

test("with the platform's limit 101 are refused and stay chosen, 100 are done", async ({ page, signIn }) => {
  test.setTimeout(90_000);
  await signIn("Quản trị viên");
  const label = await call(page, "POST", "/api/labels", { name: "Mời dự hội thảo", colour: "teal" });
  await page.goto(new URL("/settings/customers", page.url()).href);
  const limit = page.getByRole("switch", { name: "Giữ giới hạn của Zalo: tối đa 100 người dùng / lần" });
  await limit.check({ force: true });
  await expect(page.getByText("Đã lưu").first()).toBeVisible();
  await page.goto(new URL("/customers", page.url()).href);
  await expect(rows(page).first()).toBeVisible();

  await choose(page, 101);
  await put(page, "Mời dự hội thảo");
  await expect(dialog(page).getByRole("alert")).toContainText("Tối đa 100 người dùng / lần");
  await dialog(page).getByRole("button", { name: "Hủy" }).click();
  await expect(chosen(page)).toContainText("Đã chọn 101 khách");
  expect(await carriers(page, label.id)).toBe(0);

  // Cut down by one, it is done, and the report says 100.
  await page.keyboard.press("x");
  await expect(chosen(page)).toContainText("Đã chọn 100 khách");
  await put(page, "Mời dự hội thảo");
  await expect(job(page)).toContainText("Gắn Mời dự hội thảo: xong 100 khách");
  await expect(chosen(page)).toHaveCount(0);
  expect(await carriers(page, label.id)).toBe(100);
  await call(page, "PUT", "/api/customers/settings", { strict_zalo_limit: false });
});

test("all that match are labelled with progress, whoever was passed over is named, and it is undone", async ({
  page,
  signIn,
}) => {
  test.setTimeout(90_000);
  await signIn("Quản lý");
  const vip = await call(page, "POST", "/api/labels", { name: "Khách quý", colour: "grape" });
  const step = await call(page, "POST", "/api/labels", {
    name: "Chờ thanh toán",
    colour: "orange",
    kind: "process",
  });
  const page1 = await call(page, "POST", "/api/customers/query", { limit: 1 });
  const total = page1.total as number;
  expect(total).toBeGreaterThan(100);
  const first = page1.items[0].customer;
  await call(page, "PATCH", `/api/customers/${first.id}/labels`, { put: [vip.id, step.id] });

  await open(page);
  await page.getByRole("checkbox", { name: "Chọn mọi khách đang hiện" }).check({ force: true });
  await chosen(page)
    .getByRole("button", { name: `Chọn cả ${total} khách khớp` })
    .click();
  await expect(chosen(page)).toContainText(`Đã chọn ${total} khách`);
  await chosen(page).getByRole("button", { name: "Gắn, gỡ nhãn" }).click();
  await dialog(page).getByRole("combobox", { name: "Gắn nhãn" }).click();
  await page.getByRole("option", { name: "Khách quý" }).click();
  await page.getByRole("option", { name: "Chờ thanh toán" }).click();
  await dialog(page).getByRole("heading").click();
  await dialog(page).getByRole("button", { name: "Thực hiện" }).click();
  await expect(job(page)).toContainText(`xong ${total - 1} khách`);
  await expect(job(page)).toContainText("1 đã như vậy từ trước");
  expect(await carriers(page, vip.id)).toBe(total);
  await expect(rows(page).first()).toContainText("Chờ thanh toán");

  await job(page).getByRole("button", { name: "Xem khách bị bỏ qua" }).click();
  const told = page.getByRole("dialog", { name: "Khách không được thay đổi" });
  await expect(told.getByTestId("told")).toHaveText([/^\S.*đã như vậy từ trước$/]);
  await page.keyboard.press("Escape");

  // Somebody goes on working with one of them; theirs stays.
  const other = (await call(page, "POST", "/api/customers/query", { limit: 2 })).items[1].customer;
  await call(page, "PATCH", `/api/customers/${other.id}/labels`, { remove: [vip.id] });
  await job(page).getByRole("button", { name: "Hoàn tác" }).click();
  await expect(job(page)).toContainText(`Đã hoàn tác ${total - 2} khách`);
  await expect(job(page)).toContainText("1 giữ nguyên vì đã có người thay đổi");
  expect(await carriers(page, vip.id)).toBe(1);
  expect(await carriers(page, step.id)).toBe(2);
});
