import { expect, Phone, pickCustomer, Sandbox, test } from "./loa";

test("a reply is written now and sent later by key, changed, and sent at once", async ({
  page,
  loa,
  signIn,
  context,
}) => {
  await signIn();
  const { conversation, oa, user } = await pickCustomer(page, loa, { skip: 61 });
  const sandbox = new Sandbox(page, loa);
  await sandbox.customerWrites(oa, user, "Mai shop có hàng không?");
  const phone = await Phone.open(await context.newPage(), loa, oa, user);
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  await expect(composer).toBeEnabled();
  await composer.fill("Mai có hàng nha chị");
  await composer.press("Alt+Shift+Enter");
  const dialog = page.getByRole("dialog", { name: "Gửi sau" });
  await expect(dialog.getByTestId("later-then")).toContainText("Tin phản hồi miễn phí");
  // The first offer has the focus; choosing it goes on to the button that keeps it.
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("button", { name: "Hẹn gửi" })).toBeFocused();
  await page.keyboard.press("Enter");
  const waiting = page.getByTestId("scheduled");
  await expect(waiting).toContainText("Mai có hàng nha chị");
  await expect(composer).toHaveValue("");
  await page.reload();
  await expect(waiting).toContainText("Mai có hàng nha chị");

  await waiting.getByRole("button", { name: "Sửa" }).press("Enter");
  const edit = page.getByRole("dialog", { name: "Sửa tin hẹn gửi" });
  await edit.getByLabel("Nội dung").fill("Mai 9 giờ có hàng nha chị");
  await edit.getByRole("button", { name: "Lưu" }).press("Enter");
  await expect(waiting).toContainText("Mai 9 giờ có hàng nha chị");
  await waiting.getByRole("button", { name: "Gửi ngay" }).press("Enter");
  await expect(waiting).toHaveCount(0);
  await expect(phone.message("Mai 9 giờ có hàng nha chị")).toHaveCount(1);
});

test("what is to be sent later comes back when the customer writes first, and is told", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn();
  const { conversation, name, oa, user } = await pickCustomer(page, loa, { skip: 62 });
  const sandbox = new Sandbox(page, loa);
  await sandbox.customerWrites(oa, user, "Để em hỏi lại");
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  await expect(page.getByTestId("message").filter({ hasText: "Để em hỏi lại" })).toBeVisible();
  await expect(composer).toBeEnabled();
  await composer.fill("Chị hỏi xong chưa ạ?");
  await page.getByRole("button", { name: "Gửi sau" }).click();
  await page.getByRole("dialog", { name: "Gửi sau" }).getByRole("button", { name: "Hẹn gửi" }).click();
  const waiting = page.getByTestId("scheduled");
  await expect(waiting).toContainText("Sẽ gửi lúc");
  await sandbox.customerWrites(oa, user, "Em lấy màu xanh");
  await expect(waiting).toContainText("Chưa gửi: Khách đã nhắn trước.");
  await expect(waiting).toContainText("Chị hỏi xong chưa ạ?");
  // Whoever looked away finds it among what is to be looked at.
  await page.getByRole("button", { name: /^Thông báo/ }).press("Enter");
  const notices = page.getByRole("region", { name: "Việc cần xem" });
  await expect(notices).toContainText(`Tin hẹn gửi cho ${name} chưa đi: khách đã nhắn trước.`);
  await page.keyboard.press("Escape");
  // Taken back, the words stand in the composer again.
  await waiting.getByRole("button", { name: "Bỏ hẹn" }).click();
  await expect(waiting).toHaveCount(0);
  await expect(composer).toHaveValue("Chị hỏi xong chưa ạ?");
  await composer.fill("");
});
