/**
 * Messages on their way from this browser to the server: shown at once, gone from here as soon as the server
 * has them. They outlive a reload, so that nothing typed is lost when the network fails in the middle.
 *
 * Invariants: the id is made once and stays through every try, so the server takes the message once; an entry
 * leaves only when the server has it, refused it, or the writer discards it.
 */
import { useSyncExternalStore } from "react";
import { sendMessage } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { StoredFile } from "~/api/types";
import { live } from "~/realtime/instance";
import { recall, remember } from "~/ui/remember";

export interface Pending {
  clientId: string;
  conversationId: string;
  text?: string;
  file?: StoredFile;
  quoted?: { id: string; text: string };
  createdAt: number;
  /** `failed`: the server gave no answer; the same id is sent again on request. */
  state: "sending" | "failed";
  problem?: { code: string; params: Readonly<Record<string, unknown>> };
}

export type Sent = { ok: true } | { ok: false; problem: ApiProblem; kept: boolean };

let entries: readonly Pending[] = recallEntries();
const watchers = new Set<() => void>();

function recallEntries(): readonly Pending[] {
  // What was under way when the page went is not known; trying again is safe, as the id stays.
  return recall<Pending[]>("outbox", []).map((entry) => ({ ...entry, state: "failed" as const }));
}

function set(next: readonly Pending[]): void {
  entries = next;
  remember("outbox", entries);
  for (const watch of watchers) watch();
}

const change = (clientId: string, to: Partial<Pending>) =>
  set(entries.map((entry) => (entry.clientId === clientId ? { ...entry, ...to } : entry)));

export const discard = (clientId: string) => set(entries.filter((entry) => entry.clientId !== clientId));

/** Show it, send it, and say what became of it. */
export function send(entry: Omit<Pending, "state">): Promise<Sent> {
  set([...entries.filter((e) => e.clientId !== entry.clientId), { ...entry, state: "sending" }]);
  return attempt(entry.clientId);
}

/** The same message with the same id once more. */
export function sendAgain(clientId: string): Promise<Sent> {
  change(clientId, { state: "sending", problem: undefined });
  return attempt(clientId);
}

async function attempt(clientId: string): Promise<Sent> {
  const entry = entries.find((e) => e.clientId === clientId);
  if (!entry) return { ok: true };
  try {
    const message = await sendMessage(entry.conversationId, {
      client_id: entry.clientId,
      text: entry.text,
      file_id: entry.file?.id,
      quoted_message_id: entry.quoted?.id,
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
