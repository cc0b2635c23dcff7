import { expect, Phone, pickCustomer, Sandbox, test } from "./loa";

const wrote = { headers: { "x-loa": "1" } };

test("a conversation is put away and comes back, by keys", async ({ page, loa, signIn }) => {
  await signIn();
  const sandbox = new Sandbox(page, loa);
  const { oa, user, name, conversation } = await pickCustomer(page, loa, { skip: 20 });
  await sandbox.customerWrites(oa, user, `Còn hàng không? ${Date.now()}`);
  const row = page.getByRole("option", { name }).first();
  await page.goto(`${loa.url}/inbox/${conversation.id}?filter=all`);
  await expect(row).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Soạn tin" })).toBeEnabled();

  // Until the customer writes: chosen by its number.
  await page.keyboard.press("z");
  const dialog = page.getByRole("dialog", { name: "Tạm ẩn hội thoại" });
  await expect(dialog).toContainText("Đến khi khách nhắn");
  const number = await dialog
    .getByRole("button", { name: /Đến khi khách nhắn/ })
    .locator("kbd")
    .textContent();
  await page.keyboard.press(number ?? "");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("option", { name })).toHaveCount(0);
  await expect(page.getByText("Tạm ẩn đến khi khách nhắn", { exact: true })).toBeVisible();
  await expect(page.getByTestId("done-line").last()).toContainText("tạm ẩn hội thoại đến khi khách nhắn");
  await page.keyboard.press("5");
  await expect(page.getByRole("tab", { name: /^Tạm ẩn/ })).toHaveAttribute("aria-selected", "true");
  await expect(row).toContainText("ẩn đến khi khách nhắn");

  // The customer writes: it is back, and says why.
  await sandbox.customerWrites(oa, user, `Alo shop ${Date.now()}`);
  await expect(row).toHaveCount(0);
  await page.keyboard.press("1");
  await expect(row.getByTestId("back")).toHaveText("Khách nhắn lại");

  // Until a typed time.
  await page.keyboard.press("z");
  await dialog.getByRole("textbox").fill("mai 9h");
  await expect(dialog).toContainText("Hiện lại lúc 09:00");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/^Tạm ẩn đến 09:00/)).toBeVisible();
  await expect(page.getByRole("option", { name })).toHaveCount(0);

  // When the time comes it stands first, whatever came meanwhile.
  const soon = { snooze: { kind: "time", until: Date.now() + 1_500 } };
  const answer = await page.request.patch(`${loa.url}/api/conversations/${conversation.id}`, {
    data: soon,
    ...wrote,
  });
  expect(answer.ok()).toBe(true);
  await expect(row.getByTestId("back")).toHaveText("Đến giờ hẹn", { timeout: 15_000 });
  await expect(page.getByRole("option").first()).toContainText(name);
  await expect(page.getByTestId("done-line").last()).toContainText("Đến giờ hẹn, hội thoại hiện lại");

  // Pending, closed, open again: each by its key, each told in the thread.
  await page.keyboard.press("p");
  await expect(page.getByTestId("done-line").last()).toContainText("chuyển sang chờ xử lý");
  await page.keyboard.press("e");
  await expect(page.getByTestId("done-line").last()).toContainText("đóng hội thoại");
  await page.keyboard.press("i");
  await expect(page.getByTestId("episode")).toContainText("Xong");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("dong hoac mo lai");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("done-line").last()).toContainText("mở lại hội thoại");
});

