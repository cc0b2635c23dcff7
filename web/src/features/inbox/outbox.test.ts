import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "~/api/problem";
import type { Message } from "~/api/types";
import { live } from "~/realtime/instance";
import { clearOutbox, hold, type Pending, send, sendAgain } from "./outbox";

const entry = (clientId: string, createdAt = 1): Omit<Pending, "state"> => ({
  clientId,
  conversationId: "cnv",
  text: clientId,
  createdAt,
});

const kept = () =>
  Object.keys(localStorage)
    .filter((key) => key.startsWith("loa.outbox."))
    .map((key) => JSON.parse(localStorage.getItem(key) ?? "") as Pending)
    .sort((a, b) => (a.clientId < b.clientId ? -1 : 1))
    .map((e) => `${e.clientId} ${e.state}`);

/** Answers by client id; what is not named is taken. Gives the ids in the order they came. */
function server(answers: Record<string, () => Response> = {}) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { client_id: id } = (await request.json()) as { client_id: string };
    asked.push(id);
    return answers[id]?.() ?? Response.json(stored(id), { status: 201 });
  });
  return asked;
}

const stored = (client_id: string): Message => ({
  id: `msg_${client_id}`,
  conversation_id: "cnv",
  direction: "out",
  author: "member",
  kind: "text",
  text: client_id,
  attachments: [],
  reactions: [],
  client_id,
  status: "queued",
  sent_at: 1,
  created_at: 1,
});

const lost = () => {
  throw new TypeError("network");
};

beforeEach(() => {
  localStorage.clear();
  clearOutbox();
});
afterEach(() => vi.unstubAllGlobals());

describe("the outbox", () => {
  it("keeps what had no answer, and sends the same id again", async () => {
    const asked = server({ a: lost });
    expect(await send(entry("a"))).toMatchObject({ ok: false, kept: true });
    expect(kept()).toEqual(["a failed"]);
    const again = server();
    expect(await sendAgain("cnv")).toBeNull();
    expect([...asked, ...again]).toEqual(["a", "a"]);
    expect(kept()).toEqual([]);
  });

  it("never lets a later message overtake one that waits", async () => {
    server({ a: lost });
    await send(entry("a"));
    hold([entry("b", 2), entry("c", 3)], new ApiProblem("network"));
    expect(kept()).toEqual(["a failed", "b failed", "c failed"]);
    const asked = server({ b: lost });
    expect(await sendAgain("cnv")).toMatchObject({ entry: { clientId: "b" }, sent: { kept: true } });
    expect(asked).toEqual(["a", "b"]);
    expect(kept()).toEqual(["b failed", "c failed"]);
  });

  it("gives back what is refused, and keeps what follows", async () => {
    server({ a: lost });
    await send(entry("a"));
    hold([entry("b", 2)], new ApiProblem("network"));
    server({ a: () => Response.json({ code: "text_too_long", params: {} }, { status: 422 }) });
    expect(await sendAgain("cnv")).toMatchObject({ entry: { clientId: "a" }, sent: { kept: false } });
    expect(kept()).toEqual(["b failed"]);
  });

  it("lets go of a message that the server turns out to have", async () => {
    server({ a: lost });
    await send(entry("a"));
    live.upsert("message.upserted", stored("a"));
    expect(kept()).toEqual([]);
  });

  it("does not touch other conversations", async () => {
    server({ a: lost });
    await send(entry("a"));
    const asked = server();
    expect(await sendAgain("another")).toBeNull();
    expect(asked).toEqual([]);
  });
});
