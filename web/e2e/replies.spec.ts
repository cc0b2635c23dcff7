import type { Page } from "@playwright/test";
import { expect as expectSoon, type Loa, Phone, pickCustomer, Sandbox, test } from "./loa";

// Two or three pages at once; a busy machine takes its time over them.
const expect = expectSoon.configure({ timeout: 20_000 });

const composerOf = (page: Page) => page.getByRole("textbox", { name: "Soạn tin" });

/** A customer who has just written: at the top of every list, and free to be answered whatever the demo's past was. */
async function writing(page: Page, loa: Loa, skip: number) {
  const customer = await pickCustomer(page, loa, { skip });
  await new Sandbox(page, loa).customerWrites(customer.oa, customer.user, "Em lấy bó này nhé");
  return customer;
}

/** Open the thread of such a customer, with the message in it. */
async function open(page: Page, loa: Loa, conversation: { id: string }): Promise<void> {
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  await expect(page.getByTestId("message").filter({ hasText: "Em lấy bó này nhé" })).toBeVisible();
  await expect(composerOf(page)).toBeEnabled();
}

test("a label is put by key, seen live by another, filters the list and is taken off", async ({
  page,
  loa,
  signIn,
  browser,
}) => {
  await signIn("Quản lý");
  const { conversation, name } = await writing(page, loa, 40);
  await open(page, loa, conversation);
  const label = `Nhãn thử ${Date.now() % 100_000}`;

  // Somebody else has the list open.
  const other = await browser.newPage({ baseURL: loa.url });
  await other.goto(loa.url);
  await other
    .getByRole("button", { name: /^Đăng nhập với tên .*, Nhân viên$/ })
    .first()
    .click();
  const theirs = other.getByRole("option", { name: new RegExp(`^${name}`) }).first();
  await expect(theirs).toBeVisible();

  await page.keyboard.press("Shift+L");
  const dialog = page.getByRole("dialog", { name: `Gắn nhãn cho ${name}` });
  await expect(dialog).toBeVisible();
  await page.keyboard.type(label);
  await expect(dialog.getByRole("option", { name: `Tạo và gắn nhãn “${label}”` })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("option", { name: label, exact: true })).toHaveAttribute(
    "aria-checked",
    "true",
  );
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(theirs.getByTestId("label").filter({ hasText: label })).toBeVisible();

  // The list of that label has this one conversation.
  await page.getByRole("combobox", { name: "Lọc theo nhãn" }).click();
  await page.getByRole("option", { name: label, exact: true }).click();
  await expect(page.getByRole("listbox", { name: "Hội thoại" }).getByRole("option")).toHaveCount(1);
  await expect(page).toHaveURL(/label=lbl_/);

  // Through the palette it is taken off again, and the list of the label is empty.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("gan nhan");
  await page.keyboard.press("Enter");
  await expect(dialog).toBeVisible();
  await page.keyboard.type(label);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await expect(theirs.getByTestId("label").filter({ hasText: label })).toHaveCount(0);
  await expect(page.getByText("Không có ai mang nhãn này")).toBeVisible();
  await other.close();
});

