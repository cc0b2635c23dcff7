import { expect, pickCustomer, test } from "./loa";

/** The smallest PNG there is: one pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

test("a picture goes out with its caption", async ({ page, loa, signIn }) => {
  await signIn();
  const { conversation } = await pickCustomer(page, loa, { skip: 3 });
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  await expect(composer).toBeEnabled();
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "mau.png", mimeType: "image/png", buffer: PNG });
  await expect(page.getByRole("button", { name: "Bỏ tệp mau.png" })).toBeVisible();
  await composer.fill("Mẫu này nha chị");
  await composer.press("Enter");
  const sent = page.getByTestId("message").filter({ hasText: "Mẫu này nha chị" });
  await expect(sent.getByRole("button", { name: "Xem hình lớn" })).toBeVisible();
  await expect(sent.getByRole("img", { name: /^(Đã gửi|Đã nhận|Đã xem)$/ })).toBeVisible();
  await expect(composer).toHaveValue("");
});

test("what the platform would not take is refused before it is called, and the draft stays", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn();
  const { conversation } = await pickCustomer(page, loa, { skip: 4 });
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  await expect(composer).toBeEnabled();

  await page.locator("input[type=file]").setInputFiles({
    name: "phim.exe",
    mimeType: "application/x-msdownload",
    buffer: Buffer.from("MZ not a document"),
  });
  await expect(page.getByRole("alert")).toContainText("Zalo không nhận loại tệp này.");

  const long = "ạ".repeat(2_001);
  await composer.fill(long);
  await composer.press("Enter");
  await expect(page.getByRole("alert")).toContainText("Tin dài 2.001 ký tự; Zalo nhận tối đa 2.000.");
  await expect(composer).toHaveValue(long);
  await composer.fill("");
});
