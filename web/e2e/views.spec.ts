import type { Page } from "@playwright/test";
import { colleague, expect, test } from "./loa";

const rows = (page: Page) => page.getByRole("option");
const views = (page: Page) => page.getByRole("region", { name: "Chế độ xem" });

test("a view is saved from the filters, counted, shared, put in order by keys, and says what died", async ({
  page,
  loa,
  signIn,
}) => {
  await signIn("Quản lý");
  await page.keyboard.press("3");
  await page.keyboard.press("Shift+S");
  const dialog = page.getByRole("dialog", { name: "Lưu chế độ xem" });
  await dialog.getByRole("textbox", { name: "Tên", exact: true }).fill("Chưa ai nhận, chờ lâu");
  await dialog.getByRole("checkbox", { name: "Tạm ẩn" }).uncheck();
  await dialog.getByLabel("Chia sẻ với mọi người").check();
  await dialog.getByRole("button", { name: "Lưu" }).click();
  await expect(page).toHaveURL(/view=viw_/);
  const view = views(page).getByRole("button", { name: /^Chưa ai nhận, chờ lâu/ });
  await expect(view).toHaveAttribute("aria-current", "true");

  // The counter says what the list shows.
  const listed = await page.evaluate(async () => {
    const id = new URL(location.href).searchParams.get("view");
    const answer = await (await fetch(`/api/conversations?view=${id}&limit=100`)).json();
    return answer.items.length as number;
  });
  expect(listed).toBeGreaterThan(0);
  await expect(view).toContainText(String(listed));

  // A colleague has it at once; what they take is gone from the list and from the counter.
  const other = await colleague(page, loa, "Nhân viên");
  const theirs = views(other).getByRole("button", { name: /^Chưa ai nhận, chờ lâu/ });
  await theirs.click();
  await rows(other).first().click();
  await other.keyboard.press("a");
  await expect(view).toContainText(String(listed - 1));
  await expect(theirs).toContainText(String(listed - 1));
  // They may not change it.
  await other.getByRole("button", { name: "Thao tác với “Chưa ai nhận, chờ lâu”" }).click();
  await expect(other.getByRole("menuitem", { name: "Bỏ ghim" })).toBeVisible();
  await expect(other.getByRole("menuitem", { name: "Sửa…" })).toHaveCount(0);
  await other.context().close();

  // A second one, and the order by keys; it outlives the page.
  await page.keyboard.press("2");
  await page.keyboard.press("Shift+S");
  await page.getByRole("dialog").getByRole("textbox", { name: "Tên", exact: true }).fill("Của riêng tôi");
  await page.getByRole("dialog").getByRole("button", { name: "Lưu" }).click();
  const mine = views(page).getByRole("button", { name: /^Của riêng tôi/ });
  await mine.focus();
  await page.keyboard.press("Alt+Shift+ArrowUp");
  const names = () => views(page).locator("[data-view]").allInnerTexts();
  await expect.poll(async () => (await names())[0]).toContain("Của riêng tôi");
  await page.reload();
  await expect.poll(async () => (await names())[0]).toContain("Của riêng tôi");
  await page.keyboard.press("Shift+2");
  await expect(view).toHaveAttribute("aria-current", "true");
  // By the palette.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("cua rieng toi");
  await page.keyboard.press("Enter");
  await expect(mine).toHaveAttribute("aria-current", "true");

  // Of a member who is switched off: it opens, says so, and shows no more than before.
  const members = await (await page.request.get(`${loa.url}/api/members`)).json();
  const agent = members.items.find((m: { role: string }) => m.role === "agent");
  await page.evaluate(async (member) => {
    await fetch("/api/views", {
      method: "POST",
      headers: { "content-type": "application/json", "x-loa": "1" },
      body: JSON.stringify({
        id: `viw_${crypto.randomUUID().replaceAll("-", "")}`,
        name: "Của nhân viên cũ",
        criteria: { statuses: ["open"], assignee: { is: "member", member_id: member } },
      }),
    });
  }, agent.id);
  const admin = await colleague(page, loa, "Quản trị viên");
  const switchTo = (status: string) =>
    admin.evaluate(
      async ([member, to]) => {
        await fetch(`/api/members/${member}`, {
          method: "PATCH",
          headers: { "content-type": "application/json", "x-loa": "1" },
          body: JSON.stringify({ status: to }),
        });
      },
      [agent.id, status] as const,
    );
  await switchTo("disabled");
  await page.reload();
  await views(page)
    .getByRole("button", { name: /^Của nhân viên cũ/ })
    .click();
  await expect(page.getByText(`Thành viên “${agent.display_name}” đã bị vô hiệu hóa.`)).toBeVisible();
  await switchTo("active");
  await admin.context().close();
});