test("a slash finds a reply without diacritics, fills it and puts it at the caret, twice", async ({
  page,
  loa,
  signIn,
  context,
}) => {
  await signIn();
  const { conversation, name, oa, user } = await writing(page, loa, 41);
  const given = name.split(" ").at(-1) ?? "";
  const phone = await Phone.open(await context.newPage(), loa, oa, user);
  await open(page, loa, conversation);
  const composer = composerOf(page);
  const list = page.getByRole("listbox", { name: "Câu trả lời mẫu" });

  await composer.focus();
  await page.keyboard.type("/cam");
  await expect(list.getByRole("option")).toHaveCount(1);
  await expect(page.getByTestId("slash")).toContainText(`cảm ơn ${given}`);
  await page.keyboard.press("Enter");
  await expect(composer).toHaveValue(new RegExp(`^Dạ em cảm ơn ${given} đã ủng hộ`));
  await expect(list).toHaveCount(0);

  // A second one in the same message, in front of the first.
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("/dia chi".slice(0, 4));
  await expect(list.getByRole("option").first()).toContainText("/địa-chỉ");
  await page.keyboard.press("Tab");
  await page.keyboard.type(" ");
  await expect(composer).toHaveValue(/^Dạ cửa hàng ở 12 Nguyễn Huệ.* Dạ em cảm ơn/s);

  // Two slashes are one, Escape leaves the list, and a slash inside a word never opens it.
  await composer.fill("");
  await page.keyboard.type("//");
  await expect(composer).toHaveValue("/");
  await expect(list).toHaveCount(0);
  await page.keyboard.type(" 1/2 /");
  await expect(list).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(list).toHaveCount(0);
  await expect(composer).toBeFocused();
  await expect(composer).toHaveValue("/ 1/2 /");

  // An Enter that ends a Telex letter takes nothing.
  await composer.fill("");
  await page.keyboard.type("/gia");
  await expect(list.getByRole("option").first()).toContainText("/giá");
  await composer.dispatchEvent("keydown", { key: "Enter", code: "Enter", keyCode: 229, isComposing: true });
  await expect(composer).toHaveValue("/gia");
  await page.keyboard.press("Enter");
  await expect(composer).toHaveValue(/^Dạ bó hồng 20 bông giá 350.000 đ/);
  await page.keyboard.press("Enter");
  await expect(phone.message("Dạ bó hồng 20 bông")).toHaveCount(1);
});

test("a macro shows what it will do and does all of it with one key", async ({
  page,
  loa,
  signIn,
  context,
}) => {
  await signIn();
  const { conversation, name, oa, user } = await writing(page, loa, 42);
  const phone = await Phone.open(await context.newPage(), loa, oa, user);
  await open(page, loa, conversation);
  await composerOf(page).focus();
  await page.keyboard.press("Control+m");
  const dialog = page.getByRole("dialog", { name: `Chạy macro cho ${name}` });
  await page.keyboard.type("chot");
  const preview = dialog.getByTestId("macro-preview");
  await expect(preview).toContainText("Tin phản hồi miễn phí");
  await expect(preview).toContainText("Dạ em đã nhận đơn của");
  await expect(preview.getByTestId("label").filter({ hasText: "Đã chốt đơn" })).toBeVisible();
  await expect(preview).toContainText("Gửi 1 tin, không tốn tiền.");
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(phone.message("Dạ em đã nhận đơn của")).toHaveCount(1);
  await page.keyboard.press("Escape");
  await page.keyboard.press("i");
  const labels = page.getByRole("region", { name: "Nhãn của khách" });
  await expect(labels.getByTestId("label").filter({ hasText: "Đã chốt đơn" })).toBeVisible();
  await labels.getByRole("button", { name: "Gỡ nhãn Đã chốt đơn" }).click();
  await expect(labels.getByTestId("label").filter({ hasText: "Đã chốt đơn" })).toHaveCount(0);
});

test("replies are written with a preview, and what is wrong is said", async ({ page, loa, signIn }) => {
  await signIn("Quản lý");
  await page.goto(`${loa.url}/settings/replies`);
  await page.getByRole("button", { name: "Thêm câu mẫu" }).click();
  const dialog = page.getByRole("dialog", { name: "Thêm câu mẫu" });
  await dialog.getByLabel("Từ khóa").fill("CHAO");
  await dialog.getByLabel("Nội dung").fill("Chào {{customer.nam}}");
  await expect(dialog.getByText("Không có biến “customer.nam”.")).toBeVisible();
  await dialog.getByLabel("Nội dung").fill("Chào ");
  await dialog.getByRole("button", { name: "Tên gọi của khách" }).click();
  await expect(dialog.getByRole("region", { name: "Khách sẽ nhận được" })).toContainText("Chào Đào");
  await dialog.getByRole("button", { name: "Lưu" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Từ khóa này đã có.");
  await dialog.getByLabel("Từ khóa").fill("chào-2");
  await dialog.getByRole("button", { name: "Lưu" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("listitem").filter({ hasText: "/chào-2" })).toBeVisible();
  await page.getByRole("button", { name: "Xóa câu mẫu chào-2" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Xóa" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "/chào-2" })).toHaveCount(0);
});
