import { expect, pickCustomer, Sandbox, test } from "./loa";

test("a word finds a message, and Enter opens its place in the thread", async ({ page, loa, signIn }) => {
  test.setTimeout(120_000);
  await signIn();
  const sandbox = new Sandbox(page, loa);
  const { oa, user, name } = await pickCustomer(page, loa, { skip: 30 });
  const wanted = "Shop ơi có áo dài thêu sen đỏ không ạ?";
  await sandbox.customerWrites(oa, user, wanted);
  // So many that the wanted one is on none of the pages that a thread loads by itself.
  for (let i = 1; i <= 120; i += 1) await sandbox.customerWrites(oa, user, `câu nhắn số ${i}`);
  const found = async (q: string) => {
    const answer = await page.request.get(`${loa.url}/api/search?q=${encodeURIComponent(q)}`);
    return ((await answer.json()) as { items: unknown[] }).items.length;
  };
  await expect.poll(() => found('"theu sen"')).toBe(1);
  await expect.poll(() => found('"nhan so 120"')).toBe(1);

  // By key from anywhere, without diacritics, by the beginnings of words.
  await page.keyboard.press("Alt+/");
  const dialog = page.getByRole("dialog", { name: "Tìm trong tin nhắn" });
  const field = dialog.getByRole("combobox");
  await expect(field).toBeFocused();
  await expect(dialog.getByText("from:lan")).toBeVisible();
  await page.keyboard.type("ao dai the");
  const hit = dialog.getByRole("option").filter({ hasText: wanted });
  await expect(hit).toHaveAttribute("aria-selected", "true");
  await expect(hit).toContainText(name);
  await expect(hit.locator("mark")).toHaveText(["áo", "dài", "thêu"]);
  await page.keyboard.press("Enter");

  // The message stands there with the focus, between what came before and after.
  await expect(dialog).toHaveCount(0);
  const message = page.getByTestId("message").filter({ hasText: wanted });
  await expect(message).toBeFocused();
  await expect(message).toBeInViewport();
  await expect(page.getByText("câu nhắn số 1", { exact: true })).toBeVisible();
  await expect(page).not.toHaveURL(/[?&]at=/);
  // Newer ones follow while one walks down, and one press leads to the newest.
  const newest = page.getByTestId("message").filter({ hasText: "câu nhắn số 120" });
  await expect(newest).not.toBeInViewport();
  await expect(async () => {
    await page.keyboard.press("Alt+ArrowDown");
    // The time stands right behind the text: number 4 at seven in the morning is no 40.
    await expect(page.locator("article:focus")).toHaveText(/câu nhắn số 40\d\d:\d\d/, { timeout: 100 });
  }).toPass({ intervals: [20] });
  await page.getByRole("button", { name: "Mới nhất" }).click();
  await expect(newest).toBeInViewport();
  // And what arrives now is shown.
  await sandbox.customerWrites(oa, user, "câu nhắn cuối cùng");
  await expect(page.getByTestId("message").filter({ hasText: "câu nhắn cuối cùng" })).toBeInViewport();

  // What was typed is still there; conditions narrow down, and a wrong one is named.
  await page.keyboard.press("Control+Shift+F");
  await expect(field).toHaveValue("ao dai the");
  await field.fill('"nhắn số" from:me');
  await expect(dialog.getByText("Không có tin nào khớp")).toBeVisible();
  await field.fill("sen before:mai");
  await expect(dialog.getByRole("status")).toHaveText(/“before:mai” không phải ngày/);
  await field.fill("sen has:tiền");
  await expect(dialog.getByRole("status")).toHaveText(/Chưa hiểu “has:tiền”/);
  // Further results are read while one walks down.
  await field.fill("cau nhan so");
  await expect(dialog.getByRole("option")).toHaveCount(30);
  for (let i = 0; i < 29; i += 1) await page.keyboard.press("ArrowDown");
  await expect(dialog.getByRole("option")).toHaveCount(60);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
});

test("a customer is found by a part of the name, and the palette leads to the search", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn();
  const { name } = await pickCustomer(page, loa, { skip: 31 });
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Tìm và ra lệnh" }).fill("tìm trong tin");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Tìm trong tin nhắn" });
  await dialog
    .getByRole("combobox")
    .fill(name.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d").replace(/Đ/g, "D"));
  const person = dialog.getByRole("group", { name: "Khách hàng" }).getByRole("option", { name });
  await expect(person.first()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: new RegExp(name) })).toBeVisible();
});
