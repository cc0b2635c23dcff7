import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { keys } from "~/api/keys";
import type { Message } from "~/api/types";
import catalogue from "~/i18n/vi.json";
import { queryClient } from "~/realtime/instance";
import { clearOutbox } from "../outbox";
import { Composer } from "./composer";
import { sampleView } from "./sample-view";
import { type ComposerState, composerState } from "./state";

const CONVERSATION = "cnv_1";

const free = composerState(
  sampleView({
    composer: { state: "reply_free", enabled: true },
    class: "reply",
    reply: { remain: 7, total: 8, until: 1_781_000_000_000 },
  }),
);

interface Call {
  method: string;
  path: string;
  body: Record<string, unknown> | null;
}

/** A server of a few lines: what it was asked, and what it answers to a send. */
function server(answerSend: (body: Record<string, unknown>) => Response, draft = "") {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname;
    const text = await request.text();
    const body = text ? (JSON.parse(text) as Record<string, unknown>) : null;
    calls.push({ method: request.method, path, body });
    if (path.endsWith("/messages") && body) return answerSend(body);
    if (path.endsWith("/draft")) {
      return request.method === "DELETE"
        ? new Response(null, { status: 204 })
        : Response.json({ text: draft, attachments: [] });
    }
    return Response.json({ code: "not_found", params: {} }, { status: 404 });
  });
  return { calls, sends: () => calls.filter((c) => c.path.endsWith("/messages")) };
}

const accepted = (body: Record<string, unknown>) =>
  Response.json(
    {
      id: "msg_1",
      conversation_id: CONVERSATION,
      direction: "out",
      author: "member",
      kind: "text",
      text: body.text as string,
      attachments: [],
      reactions: [],
      client_id: body.client_id as string,
      status: "queued",
      sent_at: 1,
      created_at: 1,
    } satisfies Message,
    { status: 201 },
  );

