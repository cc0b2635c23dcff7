/**
 * A whole Loa for a test: the built program in demo mode, on free ports, with a data folder of its own.
 *
 * `LOA_BIN` names the program (default: the debug build of this repository).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import type { components } from "../src/api/schema.gen";

type Schemas = components["schemas"];

export interface Loa {
  /** Address of the app. */
  url: string;
  /** Address of the simulated platform. */
  sandbox: string;
}

/** Longest a start may take: the first one writes the demo's data. Milliseconds. */
const START = 60_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** Wait until the program has said both addresses. */
function ready(child: ChildProcess): Promise<Loa> {
  return new Promise((done, fail) => {
    let said = "";
    const timer = setTimeout(() => fail(new Error(`not ready after ${START} ms:\n${said}`)), START);
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      const url = /^\s*Loa:\s*(https?:\S+)/m.exec(said)?.[1];
      const sandbox = /^\s*Sandbox:\s*(https?:\S+)/m.exec(said)?.[1];
      if (!url || !sandbox) return;
      clearTimeout(timer);
      done({ url: url.replace(/\/$/, ""), sandbox: sandbox.replace(/\/$/, "") });
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.once("error", fail);
    child.once("exit", (code) => fail(new Error(`ended with ${code}:\n${said}`)));
  });
}

/** Which Loa a file's tests run in. Another name is another Loa: tests that move its clock have one of their own. */
export interface World {
  name: string;
  /** Settings, as the environment has them. */
  env?: Record<string, string>;
}

export const test = base.extend<{ signIn: (role?: string) => Promise<void> }, { world: World; loa: Loa }>({
  world: [{ name: "shared" }, { scope: "worker", option: true }],
  loa: [
    async ({ world }, use) => {
      const program = process.env.LOA_BIN ?? resolve(import.meta.dirname, "../../target/debug/loa");
      const data = await mkdtemp(join(tmpdir(), "loa-e2e-"));
      const [port, sandboxPort] = [await freePort(), await freePort()];
      const child = spawn(
        program,
        ["demo", "--data", data, "--port", String(port), "--sandbox-port", String(sandboxPort)],
        { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...world.env } },
      );
      try {
        await use(await ready(child));
      } finally {
        if (child.exitCode === null) {
          const gone = new Promise((done) => child.once("exit", done));
          child.kill("SIGTERM");
          await gone;
        }
        await rm(data, { recursive: true, force: true });
      }
    },
    { scope: "worker", timeout: START + 30_000 },
  ],
  signIn: async ({ page, loa }, use) => {
    await use(async (role = "Nhân viên") => {
      await page.goto(loa.url);
      await page
        .getByRole("button", { name: new RegExp(`^Đăng nhập với tên .*, ${role}$`) })
        .first()
        .click();
      // A debug build takes its time over a password.
      await expect(page.getByRole("listbox", { name: "Hội thoại" })).toBeVisible({ timeout: 20_000 });
    });
  },
});

export { expect };

/** A second person in a browser of their own. */
export async function colleague(page: Page, loa: Loa, role: string): Promise<Page> {
  const context = await page.context().browser()?.newContext({ locale: "vi-VN" });
  if (!context) throw new Error("no browser");
  const other = await context.newPage();
  await other.goto(loa.url);
  await other
    .getByRole("button", { name: new RegExp(`^Đăng nhập với tên .*, ${role}$`) })
    .first()
    .click();
  await expect(other.getByRole("listbox", { name: "Hội thoại" })).toBeVisible({ timeout: 20_000 });
  return other;
}

/** What a signed-in page asks of the server, as the app does. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the call answers.
export const call = (page: Page, method: string, path: string, body?: unknown): Promise<any> =>
  page.evaluate(
    async ([method, path, body]) => {
      const answer = await fetch(path as string, {
        method: method as string,
        headers: { "content-type": "application/json", "x-loa": "1" },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return answer.status === 204 ? null : answer.json();
    },
    [method, path, body] as const,
  );

/** What a browser that is signed in reads. */
async function read<T>(page: Page, loa: Loa, path: string): Promise<T> {
  return (await (await page.request.get(`${loa.url}${path}`)).json()) as T;
}

/** Which conversation a pick gave, so that another pick never gives it: the list's order moves with every message. */
const picked = new Map<string, string>();

/**
 * A customer of the demo who follows a connected account. `account` 0 is the first account, -1 the last. The same
 * `skip` is always the same customer of one Loa, another one always another.
 */
