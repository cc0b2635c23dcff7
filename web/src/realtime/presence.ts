/** Who is in which conversation now: what the server tells, and what this page says of itself. */
import { useCallback, useSyncExternalStore } from "react";
import type { Said, ThreadPresence, Viewer } from "~/api/types";

const NOBODY: readonly Viewer[] = [];

/** What the server told. Nothing of it outlives the connection. */
export class Present {
  #threads = new Map<string, readonly Viewer[]>();
  #watchers = new Set<() => void>();

  tell(threads: readonly ThreadPresence[]): void {
    for (const { conversation_id, viewers } of threads) {
      if (viewers.length > 0) this.#threads.set(conversation_id, viewers);
      else this.#threads.delete(conversation_id);
    }
    for (const watch of this.#watchers) watch();
  }

  /** The line was lost, or a new one begins: what stands is told anew. */
  clear(): void {
    if (this.#threads.size === 0) return;
    this.#threads.clear();
    for (const watch of this.#watchers) watch();
  }

  readonly of = (conversation: string): readonly Viewer[] => this.#threads.get(conversation) ?? NOBODY;

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };
}

/** Everybody who is in a conversation, this member included. */
export function useViewers(present: Present, conversation: string): readonly Viewer[] {
  return useSyncExternalStore(
    present.watch,
    useCallback(() => present.of(conversation), [present, conversation]),
  );
}

/** How often it is said again what is looked at; the server forgets after three times that. Milliseconds. */
export const RENEW = 15_000;
/** How often it is said again that somebody types; the server forgets after twice that. Milliseconds. */
export const TYPING = 3_000;

export interface ReporterParts {
  say(said: Said): void;
  later(ms: number, run: () => void): () => void;
  now(): number;
}

/** Says what this page looks at: at once when it changes, else just often enough to be believed. */
export class Reporter {
  #parts: ReporterParts;
  #conversation: string | null = null;
  #typedAt: number | null = null;
  #saidTypingAt = Number.NEGATIVE_INFINITY;
  #hidden = false;
  #cancel: (() => void) | null = null;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /** This conversation is open; null: none. */
  open(conversation: string | null): void {
    if (this.#conversation === conversation) return;
    const before = this.#conversation;
    this.#conversation = conversation;
    this.#typedAt = null;
    if (conversation === null && before === null) return;
    this.#tell();
  }

  /** The page is looked at, or not. */
  look(visible: boolean): void {
    if (this.#hidden === !visible) return;
    this.#hidden = !visible;
    if (this.#conversation !== null) this.#tell();
  }

  /** Something was typed; `some`: there is a text now. */
  typed(some: boolean): void {
    if (this.#conversation === null || this.#hidden) return;
    const now = this.#parts.now();
    const was = this.#typedAt !== null;
    this.#typedAt = some ? now : null;
    if (some && now - this.#saidTypingAt >= TYPING) this.#tell();
    else if (!some && was) this.#tell();
  }

  /** A new connection knows nothing yet. */
  connected(): void {
    this.#saidTypingAt = Number.NEGATIVE_INFINITY;
    if (this.#conversation !== null && !this.#hidden) this.#tell();
  }

  #tell(): void {
    this.#cancel?.();
    this.#cancel = null;
    const conversation = this.#conversation;
    if (conversation === null || this.#hidden) {
      this.#parts.say({ type: "away" });
      return;
    }
    const now = this.#parts.now();
    const typing = this.#typedAt !== null && now - this.#typedAt < TYPING;
    if (typing) this.#saidTypingAt = now;
    this.#parts.say({ type: "viewing", conversation_id: conversation, typing });
    this.#cancel = this.#parts.later(RENEW, () => this.#tell());
  }
}