function open(state: ComposerState = free, quoted: Message | null = null) {
  const on = {
    quote: vi.fn(),
    popup: vi.fn(),
    refused: vi.fn(),
    recheck: { busy: false, found: null, run: vi.fn() },
    report: { busy: false, told: null, problem: null, run: vi.fn() },
    take: vi.fn(),
  };
  render(
    <MantineProvider>
      <QueryClientProvider client={queryClient}>
        <Composer
          conversation={CONVERSATION}
          state={state}
          quoted={quoted}
          narrow={false}
          report={on.report}
          onTake={on.take}
          onQuote={on.quote}
          onPopup={on.popup}
          onRefused={on.refused}
          recheck={on.recheck}
          seen={() => undefined}
          moved={() => null}
        />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { ...on, field: screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Soạn tin" }) };
}

beforeAll(async () => {
  await i18next.use(initReactI18next).init({
    lng: "vi",
    resources: { vi: { translation: catalogue } },
    interpolation: { escapeValue: false },
  });
});

beforeEach(() => {
  localStorage.clear();
  queryClient.clear();
  clearOutbox();
});

afterEach(() => vi.unstubAllGlobals());

describe("the composer", () => {
  it("sends on Enter, empties itself, and keeps one id", async () => {
    const { sends } = server(accepted);
    const { field } = open();
    await userEvent.type(field, "Chào chị{Enter}");
    await waitFor(() => expect(sends()).toHaveLength(1));
    expect(sends()[0]?.body).toMatchObject({ text: "Chào chị" });
    expect(sends()[0]?.body?.client_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(field).toHaveValue("");
  });

  it("starts a new line on Shift+Enter", async () => {
    const { sends } = server(accepted);
    const { field } = open();
    await userEvent.type(field, "một{Shift>}{Enter}{/Shift}hai");
    expect(field).toHaveValue("một\nhai");
    expect(sends()).toHaveLength(0);
  });

  it("never sends while Telex or VNI puts a letter together", async () => {
    const { sends } = server(accepted);
    const { field } = open();
    await userEvent.type(field, "Tiếng Việ");
    fireEvent.keyDown(field, { key: "Enter", isComposing: true });
    fireEvent.keyDown(field, { key: "Process", keyCode: 229 });
    fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
    expect(sends()).toHaveLength(0);
    expect(field).toHaveValue("Tiếng Việ");
    fireEvent.keyDown(field, { key: "Enter", keyCode: 13 });
    await waitFor(() => expect(sends()).toHaveLength(1));
  });

  it("sends nothing that is blank", async () => {
    const { sends } = server(accepted);
    const { field } = open();
    await userEvent.type(field, "   {Enter}");
    expect(sends()).toHaveLength(0);
  });

  it("puts a refused text back and says why", async () => {
    server(() =>
      Response.json({ code: "text_too_long", params: { length: 2500, max: 2000 } }, { status: 422 }),
    );
    const { field, refused, popup } = open();
    await userEvent.type(field, "rất dài{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("Tin dài 2.500 ký tự; Zalo nhận tối đa 2.000");
    expect(field).toHaveValue("rất dài");
    expect(refused).toHaveBeenCalledOnce();
    expect(popup).not.toHaveBeenCalled();
  });

  it.each([
    ["popup_not_linked", "not_linked"],
    ["popup_no_money", "no_money"],
  ])("opens the pop-up for %s and keeps the text", async (composer, kind) => {
    server(() => Response.json({ code: "send_not_allowed", params: { composer } }, { status: 409 }));
    const { field, popup } = open();
    await userEvent.type(field, "xin chào{Enter}");
    await waitFor(() => expect(popup).toHaveBeenCalledWith(kind));
    expect(field).toHaveValue("xin chào");
  });

  it("keeps an unanswered text in the outbox, to be sent again with the same id", async () => {
    server(() => {
      throw new TypeError("network");
    });
    const { field } = open();
    await userEvent.type(field, "đang mất mạng{Enter}");
    await waitFor(() => {
      const place = Object.keys(localStorage).find((key) => key.startsWith("loa.outbox.")) ?? "";
      expect(JSON.parse(localStorage.getItem(place) ?? "{}")).toMatchObject({
        text: "đang mất mạng",
        state: "failed",
        problem: { code: "network" },
      });
    });
    expect(field).toHaveValue("");
  });

  it("restores the stored draft but never over what is typed", async () => {
    server(accepted, "nháp cũ");
    const { field } = open();
    await waitFor(() => expect(field).toHaveValue("nháp cũ"));
    await userEvent.type(field, " thêm");
    queryClient.setQueryData(keys.draft(CONVERSATION), { text: "từ máy khác", attachments: [] });
    expect(field).toHaveValue("nháp cũ thêm");
  });

  it("saves the draft to the server after a pause", async () => {
    const { calls } = server(accepted);
    const { field } = open();
    await userEvent.type(field, "nháp");
    await waitFor(
      () => expect(calls.find((c) => c.method === "PUT")?.body).toEqual({ text: "nháp", attachments: [] }),
      { timeout: 3_000 },
    );
  });

  it("shows class and what is left before sending, without a notice", () => {
    server(accepted);
    open();
    expect(screen.getByTestId("message-class")).toHaveTextContent(/^Tin phản hồi miễn phí · còn 7\/8 · đến /);
    expect(screen.getByRole("status")).toBeEmptyDOMElement();
  });

  it("shows the notice with its counter", () => {
    server(accepted);
    open({
      ...free,
      kind: "next_is_consultation",
      class: "package",
      counter: { used: 37, total: 1000, asOf: Date.now(), stale: false },
    });
    const notice = screen.getByRole("status");
    expect(notice).toHaveTextContent("Tin tiếp theo được gửi là tin tư vấn trong tháng");
    expect(notice).toHaveTextContent(/37\/1000/);
    expect(notice).toHaveTextContent(/cập nhật lúc \d\d:\d\d/);
  });

  it("is disabled with a reason when nothing may go, and keeps the draft", async () => {
    server(accepted, "giữ lại");
    const locked = sampleView({ composer: { state: "locked_no_money", enabled: false } });
    const { field, recheck, report } = open(composerState(locked));
    expect(field).toBeDisabled();
    await waitFor(() => expect(field).toHaveValue("giữ lại"));
    const notice = screen.getByRole("status");
    expect(notice).toHaveTextContent("Nạp thêm tiền Tại đây");
    const link = screen.getByRole("link", { name: "Tại đây" });
    expect([link.getAttribute("target"), link.getAttribute("href")]).toEqual([
      "_blank",
      "https://money.example/",
    ]);
    await userEvent.click(screen.getByRole("button", { name: "Kiểm tra lại" }));
    expect(recheck.run).toHaveBeenCalledOnce();
    await userEvent.click(screen.getByRole("button", { name: "Báo quản lý" }));
    expect(report.run).toHaveBeenCalledOnce();
  });

  it("opens the reasons by the link, the last one marked as decisive", async () => {
    server(accepted);
    open(
      composerState(
        sampleView({
          composer: { state: "next_is_consultation", enabled: true },
          class: "package",
          package: { used: 37, total: 1000, reserved: 1, as_of: 0, until: 1_781_000_000_000 },
          reasons: { reply_counter_empty: { total: 8 }, package_left: { used: 37, total: 1000, as_of: 0 } },
          changes_at: 1_781_000_000_000,
        }),
      ),
    );
    expect(screen.getByTestId("message-class")).toHaveTextContent(/còn 962 tin trong gói · đến /);
    await userEvent.click(screen.getByRole("button", { name: "Vì sao?" }));
    const why = await screen.findByTestId("why");
    expect(why).toHaveTextContent("Tin tư vấn trong gói");
    expect(why).toHaveTextContent("962/1.000");
    const items = [...why.querySelectorAll("li")];
    expect(items.map((item) => item.hasAttribute("data-decisive"))).toEqual([false, true]);
    expect(items[0]).toHaveTextContent("Đã dùng hết 8 tin phản hồi miễn phí.");
    expect(why).toHaveTextContent("Điều này đổi lúc");
  });

  it("says when a short text would use one of the last replies, and lets it go all the same", async () => {
    const { sends } = server(accepted);
    const { field } = open({ ...free, reply: { remain: 1, total: 8, until: 1_781_000_000_000 } });
    expect(screen.queryByTestId("thrift")).toBeNull();
    await userEvent.type(field, "Dạ");
    expect(screen.getByTestId("thrift")).toHaveTextContent("Chỉ còn 1 tin phản hồi miễn phí.");
    expect(screen.getByTestId("thrift").parentElement).toHaveAttribute("aria-live", "polite");
    await userEvent.click(screen.getByRole("button", { name: "Viết tiếp trong tin này" }));
    expect(field).toHaveFocus();
    expect(field).toHaveValue("Dạ\n");
    await userEvent.clear(field);
    await userEvent.type(field, "Dạ{Enter}");
    await waitFor(() => expect(sends()).toHaveLength(1));
  });

  it("asks which draft stays when another window wrote one, and saves none until it is said", async () => {
    const { calls } = server(accepted, "nháp cũ");
    const { field } = open();
    await waitFor(() => expect(field).toHaveValue("nháp cũ"));
    await userEvent.type(field, " ở đây");
    queryClient.setQueryData(keys.draft(CONVERSATION), { text: "nháp cũ ở kia", attachments: [] });
    const strip = await screen.findByRole("region", { name: "Bản nháp ở nơi khác" });
    expect(strip).toHaveTextContent("nháp cũ ở kia");
    expect(calls.filter((c) => c.method === "PUT")).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Ghép cả hai" }));
    expect(field).toHaveValue("nháp cũ ở kia\nnháp cũ ở đây");
    await waitFor(
      () =>
        expect(calls.find((c) => c.method === "PUT")?.body).toMatchObject({
          text: "nháp cũ ở kia\nnháp cũ ở đây",
        }),
      { timeout: 3_000 },
    );
  });

  it("keeps a refused file with its reason beside the others", async () => {
    const answers = [
      Response.json({ code: "unsupported_file", params: { allowed: ["jpg", "png"] } }, { status: 422 }),
      Response.json(
        { id: "fil_1", name: "mẫu.png", media_type: "image/png", size: 9, url: "/api/files/fil_1" },
        { status: 201 },
      ),
    ];
    server(accepted);
    const draftServer = globalThis.fetch;
    vi.stubGlobal("fetch", async (request: Request) =>
      new URL(request.url).pathname === "/api/files"
        ? (answers.shift() ?? Response.error())
        : draftServer(request),
    );
    const { field } = open();
    const files = [
      new File(["MZ"], "phim.exe", { type: "application/x-msdownload" }),
      new File(["png"], "mẫu.png", { type: "image/png" }),
    ];
    fireEvent.paste(field, { clipboardData: { files } });
    expect(await screen.findByRole("alert")).toHaveTextContent(
      "Zalo không nhận loại tệp này. Dùng: jpg, png.",
    );
    expect(await screen.findByRole("button", { name: "Bỏ tệp mẫu.png" })).toBeInTheDocument();
    await waitFor(() => expect(screen.getByRole("button", { name: "Gửi" })).toBeEnabled());
    await userEvent.click(screen.getByRole("button", { name: "Bỏ tệp phim.exe" }));
    expect(screen.queryByRole("alert")).toBeNull();
  });
});
