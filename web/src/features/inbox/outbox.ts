/**
 * Messages on their way from this browser to the server: shown at once, gone from here as soon as the server
 * has them. They outlive a reload, so that nothing typed is lost when the network fails in the middle.
 *
 * Invariants: the id is made once and stays through every try, so the server takes the message once; an entry
 * leaves only when the server has it, refused it, or the writer discards it; what was written later in a
 * conversation never overtakes what waits.
 */
import { useSyncExternalStore } from "react";
import { sendMessage } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { StoredFile, Template } from "~/api/types";
import { live } from "~/realtime/instance";
import { forget, recallAll, remember, whenOwned } from "~/ui/remember";

export interface Pending {
  clientId: string;
  conversationId: string;
  text?: string;
  file?: StoredFile;
  sticker?: { id: string; url?: string };
  template?: Template;
  quoted?: { id: string; text: string };
  createdAt: number;
  /** The newest message that was on the screen. */
  seen?: string;
  /** Send it although the thread has moved on. */
  force?: boolean;
  /** `failed`: the server gave no answer; the same id is sent again on request. */
  state: "sending" | "failed";
  problem?: { code: string; params: Readonly<Record<string, unknown>> };
}

export type Sent = { ok: true } | { ok: false; problem: ApiProblem; kept: boolean };

let entries: readonly Pending[] = recallEntries();
const watchers = new Set<() => void>();

/** Every entry is remembered by itself: two tabs never write over each other's. */
const place = (clientId: string) => `outbox.${clientId}`;

function recallEntries(): readonly Pending[] {
  // What was under way when the page went is not known; trying again is safe, as the id stays.
  return recallAll<Pending>("outbox.")
    .map((entry) => ({ ...entry, state: "failed" as const }))
    .sort((a, b) => a.createdAt - b.createdAt);
}

whenOwned(() => {
  entries = recallEntries();
  for (const watch of watchers) watch();
});

// The server has it, whichever tab or try brought it there.
live.listen((change) => {
  if (change.kind !== "message.upserted") return;
  const { client_id: id } = change.data;
  if (id && entries.some((entry) => entry.clientId === id)) discard(id);
});

function set(next: readonly Pending[]): void {
  const before = entries;
  entries = next;
  for (const entry of next) if (!before.includes(entry)) remember(place(entry.clientId), entry);
  for (const { clientId } of before) {
    if (!next.some((entry) => entry.clientId === clientId)) forget(place(clientId));
  }
  for (const watch of watchers) watch();
}

const change = (clientId: string, to: Partial<Pending>) =>
  set(entries.map((entry) => (entry.clientId === clientId ? { ...entry, ...to } : entry)));

export function discard(clientId: string): void {
  set(entries.filter((entry) => entry.clientId !== clientId));
}

/** Show it, send it, and say what became of it. */
export function send(entry: Omit<Pending, "state">): Promise<Sent> {
  set([...entries.filter((e) => e.clientId !== entry.clientId), { ...entry, state: "sending" }]);
  return attempt(entry.clientId);
}

/** Keep what was written after a message that did not go; it is sent after it, on request. */
export function hold(waiting: readonly Omit<Pending, "state">[], problem: ApiProblem): void {
  const why = { code: problem.code, params: problem.params };
  set([...entries, ...waiting.map((entry) => ({ ...entry, state: "failed" as const, problem: why }))]);
}

/**
 * Everything of a conversation that did not go, once more: in its order, each with its own id. Ends at the first
 * that does not go, and says which one that was.
 */
export async function sendAgain(conversation: string): Promise<{ entry: Pending; sent: Sent } | null> {
  const waiting = entries.filter((e) => e.conversationId === conversation && e.state === "failed");
  for (const { clientId } of waiting) change(clientId, { state: "sending", problem: undefined });
  for (const [at, entry] of waiting.entries()) {
    let sent = await attempt(entry.clientId);
    if (sent.ok) continue;
    if (!sent.kept && (entry.template || entry.sticker)) {
      // The composer has no place for it, so it stays here until the writer discards it.
      const problem = { code: sent.problem.code, params: sent.problem.params };
      set([...entries, { ...entry, state: "failed", problem }]);
      sent = { ...sent, kept: true };
    }
    const why = { code: sent.problem.code, params: sent.problem.params };
    for (const { clientId } of waiting.slice(at + 1)) change(clientId, { state: "failed", problem: why });
    return { entry, sent };
  }
  return null;
}

async function attempt(clientId: string): Promise<Sent> {
  const entry = entries.find((e) => e.clientId === clientId);
  if (!entry) return { ok: true };
  try {
    const message = await sendMessage(entry.conversationId, {
      client_id: entry.clientId,
      text: entry.text,
      file_id: entry.file?.id,
      sticker_id: entry.sticker?.id,
      template: entry.template,
      quoted_message_id: entry.quoted?.id,
      seen_message_id: entry.seen,
      force: entry.force,
    });
    live.upsert("message.upserted", message);
    discard(clientId);
    return { ok: true };
  } catch (error) {
    const problem = ApiProblem.of(error);
    // Refused means refused: what was typed goes back to the composer. Without an answer it stays here.
    const kept = problem.status === 0 || problem.status >= 500;
    if (kept) change(clientId, { state: "failed", problem: { code: problem.code, params: problem.params } });
    else discard(clientId);
    return { ok: false, problem, kept };
  }
}

const watch = (watcher: () => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

/** Everything under way, in the order it was written. */
export function useOutbox(): readonly Pending[] {
  return useSyncExternalStore(watch, () => entries);
}

/** Forget everything; for signing out. */
export const clearOutbox = () => set([]);
