import { expect, pickCustomer, Sandbox, test } from "./loa";

test("an agent works without a mouse", async ({ page, loa, signIn }) => {
  await signIn();
  const sandbox = new Sandbox(page, loa);
  const { oa, user, name } = await pickCustomer(page, loa, { skip: 10 });
  const question = `Còn màu xanh không ạ? ${Date.now()}`;
  await sandbox.customerWrites(oa, user, question);
  const row = page.getByRole("option", { name }).first();
  await expect(row).toContainText(question);

  // The list: the one that just wrote stands first.
  await page.keyboard.press("j");
  await expect(row).toHaveAttribute("aria-selected", "true");
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  await expect(composer).toBeEnabled();

  // Answer the very message: choose it, quote it, write, send.
  await page.keyboard.press("Alt+ArrowUp");
  await expect(page.getByTestId("message").filter({ hasText: question })).toBeFocused();
  await page.keyboard.press("q");
  await expect(composer).toBeFocused();
  await expect(page.getByText(`Trả lời: ${question}`)).toBeVisible();
  await page.keyboard.type("Dạ còn ạ, chị lấy size nào để em giữ hàng cho mình?");
  await page.keyboard.press("Enter");
  const answer = page.getByTestId("message").filter({ hasText: "Dạ còn ạ, chị lấy size nào" });
  await expect(answer).toContainText(question);
  await expect(composer).toHaveValue("");

  // Letters typed are letters; Alt with a letter works from the composer.
  await page.keyboard.type("jkeu?");
  await expect(composer).toHaveValue("jkeu?");
  await composer.fill("");
  await page.keyboard.press("Alt+i");
  await expect(page.getByTestId("free-replies")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("i");
  await expect(page.getByTestId("free-replies")).toHaveCount(0);

  // Take it, close it and go on, find it among the closed ones, open it again.
  await page.keyboard.press("a");
  await expect(page.getByRole("button", { name: "Người phụ trách: Lê Thị Hạnh" })).toBeVisible();
  await page.keyboard.press("Shift+E");
  await expect(page.getByRole("option", { name })).toHaveCount(0);
  await expect(page.getByRole("option", { selected: true })).toHaveCount(1);
  await page.keyboard.press("6");
  await expect(page.getByRole("tab", { name: "Đã đóng" })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("/");
  await page.keyboard.type(name);
  await expect(page).toHaveURL(/[?&]q=/);
  await expect(page.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("listbox", { name: "Hội thoại" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("button", { name: "Mở lại hội thoại" })).toBeVisible();
  await page.keyboard.press("e");
  await expect(page.getByRole("button", { name: "Đóng hội thoại" })).toBeVisible();

  // The next unread one, by one key.
  await page.keyboard.press("/");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("1");
  await expect(page.getByRole("tab", { name: /^Tất cả/ })).toHaveAttribute("aria-selected", "true");
  const before = page.url();
  await page.keyboard.press("n");
  await expect.poll(() => page.url()).not.toBe(before);

  // The sheet shows the table of keys; the palette does everything else.
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Phím tắt" });
  await expect(sheet).toContainText("Đóng rồi sang hội thoại sau");
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("mat do gon");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-density", "compact");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("Shift+D");
  await expect(page.locator("html")).toHaveAttribute("data-density", "roomy");
});

test("Enter that ends a Telex or VNI letter does not send", async ({ page, loa, signIn }) => {
  await signIn();
  const { conversation } = await pickCustomer(page, loa, { skip: 11 });
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  await expect(composer).toBeEnabled();
  await composer.focus();
  const input = await page.context().newCDPSession(page);
  await input.send("Input.imeSetComposition", { text: "Tiếng Việ", selectionStart: 9, selectionEnd: 9 });
  await composer.dispatchEvent("keydown", { key: "Enter", code: "Enter", keyCode: 229, isComposing: true });
  await composer.dispatchEvent("keydown", { key: "j", code: "KeyJ", altKey: true, isComposing: true });
  await expect(page).toHaveURL(new RegExp(conversation.id));
  await input.send("Input.insertText", { text: "Tiếng Việt" });
  await expect(composer).toHaveValue("Tiếng Việt");
  await expect(page.getByTestId("message").filter({ hasText: "Tiếng Việ" })).toHaveCount(0);
  await composer.fill("");
});

test("panes keep the width that the keys gave them, and go back", async ({ page, signIn }) => {
  await signIn();
  const edge = page.getByRole("separator", { name: "Độ rộng danh sách" });
  const list = page.getByRole("region", { name: "Hội thoại" }).first();
  const width = async () => (await list.boundingBox())?.width ?? 0;
  const usual = await width();
  await edge.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect.poll(width).toBeGreaterThan(usual + 10);
  const wide = await width();
  await page.reload();
  await expect(page.getByRole("listbox", { name: "Hội thoại" })).toBeVisible();
  await expect.poll(async () => Math.abs((await width()) - wide)).toBeLessThan(4);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("dat lai kich thuoc");
  await page.keyboard.press("Enter");
  await expect.poll(async () => Math.abs((await width()) - usual)).toBeLessThan(4);
});

test("a window that a key opens has the focus before the next key can come", async ({ page, signIn }) => {
  await signIn();
  await expect(page.getByRole("option").first()).toBeVisible();
  await page.keyboard.press("j");
  await expect(page.getByRole("textbox", { name: "Soạn tin" })).toBeVisible();
  const press = (key: Pick<KeyboardEventInit, "key" | "code" | "ctrlKey" | "altKey" | "shiftKey">) =>
    page.evaluate(async (key) => {
      document.body.dispatchEvent(new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true }));
      // The next key is a task of its own; this is only the rest of the same one.
      for (let n = 0; n < 1_000; n++) await null;
      return document.activeElement?.getAttribute("placeholder");
    }, key);
  const close = async () => {
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  };
  expect(await press({ key: "k", code: "KeyK", ctrlKey: true })).toBe("Gõ tên khách hoặc việc cần làm");
  await close();
  expect(await press({ key: "/", code: "Slash", altKey: true })).toBe(
    "Tìm tin nhắn và khách, có dấu hay không dấu",
  );
  await close();
  // The first time it is made, the second time only opened.
  for (const _ of [1, 2]) {
    expect(await press({ key: "A", code: "KeyA", shiftKey: true })).toBe("Gõ tên thành viên, Enter để giao");
    await close();
  }
});
