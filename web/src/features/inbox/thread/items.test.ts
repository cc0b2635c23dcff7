import { describe, expect, it } from "vitest";
import type { Message } from "~/api/types";
import type { Pending } from "../outbox";
import { threadItems } from "./items";
import { picturesOf, safeAddress } from "./pictures";

/** An instant of the business's clock. */
const at = (clock: string) => Date.parse(`2026-06-${clock}:00+07:00`);

const message = (id: string, sent: number, extra: Partial<Message> = {}): Message => ({
  id,
  conversation_id: "c",
  direction: "in",
  author: "customer",
  kind: "text",
  text: id,
  attachments: [],
  reactions: [],
  status: "received",
  sent_at: sent,
  created_at: sent,
  ...extra,
});

const ours = (id: string, sent: number, extra: Partial<Message> = {}) =>
  message(id, sent, { direction: "out", author: "member", member_id: "me", status: "sent", ...extra });

const pending = (clientId: string, createdAt: number): Pending => ({
  clientId,
  conversationId: "c",
  text: clientId,
  createdAt,
  state: "sending",
});

/** "| a( b) c" : "|" a day, "(" opens a run, ")" closes one. */
const draw = (messages: Message[], local: Pending[] = []) =>
  threadItems(messages, local)
    .map((item) => (item.type === "day" ? "|" : `${item.first ? "(" : ""}${item.key}${item.last ? ")" : ""}`))
    .join(" ");

describe("the thread", () => {
  it.each([
    ["nothing", [], [], ""],
    ["sorts", [message("b", at("12T10:01")), message("a", at("12T10:00"))], [], "| (a b)"],
    [
      "groups by author and nearness",
      [message("a", at("12T10:00")), message("b", at("12T10:04")), message("c", at("12T10:10"))],
      [],
      "| (a b) (c)",
    ],
    [
      "separates authors",
      [
        message("a", at("12T10:00")),
        ours("b", at("12T10:01")),
        ours("c", at("12T10:02"), { member_id: "x" }),
      ],
      [],
      "| (a) (b) (c)",
    ],
    [
      "separates days at the business's midnight",
      [message("a", at("12T23:59")), message("b", at("13T00:00"))],
      [],
      "| (a) | (b)",
    ],
    [
      "puts pending ones last, joined to ours",
      [ours("a", at("12T10:00"))],
      [pending("p", at("12T10:01"))],
      "| (a p)",
    ],
    [
      "drops a pending one that the server has, and keeps its place",
      [ours("a", at("12T10:00")), ours("m", at("12T10:01"), { client_id: "p" })],
      [pending("p", at("12T10:01"))],
      "| (a p)",
    ],
  ])("%s", (_name, messages, local, want) => {
    expect(draw(messages, local)).toBe(want);
  });
});

it("links only to web addresses", () => {
  expect(safeAddress("https://example.com/a.jpg")).toBe("https://example.com/a.jpg");
  expect(safeAddress("/api/files/fil_1")).toBe("/api/files/fil_1");
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "//evil.example", "", null]) {
    expect(safeAddress(bad)).toBeUndefined();
  }
});

it("shows the thread's pictures oldest first", () => {
  const picture = (url: string) => [{ kind: "image", url }];
  const shown = picturesOf([
    message("b", 2, { attachments: picture("https://x.example/b") }),
    message("a", 1, { attachments: picture("https://x.example/a") }),
    message("f", 3, { attachments: [{ kind: "file", url: "https://x.example/f" }] }),
  ]);
  expect(shown.map((p) => p.key)).toEqual(["a/0", "b/0"]);
});
