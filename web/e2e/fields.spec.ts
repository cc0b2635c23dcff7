/** Fields that a business makes (seed 002): made, filled in, asked about, and what becomes of them without the package. */
import type { Page } from "@playwright/test";
import { expect, pickCustomer, Sandbox, test } from "./loa";

test.use({ world: { name: "fields" } });

const panel = (page: Page) => page.getByRole("complementary", { name: "Thông tin khách hàng" });

/** The customer's panel beside their conversation, with the fields that nothing is known of. */
async function openPanel(page: Page, at: string, name: string): Promise<void> {
  await page.goto(at);
  await page
    .getByRole("region", { name: `Hội thoại với ${name}` })
    .getByRole("button", { name })
    .click();
  await panel(page)
    .getByRole("button", { name: /^Hiện \d+ trường còn trống$/ })
    .click();
}

async function choose(page: Page, name: string, option: string): Promise<void> {
  await page.getByRole("combobox", { name }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

async function add(page: Page, name: string, kind: string): Promise<void> {
  await page.getByRole("button", { name: "Thêm trường" }).click();
  const dialog = page.getByRole("dialog", { name: "Thêm trường" });
  await dialog.getByRole("textbox", { name: "Tên trường" }).fill(name);
  await choose(page, "Loại dữ liệu", kind);
  await dialog.getByRole("button", { name: "Lưu" }).click();
}

test("a number is filled in at the customer and asked about in the list", async ({ page, loa, signIn }) => {
  await signIn("Quản trị viên");
  const { conversation, name } = await pickCustomer(page, loa, { skip: 501 });
  await page.goto(`${loa.url}/settings/fields`);
  await add(page, "Điểm tích lũy", "Số");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByText("diem_tich_luy")).toBeVisible();

  // Its type and key stand for good.
  await page.getByRole("button", { name: "Sửa trường Điểm tích lũy" }).click();
  await expect(page.getByRole("combobox", { name: "Loại dữ liệu" })).toBeDisabled();
  await expect(page.getByRole("textbox", { name: "Mã" })).toBeDisabled();
  await page.keyboard.press("Escape");

  await openPanel(page, `${loa.url}/inbox/${conversation.id}`, name);
  await panel(page).getByRole("button", { name: "Sửa Điểm tích lũy" }).click();
  await page.keyboard.type("1500");
  await page.keyboard.press("Enter");
  await expect(panel(page).getByText("1.500")).toBeVisible();
  // The focus is where the key was pressed that opened the field.
  await expect(panel(page).getByRole("button", { name: "Sửa Điểm tích lũy" })).toBeFocused();
  await panel(page).getByRole("button", { name: "Sửa Ngày sinh" }).click();
  await page.keyboard.press("Escape");
  await expect(panel(page).getByRole("button", { name: "Sửa Ngày sinh" })).toBeFocused();

  // At least 1000: who has nothing in it is not in it.
  await page.goto(`${loa.url}/customers`);
  await page.getByRole("button", { name: "Thêm điều kiện" }).click();
  await choose(page, "Trường", "Điểm tích lũy");
  await choose(page, "Phép so sánh", "từ … trở lên");
  await page.getByRole("textbox", { name: "Giá trị của Điểm tích lũy" }).fill("1000");
  await expect(page.getByTestId("customer")).toHaveCount(1);
  await expect(page.getByTestId("customer")).toContainText(name);
  await page.getByRole("button", { name: "Cột" }).click();
  await page.getByRole("dialog", { name: "Cột" }).getByRole("checkbox", { name: "Điểm tích lũy" }).check();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("customer")).toContainText("1.500");
});

test("what a field does not take is said where it was typed", async ({ page, loa, signIn }) => {
  await signIn("Quản trị viên");
  const { conversation, name } = await pickCustomer(page, loa, { skip: 502 });
  await page.goto(`${loa.url}/settings/fields`);
  await add(page, "Trang cá nhân", "Liên kết");
  await expect(page.getByRole("dialog")).toBeHidden();
  await openPanel(page, `${loa.url}/inbox/${conversation.id}`, name);
  await panel(page).getByRole("button", { name: "Sửa Trang cá nhân" }).click();
  await page.keyboard.type("javascript:alert(1)");
  await page.keyboard.press("Enter");
  await expect(panel(page).getByText("Địa chỉ phải bắt đầu bằng http:// hoặc https://.")).toBeVisible();
  const box = panel(page).getByRole("textbox", { name: "Trang cá nhân" });
  await box.fill("https://example.vn/lan");
  await page.keyboard.press("Enter");
  await expect(panel(page).getByRole("link", { name: "https://example.vn/lan" })).toBeVisible();
});