export async function pickCustomer(page: Page, loa: Loa, { account = 0, skip = 0 } = {}) {
  const channels = await read<{ items: Schemas["Channel"][] }>(page, loa, "/api/channels");
  const channel = channels.items.filter((c) => c.status === "connected").at(account);
  if (!channel) throw new Error("the demo has no connected account");
  const place = `${loa.url} ${account} ${skip}`;
  const before = picked.get(place);
  const taken = new Set(picked.values());
  const find = async () => {
    const list = await read<{ items: Schemas["Conversation"][] }>(
      page,
      loa,
      `/api/conversations?filter=all&channel=${channel.id}&limit=100`,
    );
    return list.items
      .filter((c) => !c.is_blocked && c.is_follower === true)
      .find((c) => (before ? c.id === before : !taken.has(c.id)));
  };
  // Who follows is read from the platform bit by bit after the start.
  let conversation = await find();
  await expect(async () => {
    conversation ??= await find();
    expect(conversation, "the demo has a customer who follows").toBeDefined();
  }).toPass({ timeout: 30_000 });
  if (!conversation) throw new Error("the demo has no customer who follows");
  picked.set(place, conversation.id);
  const customer = await read<Schemas["Customer"]>(page, loa, `/api/customers/${conversation.customer.id}`);
  const identity = customer.identities.find((i) => i.channel_id === channel.id);
  if (!identity) throw new Error("the customer has no identity at the account");
  return {
    channel,
    conversation,
    name: customer.display_name,
    oa: channel.external_id,
    user: identity.external_id,
  };
}

/** The platform's side: what only Zalo could change. */
export class Sandbox {
  readonly #page: Page;
  readonly #loa: Loa;

  constructor(page: Page, loa: Loa) {
    this.#page = page;
    this.#loa = loa;
  }

  async #call(method: "PATCH" | "POST", path: string, data: unknown): Promise<unknown> {
    const answer = await this.#page.request.fetch(`${this.#loa.sandbox}/_sandbox/api${path}`, {
      method,
      data,
    });
    if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
    return answer.status() === 204 ? null : await answer.json();
  }

  /** Package and paying account of an OA; Loa is told to read the numbers anew. */
  async account(
    channel: Schemas["Channel"],
    change: {
      package?: { name?: string; api_access?: boolean; used?: number; total?: number };
      zca?: { linked: boolean; balance_vnd?: number };
      edition?: string;
    },
  ): Promise<void> {
    await this.#call("PATCH", `/oas/${channel.external_id}`, change);
    const refreshed = await this.#page.request.post(`${this.#loa.url}/api/channels/${channel.id}/refresh`, {
      headers: { "x-loa": "1" },
    });
    expect(refreshed.ok()).toBe(true);
  }

  /** The administrator writes in Zalo's own tool. */
  async writeInTool(oa: string, user: string, text: string): Promise<void> {
    await this.#call("POST", `/oas/${oa}/users/${user}/tool-messages`, { text });
  }

  /** The customer writes. */
  async customerWrites(oa: string, user: string, text: string): Promise<void> {
    await this.#call("POST", `/oas/${oa}/users/${user}/messages`, { text });
  }

  /** The customer follows the account (again). */
  async customerFollows(oa: string, user: string): Promise<void> {
    await this.#call("POST", `/oas/${oa}/users/${user}/follow`, {});
  }

  /** What the platform knows: does the customer follow? */
  async isFollower(oa: string, user: string): Promise<boolean> {
    const answer = await this.#page.request.get(`${this.#loa.sandbox}/_sandbox/api/oas/${oa}/users/${user}`);
    return ((await answer.json()) as { follower: boolean }).follower;
  }

  /** The next call of this path is carried out and its answer lost. */
  async loseNextAnswer(path: string): Promise<void> {
    await this.#call("POST", "/faults", { fault: { api: { do: "process_then_close" } }, path });
  }

  /** The customer answers a request for contact data. */
  async customerShares(oa: string, user: string, info: { name: string; phone: string }): Promise<void> {
    await this.#call("POST", `/oas/${oa}/users/${user}/info`, info);
  }

  /** The customer blocks the account. */
  async customerBlocks(oa: string, user: string): Promise<void> {
    await this.#call("POST", `/oas/${oa}/users/${user}/block`, { blocked: true });
  }

  /** The next send is refused with this code. */
  async refuseNextSend(oa: string, code: number): Promise<void> {
    const fault = { api: { do: "error", code } };
    await this.#call("POST", "/faults", { fault, path: "/v3.0/oa/message/cs", oa_id: oa });
  }

  /** Let time pass, for the platform and, as a demo goes by the same clock, for Loa. Answers what it is then. */
  async pass(ms: number): Promise<number> {
    return ((await this.#call("POST", "/clock", { advance_ms: ms })) as { now: number }).now;
  }

  /** Make it that instant. */
  async setClock(at: number): Promise<void> {
    await this.#call("POST", "/clock", { set: at });
  }
}

/** The customer's simulated phone. */
export class Phone {
  readonly #phone: Locator;

  private constructor(page: Page) {
    this.#phone = page.getByTestId("phone").first();
  }

  static async open(page: Page, loa: Loa, oa: string, user: string): Promise<Phone> {
    await page.goto(`${loa.sandbox}/?oa=${oa}&user=${user}`);
    const phone = new Phone(page);
    await expect(phone.#phone).toBeVisible();
    return phone;
  }

  async write(text: string): Promise<void> {
    await this.#phone.getByTestId("phone-input").fill(text);
    await this.#phone.getByTestId("phone-send").click();
  }

  message(text: string): Locator {
    return this.#phone.getByTestId("phone-message").filter({ hasText: text });
  }
}
