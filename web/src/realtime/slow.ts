/**
 * What the server has to compute anew after any change, but not after each: counters of views and lists that only the
 * server can order. However many events arrive, it is asked once in a while, each browser at its own moment, and never
 * for a page that nobody looks at.
 */
export interface SlowParts {
  /** Ask now. */
  run(): void;
  later(ms: number, run: () => void): () => void;
  /** Gives [0, 1). */
  random(): number;
  visible(): boolean;
}

/** The shortest time between two questions, and how much more it may be. Milliseconds. */
export const AT_LEAST = 2_000;
export const SPREAD = 2_000;

export class Slow {
  #parts: SlowParts;
  #cancel: (() => void) | null = null;
  #due = false;

  constructor(parts: SlowParts) {
    this.#parts = parts;
  }

  /** Something changed. */
  note(): void {
    this.#due = true;
    if (this.#cancel || !this.#parts.visible()) return;
    this.#cancel = this.#parts.later(AT_LEAST + SPREAD * this.#parts.random(), () => {
      this.#cancel = null;
      this.#ask();
    });
  }

  /** The page is looked at again. */
  seen(): void {
    if (this.#due && !this.#cancel) this.#ask();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#due = false;
  }

  #ask(): void {
    if (!this.#parts.visible()) return;
    this.#due = false;
    this.#parts.run();
  }
}