test("ten of a type, five tables, and tables with Premium only", async ({ page, loa, signIn }) => {
  await signIn("Quản trị viên");
  const { channel } = await pickCustomer(page, loa, { skip: 503 });
  const channels = await page.request.get(`${loa.url}/api/channels`);
  const all = ((await channels.json()) as { items: (typeof channel)[] }).items.filter(
    (one) => one.status === "connected",
  );
  const sandbox = new Sandbox(page, loa);
  const packageOf = async (name: string) => {
    for (const one of all) await sandbox.account(one, { package: { name, api_access: true } });
  };
  const make = (n: number, kind: string) =>
    page.request.post(`${loa.url}/api/customers/fields`, {
      headers: { "x-loa": "1" },
      data: {
        id: `fld_${crypto.randomUUID().replaceAll("-", "")}`,
        key: `${kind}_${n}`,
        label: `${kind} ${n}`,
        kind,
        keys: kind === "table" ? ["a"] : [],
        privacy: "open",
      },
    });
  await packageOf("Premium");
  for (let n = 1; n <= 9; n++) expect((await make(n, "text")).status()).toBe(201);
  for (let n = 1; n <= 5; n++) expect((await make(n, "table")).status()).toBe(201);
  await page.goto(`${loa.url}/settings/fields`);
  await add(page, "Văn bản thứ mười", "Văn bản");
  await expect(page.getByRole("dialog")).toBeHidden();
  await add(page, "Văn bản thứ mười một", "Văn bản");
  await expect(page.getByRole("alert")).toHaveText("Mỗi loại dữ liệu có tối đa 10 trường.");
  await page.keyboard.press("Escape");
  expect((await (await make(6, "table")).json()).params).toEqual({
    field: "kind",
    max: 5,
    reason: "too_many_fields",
  });

  // "Nâng cao" has no tables, "Cơ bản" no fields and no columns; what there is stays.
  await page.goto(`${loa.url}/customers`);
  await expect(page.getByRole("button", { name: "Cột" })).toBeVisible();
  await page.getByRole("button", { name: "Cột" }).click();
  await page.getByRole("dialog", { name: "Cột" }).getByRole("checkbox", { name: "Văn bản thứ mười" }).check();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Áp dụng cho lần sau" }).click();
  await expect(page.getByRole("columnheader", { name: "Văn bản thứ mười" })).toBeVisible();
  await packageOf("Nâng cao");
  await page.goto(`${loa.url}/settings/fields`);
  await page.getByRole("button", { name: "Thêm trường" }).click();
  await page.getByRole("combobox", { name: "Loại dữ liệu" }).click();
  await expect(page.getByRole("option", { name: "Bảng" })).toHaveAttribute("data-combobox-disabled", "true");
  await page.keyboard.press("Escape");
  await packageOf("Cơ bản");
  await page.goto(`${loa.url}/settings/fields`);
  await expect(page.getByRole("button", { name: "Thêm trường" })).toBeDisabled();
  await expect(page.getByText("Gói hiện tại của OA không có trường tùy biến")).toBeVisible();
  await expect(page.getByText("van_ban_thu_muoi", { exact: true })).toBeVisible();
  await page.goto(`${loa.url}/customers`);
  await expect(page.getByTestId("customer").first()).toBeVisible();
  await expect(page.getByRole("columnheader")).toHaveText([
    "Thao tác",
    "Tên người dùng",
    "Nhân viên CSKH",
    "Nhãn quy trình",
  ]);
  await expect(page.getByRole("button", { name: "Cột" })).toHaveCount(0);
  await packageOf("Premium");
  await page.reload();
  await expect(page.getByRole("columnheader", { name: "Văn bản thứ mười" })).toBeVisible();
});
