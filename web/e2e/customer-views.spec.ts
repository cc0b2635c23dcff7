/** Views of customers under a name: one's own, shared, changed and not saved, broken. */
import type { Page } from "@playwright/test";
import { call, colleague, expect, test } from "./loa";

test.use({ world: { name: "views of customers" } });

const rows = (page: Page) => page.getByTestId("customer");
const heads = (page: Page) =>
  page.getByRole("table", { name: "Danh sách khách hàng" }).getByRole("columnheader");
const views = (page: Page) => page.getByRole("group", { name: "Chế độ xem" });
const count = (page: Page) => page.getByRole("status").filter({ hasText: /^[\d.]+ khách/ });

async function open(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Khách hàng" }).click();
  await expect(rows(page).first()).toBeVisible();
}

async function manage(page: Page, item: string): Promise<void> {
  await views(page).getByRole("button", { name: "Quản lý chế độ xem" }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

test("a view is shared between two members and shows nobody when what it asks for is gone", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn("Quản lý");
  const label = await call(page, "POST", "/api/labels", { name: "Hẹn gọi lại", colour: "teal" });
  const found = await call(page, "POST", "/api/customers/query", { limit: 3 });
  for (const { customer } of found.items) {
    await call(page, "PATCH", `/api/customers/${customer.id}/labels`, { put: [label.id] });
  }
  await open(page);
  await page.getByRole("combobox", { name: "Nhãn", exact: true }).click();
  await page.getByRole("option", { name: "Hẹn gọi lại" }).click();
  await page.keyboard.press("Escape");
  await expect(rows(page)).toHaveCount(3);
  await page.getByRole("button", { name: "Cột" }).click();
  await page.getByRole("dialog", { name: "Cột" }).getByRole("checkbox", { name: "Số điện thoại" }).check();
  await page.keyboard.press("Escape");

  await manage(page, "Lưu thành chế độ xem mới…");
  const dialog = page.getByRole("dialog", { name: "Chế độ xem mới" });
  await dialog.getByRole("textbox", { name: "Tên" }).fill("Cần gọi lại hôm nay");
  await dialog.getByRole("switch", { name: /Chia sẻ với mọi người/ }).check({ force: true });
  await dialog.getByRole("button", { name: "Lưu" }).click();
  await expect(views(page).getByRole("button", { name: "Cần gọi lại hôm nay" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );

  // The other member opens it; what they kept for themselves stays theirs.
  const other = await colleague(page, loa, "Quản trị viên");
  await open(other);
  await expect(heads(other)).toHaveCount(4);
  await views(other).getByRole("button", { name: "Cần gọi lại hôm nay" }).click();
  await expect(rows(other)).toHaveCount(3);
  await expect(heads(other)).toHaveCount(5);
  await other.reload();
  await expect(heads(other)).toHaveCount(4);

  // Changed and not saved, it says so; discarded, it is as it was kept; saved, the other one has it.
  await page.getByRole("button", { name: "Cột" }).click();
  await page.getByRole("dialog", { name: "Cột" }).getByRole("checkbox", { name: "Kênh" }).check();
  await page.keyboard.press("Escape");
  await expect(views(page)).toContainText("Có thay đổi chưa lưu");
  await views(page).getByRole("button", { name: "Bỏ thay đổi" }).click();
  await expect(heads(page)).toHaveCount(5);
  await expect(views(page)).not.toContainText("Có thay đổi chưa lưu");
  await page.getByRole("button", { name: "Cột" }).click();
  await page.getByRole("dialog", { name: "Cột" }).getByRole("checkbox", { name: "Số điện thoại" }).uncheck();
  await page.keyboard.press("Escape");
  await views(page).getByRole("button", { name: "Lưu thay đổi" }).click();
  await expect(views(page)).not.toContainText("Có thay đổi chưa lưu");
  await views(other).getByRole("button", { name: "Cần gọi lại hôm nay" }).click();
  await expect(heads(other)).toHaveCount(4);
  await expect(rows(other)).toHaveCount(3);

  // The label goes: the view names it and shows nobody, to both, until it is mended.
  await call(page, "DELETE", `/api/labels/${label.id}`);
  for (const someone of [page, other]) {
    await expect(someone.getByRole("alert").first()).toContainText(
      "Chế độ xem này dùng lựa chọn đã bị xóa: Nhãn “Hẹn gọi lại”.",
    );
    await expect(rows(someone)).toHaveCount(0);
  }
  await page.getByRole("button", { name: "Bỏ mọi điều kiện" }).click();
  await expect(rows(page).first()).toBeVisible();
  await views(page).getByRole("button", { name: "Lưu thay đổi" }).click();
  await expect(page.getByRole("alert")).toHaveCount(0);

  // Gone for everybody.
  await manage(page, "Xóa chế độ xem…");
  await page.getByRole("dialog", { name: /^Xóa/ }).getByRole("button", { name: "Xóa" }).click();
  for (const someone of [page, other]) {
    await expect(views(someone).getByRole("button", { name: "Cần gọi lại hôm nay" })).toHaveCount(0);
  }
  await expect(count(page)).toBeVisible();
  await other.context().close();
});
