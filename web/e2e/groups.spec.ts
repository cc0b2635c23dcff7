/** The two phone groups (seed 002): upload with its report, recognition in the room, and who wins. C-06, C-09 to C-11. */
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { colleague, expect, type Loa, pickCustomer, Sandbox, test } from "./loa";

const badge = (page: Page) => page.getByRole("region", { name: /^Hội thoại với/ }).getByTestId("group-badge");
const dialog = (page: Page) => page.getByRole("dialog");

async function openGroups(page: Page, loa: Loa, group: string): Promise<void> {
  await page.goto(`${loa.url}/customers/groups`);
  // The whole card is the button, as a label is.
  await page.getByRole("radiogroup", { name: "Chọn nhóm" }).getByText(group, { exact: true }).click();
  await expect(page.getByRole("radio", { name: new RegExp(group) })).toBeChecked();
}

/** Paste numbers, look at what would happen, and do it. Leaves the report open. */
async function paste(page: Page, numbers: string[], options: { replace?: boolean } = {}): Promise<void> {
  await page.getByRole("button", { name: "Tải lên", exact: true }).click();
  await dialog(page).getByText("Dán số", { exact: true }).click();
  await dialog(page).getByRole("textbox", { name: "Số điện thoại" }).fill(numbers.join("\n"));
  if (options.replace) await dialog(page).getByRole("radio", { name: "Thay bằng danh sách này" }).check();
  await dialog(page).getByRole("button", { name: "Kiểm tra" }).click();
  await expect(dialog(page).getByText("Chưa thay đổi gì.")).toBeVisible();
  await dialog(page)
    .getByRole("button", { name: /^Đưa .* số vào nhóm$/ })
    .click();
  await expect(dialog(page).getByRole("status")).toContainText("Đã đưa số vào nhóm");
}

const counted = (page: Page, key: string) => dialog(page).getByTestId(`count-${key}`).getByRole("definition");

test("one number in three forms is one entry, and its customer is recognised when they share it", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn("Quản trị viên");
  const customer = await pickCustomer(page, loa, { skip: 610 });
  await openGroups(page, loa, "Ưu tiên");
  await expect(page.getByText("Nhóm Ưu tiên chưa có số nào")).toBeVisible();

  // C-09, by keys alone from the open window on.
  await paste(page, ["0912345678", "84912345678", "912345678", "chị Lan"]);
  await expect(counted(page, "accepted")).toHaveText("1");
  await expect(counted(page, "doubled")).toHaveText("2");
  await expect(counted(page, "bad")).toHaveText("1");
  await expect(dialog(page).getByTestId("remark")).toHaveText([
    /Dòng 4.*chị Lan/,
    /Dòng 2.*84912345678.*trùng dòng 1/,
    /Dòng 3.*912345678.*trùng dòng 1/,
  ]);
  const waiting = page.waitForEvent("download");
  await dialog(page).getByRole("link", { name: "Tải các dòng cần xem (CSV)" }).click();
  const file = await readFile(await (await waiting).path(), "utf8");
  expect(file).toContain("\uFEFFDòng,Giá trị,Kết quả,Trùng với dòng");
  expect(file).toContain("4,chị Lan,Không phải số điện thoại");
  await dialog(page).getByRole("button", { name: "Xong" }).click();
  await expect(page.getByTestId("group-number")).toHaveText(/84912345678.*Chưa nhận ra ai.*Không hết hạn/);

  // C-10: the customer shares the number in the chat.
  const sandbox = new Sandbox(page, loa);
  await sandbox.customerWrites(customer.oa, customer.user, "Giao hàng giúp em");
  await page.goto(`${loa.url}/inbox/${customer.conversation.id}`);
  await expect(page.getByRole("textbox", { name: "Soạn tin" })).toBeEnabled({ timeout: 30_000 });
  await expect(badge(page)).toHaveCount(0);
  await sandbox.customerShares(customer.oa, customer.user, { name: customer.name, phone: "0912345678" });
  await expect(badge(page).first()).toHaveText("Ưu tiên", { timeout: 5_000 });
  const row = page.getByRole("listbox", { name: "Hội thoại" }).getByRole("option", { selected: true });
  await expect(row.getByTestId("group-badge")).toHaveText("Ưu tiên");

  // Who answers customers sees the label and no groups.
  const agent = await colleague(page, loa, "Nhân viên");
  await agent.goto(`${loa.url}/inbox/${customer.conversation.id}`);
  await expect(badge(agent).first()).toHaveText("Ưu tiên");
  await agent.goto(`${loa.url}/customers/groups`);
  await expect(agent.getByRole("alert")).toContainText("Vai trò của bạn không được làm việc này");
  await agent.context().close();
});

