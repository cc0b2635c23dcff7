/** Buttons, lists, requests for contact data and stickers, from the composer to the customer's phone and back. */
import { expect, Phone, pickCustomer, Sandbox, test } from "./loa";

test("a text with a button goes out, and a tap on it comes back as a message", async ({
  page,
  context,
  loa,
  signIn,
}) => {
  await signIn();
  const customer = await pickCustomer(page, loa, { skip: 40 });
  const sandbox = new Sandbox(page, loa);
  await sandbox.customerWrites(customer.oa, customer.user, "Shop tư vấn giúp em");
  await page.goto(`${loa.url}/inbox/${customer.conversation.id}`);
  await expect(page.getByRole("textbox", { name: "Soạn tin" })).toBeEnabled({ timeout: 30_000 });

  // By keys alone: the menu, the form, and sending.
  await page.keyboard.press("Alt+KeyC");
  await page.getByRole("menuitem", { name: "Tin có nút bấm" }).press("Enter");
  const form = page.getByRole("dialog", { name: "Tin có nút bấm" });
  await form.getByRole("textbox", { name: "Nội dung tin" }).fill("Anh chị cần hỗ trợ gì ạ?");
  await form.getByRole("textbox", { name: "Chữ trên nút" }).fill("Hỏi giá");
  await form.getByRole("combobox", { name: "Khi khách bấm" }).click();
  await page.getByRole("option", { name: "Gửi một tin thay khách" }).click();
  await form.getByRole("textbox", { name: "Tin sẽ gửi" }).fill("#gia hôm nay");
  await expect(form.getByRole("region", { name: "Khách sẽ thấy" })).toContainText("Hỏi giá");

  // What is typed outlives the window.
  await page.keyboard.press("Escape");
  await expect(form).toBeHidden();
  await page.keyboard.press("Alt+KeyC");
  await page.getByRole("menuitem", { name: "Tin có nút bấm" }).click();
  await expect(form.getByRole("textbox", { name: "Chữ trên nút" })).toHaveValue("Hỏi giá");
  await form.getByRole("textbox", { name: "Chữ trên nút" }).press("Control+Enter");
  await expect(form).toBeHidden();
  const sent = page.getByTestId("message").filter({ hasText: "Anh chị cần hỗ trợ gì ạ?" }).last();
  await expect(sent).toHaveAttribute("data-status", /sent|delivered|seen/);
  await expect(sent.getByTestId("template")).toContainText("Nói giúp khách: #gia hôm nay");

  const phone = await Phone.open(await context.newPage(), loa, customer.oa, customer.user);
  await phone.message("Anh chị cần hỗ trợ gì ạ?").getByTestId("message-button").click();
  await expect(page.getByTestId("message").filter({ hasText: "#gia hôm nay" }).last()).toBeVisible();
});

test("a request for contact data is answered on the phone and fills the customer's record", async ({
  page,
  context,
  loa,
  signIn,
}) => {
  await signIn("Quản trị viên");
  const customer = await pickCustomer(page, loa, { skip: 41 });
  const sandbox = new Sandbox(page, loa);
  await sandbox.customerWrites(customer.oa, customer.user, "Giao hàng giúp em");
  await page.goto(`${loa.url}/inbox/${customer.conversation.id}`);
  await expect(page.getByRole("textbox", { name: "Soạn tin" })).toBeEnabled({ timeout: 30_000 });
  await page.getByRole("button", { name: "Thêm vào tin" }).click();
  await page.getByRole("menuitem", { name: "Xin thông tin khách" }).click();
  const form = page.getByRole("dialog", { name: "Xin thông tin khách" });
  // Name and picture of the account stand there already.
  await expect(form.getByRole("textbox", { name: "Tiêu đề" })).toHaveValue(customer.channel.name);
  await form.getByRole("textbox", { name: "Địa chỉ hình" }).fill("khong-phai-dia-chi");
  await form.getByRole("button", { name: "Gửi" }).click();
  await expect(form.getByText("Cần một địa chỉ bắt đầu bằng https://")).toBeVisible();
  await form.getByRole("textbox", { name: "Địa chỉ hình" }).fill(customer.channel.avatar_url ?? "");
  await form.getByRole("button", { name: "Gửi" }).click();
  await expect(form).toBeHidden();
  const asked = page.getByTestId("message").filter({ hasText: "Cung cấp thông tin" }).last();
  await expect(asked).toHaveAttribute("data-status", /sent|delivered|seen/);

  const other = await context.newPage();
  const phone = await Phone.open(other, loa, customer.oa, customer.user);
  await phone.message(customer.channel.name).last().getByTestId("give-info").click();
  await other.getByTestId("info-name").fill("Nguyễn Thị Ánh Tuyết");
  await other.getByTestId("info-phone").fill("84987654321");
  await other.getByTestId("info-send").click();
  const answer = page.getByTestId("submitted-info").last();
  await expect(answer).toContainText("Nguyễn Thị Ánh Tuyết");
  await expect(answer).toContainText("84987654321");
  await expect
    .poll(async () => {
      const read = await page.request.get(`${loa.url}/api/customers/${customer.conversation.customer.id}`);
      return ((await read.json()) as { phone?: string }).phone;
    })
    .toBe("84987654321");
});