test("a private note tells a colleague and never reaches the customer", async ({
  page,
  loa,
  signIn,
  browser,
}) => {
  await signIn();
  const { oa, user, conversation } = await pickCustomer(page, loa, { skip: 21 });
  await new Sandbox(page, loa).customerWrites(oa, user, `Còn hàng không? ${Date.now()}`);
  await page.goto(`${loa.url}/inbox/${conversation.id}?filter=all`);
  await expect(page.getByRole("textbox", { name: "Soạn tin" })).toBeEnabled();
  const members = await (await page.request.get(`${loa.url}/api/members`)).json();
  const me = await (await page.request.get(`${loa.url}/api/session`)).json();
  const colleague = members.items.find(
    (m: { id: string; role: string }) => m.role !== "agent" && m.id !== me.member.id,
  );

  await page.keyboard.press("b");
  const field = page.getByRole("textbox", { name: "Ghi chú nội bộ" });
  await expect(field).toBeFocused();
  const text = `khách quen, giảm 5% nhé ${Date.now()}`;
  await page.keyboard.type(`@${colleague.display_name.split(" ").at(-1)}`);
  await expect(page.getByRole("option", { name: colleague.display_name })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(field).toHaveValue(`@${colleague.display_name} `);
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
  const note = page.getByTestId("note").last();
  await expect(note).toContainText(`@${colleague.display_name} ${text}`);
  await expect(field).toHaveValue("");
  // Back to the reply; the note field kept nothing, the reply field lost nothing.
  await page.keyboard.press("Escape");
  await expect(page.getByRole("textbox", { name: "Soạn tin" })).toBeFocused();

  // The colleague hears of it and comes to it.
  const context = await browser.newContext();
  const other = await context.newPage();
  await other.goto(loa.url);
  await other
    .getByRole("button", { name: new RegExp(`Đăng nhập với tên ${colleague.display_name}`) })
    .click();
  const bell = other.getByRole("button", { name: "Thông báo, 1 mục chưa đọc" });
  await expect(bell).toBeVisible({ timeout: 20_000 });
  await bell.click();
  await other.getByRole("button", { name: new RegExp(text) }).click();
  await expect(other.getByTestId("note").last()).toContainText(text);
  await expect(other.getByRole("button", { name: /mục chưa đọc/ })).toHaveCount(0);
  await context.close();

  // The phone shows what was sent, and no note.
  const after = `Dạ em chào chị ${Date.now()}`;
  await page.getByRole("textbox", { name: "Soạn tin" }).fill(after);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("message").filter({ hasText: after })).toBeVisible();
  const phone = await Phone.open(page, loa, oa, user);
  await expect(phone.message(after)).toBeVisible({ timeout: 15_000 });
  await expect(phone.message(text)).toHaveCount(0);
});

test("a send that did not see what came is refused, keeps its text, and goes by one key", async ({
  page,
  loa,
  signIn,
}) => {
  // A line that lags: what the server says is held back while `deaf`.
  let deaf = false;
  await page.routeWebSocket(/\/api\/realtime/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!deaf) socket.send(message);
    });
  });
  await signIn();
  const sandbox = new Sandbox(page, loa);
  const { oa, user, name, conversation } = await pickCustomer(page, loa, { skip: 22 });
  const question = `Bao nhiêu tiền? ${Date.now()}`;
  await sandbox.customerWrites(oa, user, question);
  // By the row and not by its address: a page that is loaded anew reads everything once more when its line stands.
  const row = page.getByRole("option", { name }).first();
  await expect(row).toContainText(question);
  await row.click();
  const composer = page.getByRole("textbox", { name: "Soạn tin" });
  await expect(composer).toBeEnabled();
  await expect(page.getByTestId("message").last()).toContainText("Bao nhiêu tiền?");
  deaf = true;
  const news = `Thôi em mua chỗ khác rồi ${Date.now()}`;
  await sandbox.customerWrites(oa, user, news);
  await expect
    .poll(async () => {
      const page1 = await page.request.get(
        `${loa.url}/api/conversations/${conversation.id}/messages?limit=1`,
      );
      return (await page1.json()).items[0].text;
    })
    .toBe(news);
  const answer = `Dạ 200 nghìn ạ ${Date.now()}`;
  await composer.fill(answer);
  await page.keyboard.press("Enter");
  const moved = page.getByTestId("moved");
  await expect(moved).toContainText(name);
  await expect(moved).toContainText(news);
  await expect(composer).toHaveValue(answer);
  // Read first.
  await page.keyboard.press("Escape");
  await expect(moved).toHaveCount(0);
  await expect(composer).toHaveValue(answer);
  // Send all the same.
  await composer.press("Enter");
  await expect(moved).toBeVisible();
  await page.keyboard.press("Alt+Enter");
  await expect(moved).toHaveCount(0);
  await expect(composer).toHaveValue("");
  await expect
    .poll(async () => {
      const found = await page.request.get(
        `${loa.url}/api/conversations/${conversation.id}/messages?limit=3`,
      );
      return (await found.json()).items.map((m: { text?: string }) => m.text);
    })
    .toContain(answer);
});