test("a number in both groups warns, shows as restricted everywhere, and leaves when it is removed", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn("Quản trị viên");
  const customer = await pickCustomer(page, loa, { skip: 611 });
  const set = await page.request.patch(`${loa.url}/api/customers/${customer.conversation.customer.id}`, {
    headers: { "x-loa": "1" },
    data: { phone: "0987 654 321" },
  });
  expect(set.ok()).toBe(true);

  // A file by the button; the day on which it ends.
  await openGroups(page, loa, "Ưu tiên");
  await page.getByRole("button", { name: "Tải lên", exact: true }).click();
  await dialog(page).getByRole("button", { name: "Kiểm tra" }).click();
  await expect(dialog(page).getByRole("alert")).toHaveText("Chọn một tệp hoặc dán số điện thoại.");
  const picker = page.waitForEvent("filechooser");
  await dialog(page).getByRole("button", { name: "Chọn tệp trên máy" }).click();
  const wrong = Buffer.from([0x53, 0x44, 0x54, 0x0a, 0xd0, 0xe0, 0x6f, 0x0a]);
  await (await picker).setFiles({ name: "cũ.csv", mimeType: "text/csv", buffer: wrong });
  await dialog(page).getByRole("button", { name: "Kiểm tra" }).click();
  await expect(dialog(page).getByRole("alert")).toContainText("Dòng 2, cột A: chữ không phải UTF-8");
  const again = page.waitForEvent("filechooser");
  await dialog(page).getByRole("button", { name: "Chọn tệp trên máy" }).click();
  const list = Buffer.from("Tên;SĐT\nLan;0987654321\nĐào;0900000001\n");
  await (await again).setFiles({ name: "khách quen.csv", mimeType: "text/csv", buffer: list });
  await dialog(page).getByRole("radio", { name: "Đến hết ngày" }).check();
  await dialog(page).getByLabel("Ngày hết hạn").fill("2020-01-01");
  await dialog(page).getByRole("button", { name: "Kiểm tra" }).click();
  await expect(dialog(page).getByRole("alert")).toHaveText("Ngày hết hạn phải ở phía sau.");
  await dialog(page).getByLabel("Ngày hết hạn").fill("2099-12-31");
  await dialog(page).getByRole("button", { name: "Kiểm tra" }).click();
  await expect(counted(page, "recognised")).toHaveText("1");
  await dialog(page).getByRole("button", { name: "Đưa 2 số vào nhóm" }).click();
  await dialog(page).getByRole("button", { name: "Xong" }).click();

  // C-11: the same number into the other group.
  await openGroups(page, loa, "Hạn chế");
  await paste(page, ["0900000002", "0987654321"]);
  await expect(counted(page, "conflicts")).toHaveText("1");
  await expect(dialog(page).getByTestId("remark")).toHaveText([/Dòng 2.*84987654321/]);
  await dialog(page).getByRole("button", { name: "Xong" }).click();
  const found = page.getByTestId("group-number").filter({ hasText: "84987654321" });
  await expect(found).toContainText("Có trong cả hai nhóm: hiện nhãn Hạn chế");
  await expect(found).toContainText(customer.name);

  // C-06: the filter lists only them.
  await page.goto(`${loa.url}/customers`);
  await page.getByRole("combobox", { name: "Nhóm khách hàng" }).click();
  await page.getByRole("option", { name: "Hạn chế" }).click();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("customer")).toHaveCount(1);
  await expect(page.getByTestId("customer")).toContainText(customer.name);
  await expect(page.getByTestId("customer").getByTestId("group-badge")).toHaveText("Hạn chế");

  await page.goto(`${loa.url}/inbox/${customer.conversation.id}`);
  await expect(badge(page).first()).toHaveText("Hạn chế");

  // Found by a part, removed: what it hid shows again, in the open room.
  const second = await page.context().newPage();
  await openGroups(second, loa, "Hạn chế");
  await second.getByRole("searchbox", { name: "Tìm số điện thoại" }).fill("0987 654");
  await expect(second.getByTestId("group-number")).toHaveCount(1);
  await second.getByRole("button", { name: "Bỏ số 84987654321 khỏi nhóm" }).click();
  await dialog(second).getByRole("button", { name: "Xóa", exact: true }).click();
  await expect(second.getByText("Không có số nào khớp")).toBeVisible();
  await expect(badge(page).first()).toHaveText("Ưu tiên", { timeout: 5_000 });
  await second.getByRole("button", { name: "Xóa cả nhóm" }).click();
  await dialog(second).getByRole("button", { name: "Xóa", exact: true }).click();
  await expect(second.getByText("Đã xóa 1 số khỏi nhóm Hạn chế.")).toBeVisible();

  // Their names are no labels.
  await second.goto(`${loa.url}/settings/labels`);
  await second.getByRole("button", { name: "Thêm nhãn" }).first().click();
  await dialog(second).getByRole("textbox").fill("ưu tiên");
  await dialog(second).getByRole("button", { name: "Lưu" }).click();
  await expect(dialog(second).getByRole("alert")).toHaveText(
    "“ưu tiên” là tên nhóm khách hàng, không đặt cho nhãn được.",
  );
});
