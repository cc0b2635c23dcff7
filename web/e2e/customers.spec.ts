/** The list of customers (seed 002): who opens it, its columns, its filters, and what is kept of it. */
import type { Page } from "@playwright/test";
import { call, colleague, expect, pickCustomer, test } from "./loa";

const list = (page: Page) => page.getByRole("table", { name: "Danh sách khách hàng" });
const heads = (page: Page) => list(page).getByRole("columnheader");
const rows = (page: Page) => page.getByTestId("customer");
const count = (page: Page) => page.getByRole("status").filter({ hasText: "khách" });

async function open(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Khách hàng" }).click();
  await expect(rows(page).first()).toBeVisible();
}

test("whoever only answers customers does not go through all of them", async ({ page, loa, signIn }) => {
  await signIn();
  await expect(page.getByRole("link", { name: "Khách hàng" })).toHaveCount(0);
  const { status, body } = await page.evaluate(async () => {
    const answer = await fetch("/api/customers/query", {
      method: "POST",
      headers: { "content-type": "application/json", "x-loa": "1" },
      body: "{}",
    });
    return { status: answer.status, body: await answer.json() };
  });
  expect([status, body.code]).toEqual([403, "forbidden"]);
  await page.goto(`${loa.url}/customers`);
  await expect(page.getByRole("alert")).toContainText("Vai trò của bạn không được làm việc này");
});

test("four columns to begin with, and one's own the next time", async ({ page, loa, signIn }) => {
  await signIn("Quản lý");
  await open(page);
  const first = ["Thao tác", "Tên người dùng", "Nhân viên CSKH", "Nhãn quy trình"];
  await expect(heads(page)).toHaveText(first);

  // Changed and not kept: there on the way back, gone after a reload.
  await page.getByRole("button", { name: "Cột" }).click();
  const columns = page.getByRole("dialog", { name: "Cột" });
  await columns.getByRole("checkbox", { name: "Nhãn quy trình" }).uncheck();
  await columns.getByRole("checkbox", { name: "Tương tác gần nhất" }).check();
  await columns.getByRole("button", { name: "Đưa cột Tương tác gần nhất lên trước" }).click();
  await page.keyboard.press("Escape");
  const changed = ["Thao tác", "Tên người dùng", "Tương tác gần nhất", "Nhân viên CSKH"];
  await expect(heads(page)).toHaveText(changed);
  const edge = page.getByRole("separator", { name: "Chỉnh độ rộng cột Tên người dùng" });
  await edge.focus();
  await page.keyboard.press("ArrowRight");
  await expect(edge).toHaveAttribute("aria-valuenow", "266");
  await page.getByRole("link", { name: "Hộp thư" }).click();
  await open(page);
  await expect(heads(page)).toHaveText(changed);
  await page.reload();
  await expect(heads(page)).toHaveText(first);

  // Kept: there after a reload, for nobody else.
  await page.getByRole("button", { name: "Cột" }).click();
  await columns.getByRole("checkbox", { name: "Nhãn quy trình" }).uncheck();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Áp dụng cho lần sau" }).click();
  await expect(page.getByText("Lần sau danh sách sẽ hiện như bây giờ.")).toBeVisible();
  await page.reload();
  await expect(heads(page)).toHaveText(first.slice(0, 3));
  const other = await colleague(page, loa, "Quản trị viên");
  await open(other);
  await expect(heads(other)).toHaveText(first);
  await other.context().close();
  await page.getByRole("button", { name: "Về mặc định" }).click();
  await expect(heads(page)).toHaveText(first);
});

test("filters narrow each other, say when something in them is gone, and lead to the conversation", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn("Quản trị viên");
  const { name, conversation } = await pickCustomer(page, loa, { skip: 401 });
  const label = await call(page, "POST", "/api/labels", { name: "Sắp mua", colour: "teal" });
  await call(page, "PATCH", `/api/customers/${conversation.customer.id}/labels`, { put: [label.id] });

  await open(page);
  const everybody = await count(page).textContent();
  await page.getByRole("combobox", { name: "Nhãn", exact: true }).click();
  await page.getByRole("option", { name: "Sắp mua" }).click();
  await page.keyboard.press("Escape");
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText(name);
  await expect(count(page)).toHaveText("1 khách");

  // A condition more that does not hold, then one that does.
  await page.getByRole("button", { name: "Thêm điều kiện" }).click();
  const value = page.getByRole("textbox", { name: "Giá trị của Tên người dùng" });
  await value.fill("không ai tên thế này");
  await expect(page.getByText("Không có khách nào khớp")).toBeVisible();
  await page.getByRole("button", { name: "Hoặc" }).click();
  await value.nth(1).fill(name);
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Bỏ điều kiện này" }).first().click();
  await expect(rows(page)).toHaveCount(1);

  // The label goes: the list refuses instead of showing more.
  await call(page, "DELETE", `/api/labels/${label.id}`);
  await page.getByRole("searchbox", { name: "Tìm theo tên, số điện thoại" }).fill(name);
  await expect(page.getByRole("alert")).toContainText("Một lựa chọn trong điều kiện không còn");
  await page.getByRole("button", { name: "Bỏ mọi điều kiện" }).click();
  await expect(count(page)).toHaveText(everybody ?? "");

  await page.getByRole("searchbox", { name: "Tìm theo tên, số điện thoại" }).fill(name);
  await rows(page)
    .first()
    .getByRole("button", { name: `Mở hội thoại với ${name}` })
    .click();
  await expect(page).toHaveURL(/\/inbox\/cnv_/);
  await expect(page.getByRole("region", { name: `Hội thoại với ${name}` })).toBeVisible();
});