test("many are selected by keys, given away, and put back", async ({ page, loa, signIn }) => {
  await signIn("Quản lý");
  await page.keyboard.press("3");
  await rows(page).first().click();
  await page.keyboard.press("x");
  await page.getByRole("listbox", { name: "Hội thoại" }).focus();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  const bar = page.getByRole("region", { name: "Việc với các hội thoại đã chọn" });
  await expect(bar).toContainText("Đã chọn 3 hội thoại");
  await page.keyboard.press("Control+a");
  await bar.getByRole("button", { name: "Chọn tất cả khớp" }).click();
  const count = await page.evaluate(
    async () => (await (await fetch("/api/conversations/counts")).json()).unassigned as number,
  );
  await expect(bar).toContainText(`Đã chọn ${count} hội thoại`);

  await page.keyboard.press("Shift+X");
  await page.getByRole("menuitem", { name: "Tôi", exact: true }).click();
  const job = page.getByRole("region", { name: "Việc hàng loạt" });
  await expect(job).toContainText(`xong ${count} hội thoại`);
  await expect(rows(page)).toHaveCount(0);
  await expect(page.getByText("Mọi hội thoại đều có người phụ trách")).toBeVisible();

  // One of them is somebody else's business meanwhile.
  await page.evaluate(async () => {
    const jobs = await (await fetch("/api/bulk-jobs")).json();
    const { items } = await (await fetch(`/api/bulk-jobs/${jobs.items[0].id}/items?limit=1`)).json();
    await fetch(`/api/conversations/${items[0].conversation_id}`, {
      method: "PATCH",
      headers: { "content-type": "application/json", "x-loa": "1" },
      body: JSON.stringify({ assignee_id: null }),
    });
  });
  await page.keyboard.press("Shift+Z");
  await expect(job).toContainText(`Đã hoàn tác ${count - 1} hội thoại`);
  await expect(job).toContainText("1 giữ nguyên vì đã có người thay đổi");
  await expect(rows(page).first()).toBeVisible();
  await job.getByRole("button", { name: "Ẩn thông báo này" }).click();
  await expect(job).toHaveCount(0);
  await expect(page).toHaveURL(new RegExp(loa.url));
});

test("colleagues see who looks and who types", async ({ page, loa, signIn }) => {
  await signIn();
  const list = await (await page.request.get(`${loa.url}/api/conversations?sort=closing&limit=1`)).json();
  const conversation: { id: string } = list.items[0];
  await page.goto(`${loa.url}/inbox/${conversation.id}`);
  // A whole page is loaded anew.
  await expect(page.getByRole("textbox", { name: "Soạn tin" })).toBeEnabled({ timeout: 20_000 });
  const other = await colleague(page, loa, "Quản lý");
  const me = await (await page.request.get(`${loa.url}/api/session`)).json();
  await other.goto(`${loa.url}/inbox/${conversation.id}`);
  const name: string = me.member.display_name;
  const header = other.getByRole("region", { name: /^Hội thoại với/ });
  await expect(header.getByRole("img", { name: `Đang xem: ${name}` })).toBeVisible({ timeout: 20_000 });
  await page.getByRole("textbox", { name: "Soạn tin" }).pressSequentially("Dạ em xem lại");
  await expect(other.getByText(`${name} đang nhập…`)).toBeVisible();
  await page.getByRole("textbox", { name: "Soạn tin" }).fill("");
  await expect(other.getByText(`${name} đang nhập…`)).toHaveCount(0);
  await page.goto(`${loa.url}/settings/profile`);
  await expect(header.getByRole("img", { name: `Đang xem: ${name}` })).toHaveCount(0);
  await other.context().close();
});
