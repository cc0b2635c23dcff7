/**
 * The live connection. It opens the socket, resumes after the last sequence number seen, and comes back by
 * itself; what the events mean is no business of this file.
 *
 * Invariants: an event is given on at most once (by its sequence number); after `stop` nothing is given on.
 */
import type { ThreadPresence } from "~/api/types";
import { backoff } from "./backoff";
import { type Frame, readFrames } from "./events";

/** What the socket needs of a WebSocket; the tests bring their own. */
export interface Wire {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface SocketParts {
  open(since: number | null): Wire;
  random(): number;
  later(ms: number, run: () => void): () => void;
  onEvent(frame: Extract<Frame, { type: "event" }>): void;
  /** A new run of events starts here: everything read before must be read again. */
  onFresh(): void;
  onState(state: SocketState): void;
  /** Somebody came into a conversation or left it. */
  onPresence(threads: ThreadPresence[]): void;
  /** A connection stands: it has been told nothing yet, and has said nothing yet. */
  onConnected(): void;
  /** The server says that the session has ended; there is nothing to come back to. */
  onSignedOut(): void;
}

/** The server's word for "the session has ended". */
const SIGNED_OUT = 4401;

export type SocketState = "connecting" | "live" | "lost";

export class Socket {
  #parts: SocketParts;
  #wire: Wire | null = null;
  #seen: number | null = null;
  #attempt = 0;
  #cancel: (() => void) | null = null;
  #stopped = false;
  #standing = false;

  constructor(parts: SocketParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopped = false;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#drop();
  }

  /** Say something to the server. Without a connection it is not said, nor later. */
  say(text: string): void {
    if (this.#standing) this.#wire?.send(text);
  }

  /** Try at once, for example because the network is back. */
  retryNow(): void {
    if (this.#stopped || this.#wire) return;
    this.#cancel?.();
    this.#attempt = 0;
    this.#connect();
  }

  /** The network went away; the browser may take minutes to notice. */
  lose(): void {
    if (this.#stopped || !this.#wire) return;
    this.#drop();
    this.#wait();
  }

  #connect(): void {
    this.#cancel = null;
    const wire = this.#parts.open(this.#seen);
    this.#wire = wire;
    this.#standing = false;
    this.#parts.onState(this.#attempt === 0 && this.#seen === null ? "connecting" : "lost");
    wire.onmessage = ({ data }) => {
      if (this.#wire !== wire || typeof data !== "string") return;
      for (const frame of readFrames(data)) this.#take(frame);
    };
    wire.onclose = ({ code }) => {
      if (this.#wire !== wire) return;
      this.#wire = null;
      if (code === SIGNED_OUT) {
        this.#stopped = true;
        this.#parts.onSignedOut();
        return;
      }
      this.#wait();
    };
  }

  #take(frame: Frame): void {
    if (frame.type === "event") {
      if (this.#seen !== null && frame.seq <= this.#seen) return;
      this.#seen = frame.seq;
      this.#parts.onEvent(frame);
      return;
    }
    if (frame.type === "presence") {
      this.#parts.onPresence(frame.threads);
      return;
    }
    this.#attempt = 0;
    this.#standing = true;
    const first = this.#seen === null;
    if (frame.type === "too_old" || first) {
      this.#seen = frame.seq;
      this.#parts.onFresh();
    }
    this.#parts.onState("live");
    this.#parts.onConnected();
  }

  #wait(): void {
    this.#standing = false;
    if (this.#stopped) return;
    this.#parts.onState("lost");
    this.#cancel = this.#parts.later(backoff(this.#attempt++, this.#parts.random), () => this.#connect());
  }

  #drop(): void {
    const wire = this.#wire;
    this.#wire = null;
    if (wire) {
      wire.onclose = null;
      wire.close();
    }
  }
}