test("a list goes out with its cards, and a sticker from the picker", async ({
  page,
  context,
  loa,
  signIn,
}) => {
  await signIn();
  const customer = await pickCustomer(page, loa, { skip: 42 });
  const sandbox = new Sandbox(page, loa);
  await sandbox.customerWrites(customer.oa, customer.user, "Có gì mới không shop");
  await page.goto(`${loa.url}/inbox/${customer.conversation.id}`);
  await expect(page.getByRole("textbox", { name: "Soạn tin" })).toBeEnabled({ timeout: 30_000 });
  await page.getByRole("button", { name: "Thêm vào tin" }).click();
  await page.getByRole("menuitem", { name: "Danh sách" }).click();
  const form = page.getByRole("dialog", { name: "Danh sách" });
  await form.getByRole("button", { name: "Gửi" }).click();
  await expect(form.getByText("Cần điền").first()).toBeVisible();
  await form.getByRole("textbox", { name: "Tiêu đề" }).fill("Khuyến mãi tháng này");
  await form.getByRole("textbox", { name: "Mô tả" }).fill("Giảm 20 % mọi mặt hàng");
  await form.getByRole("button", { name: /Thêm mục/ }).click();
  await form.getByRole("textbox", { name: "Tiêu đề" }).nth(1).fill("Hàng mới về");
  await form.getByRole("button", { name: "Gửi" }).click();
  await expect(form).toBeHidden();
  const sent = page.getByTestId("message").filter({ hasText: "Hàng mới về" }).last();
  await expect(sent).toHaveAttribute("data-status", /sent|delivered|seen/);

  await page.keyboard.press("Alt+KeyS");
  await page.getByRole("button", { name: "Cảm ơn" }).press("Enter");
  await expect(page.getByTestId("message").last().getByRole("img", { name: "Nhãn dán" })).toBeVisible();
  const phone = await Phone.open(await context.newPage(), loa, customer.oa, customer.user);
  await expect(phone.message("Khuyến mãi tháng này").last()).toBeVisible();
});

test("history is imported with progress, waits when the platform refuses, is paused and resumed", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn("Quản trị viên");
  const { channel } = await pickCustomer(page, loa, { skip: 43 });
  await page.goto(`${loa.url}/settings/channels`);
  const panel = page.getByRole("region", { name: channel.name, exact: true }).getByTestId("import");
  await expect(panel).toContainText("Chưa nhập tin nhắn có trước khi kết nối.");
  const faults = `${loa.sandbox}/_sandbox/api/faults`;
  const limited = await page.request.post(faults, {
    data: {
      fault: { api: { do: "html", status: 502 } },
      when: { probability: 1 },
      path: "/v2.0/oa/conversation",
    },
  });
  expect(limited.ok()).toBe(true);
  await panel.getByRole("button", { name: "Nhập lịch sử" }).click();
  await page
    .getByRole("dialog", { name: "Nhập lịch sử" })
    .getByRole("button", { name: "Bắt đầu nhập" })
    .click();
  await expect(panel.getByRole("status")).toContainText("Zalo chưa trả lời");
  await panel.getByRole("button", { name: "Tạm dừng" }).click();
  await expect(panel.getByTestId("import-state")).toHaveText("Đang tạm dừng");
  await page.reload();
  await expect(panel.getByTestId("import-state")).toHaveText("Đang tạm dừng");
  const { id } = (await limited.json()) as { id: number };
  await page.request.delete(`${faults}/${id}`);
  await panel.getByRole("button", { name: "Tiếp tục" }).click();
  await expect(panel.getByTestId("import-state")).toContainText("Nhập xong", { timeout: 60_000 });
  await expect(panel).toContainText(/(\d+)\/\1 hội thoại/);
});
