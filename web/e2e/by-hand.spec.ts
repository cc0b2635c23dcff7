/** "Xóa quan tâm" as it is with the real platform, which offers no call for it (platform reference §8.6). */
import { expect, pickCustomer, Sandbox, test } from "./loa";

test.use({ world: { name: "by-hand", env: { LOA_ZALO__REMOVE_FOLLOWER_PATH: "" } } });

test("C-16: without a call of Zalo it is noted, and the dialog says what else has to be done", async ({
  page,
  loa,
  signIn,
}) => {
  const sandbox = new Sandbox(page, loa);
  await signIn("Quản trị viên");
  const { name, conversation, oa, user } = await pickCustomer(page, loa);
  await page.getByRole("link", { name: "Khách hàng" }).click();
  await page.getByRole("searchbox", { name: "Tìm theo tên, số điện thoại" }).fill(name);
  const remove = page.getByRole("button", { name: `Xóa quan tâm của ${name}` }).first();
  await remove.click();
  const dialog = page.getByRole("dialog", { name: "Xóa quan tâm" });
  await expect(dialog).toContainText("Zalo không có API cho việc này");
  await expect(dialog).toContainText("cả trong trang quản trị của OA");
  await expect(dialog.getByRole("link", { name: "Mở trang quản trị OA" })).toHaveAttribute(
    "href",
    `${loa.sandbox}/control`,
  );
  await dialog.getByRole("button", { name: "Đánh dấu đã xóa" }).click();
  await expect(page.getByText(/Nhớ xóa cả trong trang quản trị của OA/)).toBeVisible();
  await expect(remove).toBeDisabled();
  expect(await sandbox.isFollower(oa, user), "nothing was asked of the platform").toBe(true);
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  await expect(page.getByText("Khách đã bỏ quan tâm hoặc chặn OA.")).toBeVisible();
  await expect(
    page.getByTestId("done-line").filter({ hasText: "đánh dấu đã xóa quan tâm của khách" }),
  ).toHaveCount(1);
});
