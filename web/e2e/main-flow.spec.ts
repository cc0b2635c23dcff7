import { expect, Phone, pickCustomer, test } from "./loa";

test("a customer writes, an agent answers, and the free replies are counted", async ({
  page,
  context,
  loa,
  signIn,
}) => {
  await signIn();
  const { name, oa, user } = await pickCustomer(page, loa);
  const phone = await Phone.open(await context.newPage(), loa, oa, user);

  // Phone to inbox, within a second of pressing send.
  const question = `Áo này còn không shop? ${Date.now()}`;
  await phone.write(question);
  const row = page.getByRole("option", { name }).first();
  await expect(row).toContainText(question, { timeout: 1_000 });

  // The panel opens on the name and says what is left.
  await row.click();
  await page.getByRole("button", { name: `Thông tin khách ${name}` }).click();
  const replies = page.getByTestId("free-replies");
  await expect(replies).toContainText("còn 8/8");
  await expect(replies).toContainText(/hết hạn \d\d:\d\d \d\d\/\d\d/);

  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  const notice = page
    .getByRole("status")
    .filter({ hasText: "Tin tiếp theo được gửi là tin tư vấn trong tháng" });
  await expect(notice).toHaveCount(0);

  // Reply to phone; one less.
  await composer.fill("Dạ còn ạ");
  await composer.press("Enter");
  await expect(phone.message("Dạ còn ạ")).toHaveCount(1);
  await expect(replies).toContainText("còn 7/8");
  await expect(notice).toHaveCount(0);

  // The other seven; then the next one is a consultation message.
  for (let n = 2; n <= 8; n++) {
    await composer.fill(`Tin số ${n}`);
    await page.getByRole("button", { name: "Gửi", exact: true }).click();
    await expect(phone.message(`Tin số ${n}`)).toHaveCount(1);
    await expect(replies).toContainText(`còn ${8 - n}/8`);
  }
  await expect(notice).toBeVisible();
  await expect(notice).toContainText(/\d+\/\d+/);

  // The customer writes again: eight, and no notice.
  await phone.write("Cảm ơn shop");
  await expect(replies).toContainText("còn 8/8");
  await expect(notice).toHaveCount(0);
});

test("a draft outlives the page", async ({ page, loa, signIn }) => {
  await signIn();
  const { conversation } = await pickCustomer(page, loa);
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  await composer.fill("Bản nháp tiếng Việt");
  await expect(page.getByText("Đã lưu nháp")).toBeVisible();
  // Nothing of it stands in this browser: it comes back from the server.
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await expect(composer).toHaveValue("Bản nháp tiếng Việt");
  await composer.fill("");
});

test("a wrong password is said in Vietnamese", async ({ page, loa }) => {
  await page.goto(`${loa.url}/sign-in`);
  await page.getByLabel("Email").fill("khong-co-ai@loa.test");
  await page.getByLabel("Mật khẩu", { exact: true }).fill("không phải mật khẩu");
  await page.getByRole("button", { name: "Đăng nhập", exact: true }).click();
  await expect(page.getByRole("alert")).toHaveText("Email hoặc mật khẩu không đúng.");
});
