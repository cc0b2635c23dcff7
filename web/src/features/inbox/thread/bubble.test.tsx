import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Message } from "~/api/types";
import catalogue from "~/i18n/vi.json";
import { MessageBubble } from "./bubble";

beforeAll(async () => {
  await i18next.use(initReactI18next).init({
    lng: "vi",
    resources: { vi: { translation: catalogue } },
    interpolation: { escapeValue: false },
  });
});

const base: Message = {
  id: "msg_1",
  conversation_id: "cnv_1",
  direction: "out",
  author: "member",
  member_id: "mem_1",
  kind: "text",
  text: "Dạ còn ạ",
  attachments: [],
  reactions: [],
  platform_id: "p1",
  status: "sent",
  sent_at: Date.parse("2026-06-12T14:20:00+07:00"),
  created_at: 0,
};

function show(extra: Partial<Message>) {
  const actions = {
    onQuote: vi.fn(),
    onRetry: vi.fn(),
    onCancel: vi.fn(),
    onView: vi.fn(),
    onJump: vi.fn(),
    onExplain: vi.fn(),
    onMenu: vi.fn(),
  };
  render(
    <MantineProvider>
      <MessageBubble
        message={{ ...base, ...extra }}
        customer={{ display_name: "Nguyễn Thị Hồng Đào" }}
        writer="Lan Anh"
        first
        last
        actions={actions}
      />
    </MantineProvider>,
  );
  return actions;
}

describe("a message", () => {
  it.each([
    ["queued", "Đang chờ gửi"],
    ["sending", "Đang gửi"],
    ["sent", "Đã gửi"],
    ["delivered", "Đã nhận"],
    ["seen", "Đã xem"],
    ["failed", "Không gửi được"],
    ["unknown", "Đang xác minh"],
  ] as const)("of ours shows that it is %s", (status, word) => {
    show({ status });
    expect(screen.getByRole("img", { name: word })).toBeInTheDocument();
  });

  it("of the customer has no ticks", () => {
    show({ direction: "in", author: "customer", status: "received" });
    expect(screen.queryByRole("img")).toBeNull();
    expect(screen.getByRole("article", { name: "Nguyễn Thị Hồng Đào, 14:20" })).toBeInTheDocument();
  });

  it("written in Zalo's own tool says so", () => {
    show({ author: "platform", member_id: undefined });
    expect(screen.getByText("gửi từ OA Manager")).toBeInTheDocument();
  });

  it("that failed says why and can be sent again or discarded", async () => {
    const actions = show({
      status: "failed",
      error: {
        code: -217,
        text: "blocked",
        problem: {
          code: "platform_refused",
          params: { platform_code: -217, platform_message: "blocked", reason: "blocked" },
        },
      },
    });
    expect(screen.getByText(/Khách đã chặn hoặc hạn chế OA\./)).toHaveTextContent("(mã -217)");
    await userEvent.click(screen.getByRole("button", { name: "Gửi lại" }));
    await userEvent.click(screen.getByRole("button", { name: "Bỏ tin này" }));
    expect(actions.onRetry).toHaveBeenCalledOnce();
    expect(actions.onCancel).toHaveBeenCalledOnce();
  });

  it("turns web addresses into links and nothing else", () => {
    show({ text: "Xem https://example.com/a?b=1. và javascript:alert(1)" });
    const links = screen.getAllByRole("link");
    expect(links.map((link) => link.getAttribute("href"))).toEqual(["https://example.com/a?b=1"]);
    expect(links[0]).toHaveAttribute("rel", "noopener noreferrer");
  });

  it("never links to what is no web address", () => {
    show({
      kind: "file",
      text: undefined,
      attachments: [{ kind: "file", name: "x", url: "javascript:alert(1)" }],
    });
    expect(screen.queryByRole("link")).toBeNull();
    expect(screen.getByText("Không xem được nữa")).toBeInTheDocument();
  });

  it("shows every kind of attachment", () => {
    show({
      text: undefined,
      attachments: [
        { kind: "image", file_id: "fil_1" },
        { kind: "file", name: "bang-gia.pdf", size: 1536, url: "https://x.example/f" },
        { kind: "location", latitude: 21.02851, longitude: 105.80482 },
        { kind: "business_card", name: "Bình", phone: "0901 234 567" },
        { kind: "link", name: "Áo dài", url: "https://x.example/l" },
        { kind: "audio", url: "https://x.example/a" },
      ],
    });
    expect(within(screen.getByRole("button", { name: "Xem hình lớn" })).getByRole("img")).toHaveAttribute(
      "src",
      "/api/files/fil_1",
    );
    expect(screen.getByRole("link", { name: "Tải tệp bang-gia.pdf" })).toHaveTextContent("1,5 KB");
    expect(screen.getByText("Vị trí: 21.02851, 105.80482")).toBeInTheDocument();
    expect(screen.getByText("0901 234 567")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Mở liên kết" })).toHaveAttribute("href", "https://x.example/l");
    expect(screen.getByLabelText("Tin thoại")).toHaveAttribute("src", "https://x.example/a");
  });

  it("shows reactions as they look on the phone", () => {
    show({ reactions: [{ icon: "/-heart", by: "customer", count: 2 }] });
    expect(screen.getByRole("img", { name: "Khách thả ❤️" })).toHaveTextContent("❤️2");
  });

  it("says system lines in the reader's language", () => {
    show({ author: "system", direction: "in", kind: "event", text: "follow", status: "received" });
    expect(screen.getByText("Khách quan tâm OA")).toBeInTheDocument();
  });

  it("has words for system lines of a newer server", () => {
    show({ author: "system", direction: "in", kind: "event", text: "user_danced", status: "received" });
    expect(screen.getByText("Khách tương tác với OA")).toBeInTheDocument();
  });
});
