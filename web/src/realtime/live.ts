/** The one live connection of the page: socket, reducers and query cache brought together. */
import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { keys, type ListKey } from "~/api/keys";
import type { Session } from "~/api/types";
import type { Change, EventKind, Payloads } from "./events";
import { isPlain } from "./order";
import { Present, Reporter } from "./presence";
import { applyChange, isKnown } from "./reducers";
import { Replay } from "./replay";
import { Slow } from "./slow";
import { Socket, type SocketState, type Wire } from "./socket";

/** Families that live events keep current; the rest is read when it is looked at. */
const LIVE = new Set([
  "conversations",
  "conversation",
  "counts",
  "messages",
  "decision",
  "customer",
  "channels",
  "members",
  "notifications",
  "quota-history",
  "views",
  "view-counts",
  "bulk-jobs",
  "customer-views",
  "labels",
]);

/** Counts and decisions are asked for at most so often, however many events arrive. Milliseconds. */
const STALE_EVERY = 250;

type Listener = (change: Change) => void;

export class Live {
  readonly replay = new Replay();
  readonly present = new Present();
  readonly reporter = new Reporter({
    say: (said) => this.#socket?.say(JSON.stringify(said)),
    later: laterBy,
    now: Date.now,
  });
  #slow = new Slow({
    run: () => this.#recount(),
    later: laterBy,
    random: Math.random,
    visible: () => document.visibilityState === "visible",
  });
  #client: QueryClient;
  #socket: Socket | null = null;
  #state: SocketState = "connecting";
  #watchers = new Set<() => void>();
  #listeners = new Set<Listener>();
  #stale = new Map<string, QueryKey>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #ignored = 0;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  /** Id of the signed-in member. */
  get me(): string | undefined {
    return this.#client.getQueryData<Session | null>(keys.session())?.member.id;
  }

  /** Events of kinds this version does not know. */
  get ignored(): number {
    return this.#ignored;
  }

  /** Connect until the returned function is called. */
  start(): () => void {
    const socket = new Socket({
      open: openWire,
      random: Math.random,
      later: laterBy,
      onPresence: (threads) => this.present.tell(threads),
      onConnected: () => {
        this.present.clear();
        this.reporter.connected();
      },
      onEvent: (frame) => {
        if (isKnown(frame.kind)) this.take({ kind: frame.kind, data: frame.data } as Change);
        else this.#ignored += 1;
      },
      onFresh: () => {
        void this.#client.invalidateQueries({ predicate: (query) => LIVE.has(query.queryKey[0] as string) });
      },
      // The app hears of it as of every answer "not signed in".
      onSignedOut: () => void this.#client.invalidateQueries({ queryKey: keys.session() }),
      onState: (state) => {
        this.#state = state;
        if (state === "lost") this.present.clear();
        for (const watch of this.#watchers) watch();
      },
    });
    this.#socket = socket;
    const online = () => socket.retryNow();
    const offline = () => socket.lose();
    const visible = () => {
      const seen = document.visibilityState === "visible";
      if (seen) {
        socket.retryNow();
        this.#slow.seen();
      }
      this.reporter.look(seen);
    };
    window.addEventListener("online", online);
    window.addEventListener("offline", offline);
    document.addEventListener("visibilitychange", visible);
    socket.start();
    return () => {
      window.removeEventListener("online", online);
      window.removeEventListener("offline", offline);
      document.removeEventListener("visibilitychange", visible);
      socket.stop();
      this.#slow.stop();
      this.#socket = null;
    };
  }

  retryNow(): void {
    this.#socket?.retryNow();
  }

  /** One change, from the socket or from the answer to our own call. */
  take(change: Change): void {
    this.replay.note(change);
    for (const key of applyChange(this.#client, change, this.me)) this.#stale.set(JSON.stringify(key), key);
    if (change.kind === "conversation.upserted") this.#slow.note();
    this.#timer ??= setTimeout(() => this.#refetch(), STALE_EVERY);
    for (const listener of this.#listeners) listener(change);
  }

  /** The same, for the answer to a call: `live.upsert("conversation.upserted", answer)`. */
  upsert<K extends EventKind>(kind: K, data: Payloads[K]): void {
    this.take({ kind, data } as Change);
  }

  /** Hear every change; for announcements and pop-ups. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  readonly state = (): SocketState => this.#state;

  /** What only the server can count or order. */
  #recount(): void {
    void this.#client.invalidateQueries({
      predicate: ({ queryKey: [family, at] }) =>
        family === "view-counts" ||
        (family === "conversations" && Boolean((at as ListKey).view) && !isPlain(at as ListKey)),
    });
  }

  #refetch(): void {
    this.#timer = null;
    const stale = [...this.#stale.values()];
    this.#stale.clear();
    for (const queryKey of stale) void this.#client.invalidateQueries({ queryKey });
  }
}

function laterBy(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

function openWire(since: number | null): Wire {
  const url = new URL("/api/realtime", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (since !== null) url.searchParams.set("since", String(since));
  return new WebSocket(url) as unknown as Wire;
}

/** The state of the live connection. */
export function useLiveState(live: Live): SocketState {
  return useSyncExternalStore(live.watch, live.state);
}
