import { describe, expect, it } from "vitest";
import { backoff } from "./backoff";
import { readFrames } from "./events";
import { Socket, type SocketState, type Wire } from "./socket";

class FakeWire implements Wire {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  closed = false;
  sent: string[] = [];
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.closed = true;
  }
  say(...frames: unknown[]) {
    this.onmessage?.({ data: JSON.stringify(frames.length === 1 ? frames[0] : frames) });
  }
  break(code = 1006) {
    this.onclose?.({ code });
  }
}

function bench() {
  const opened: { since: number | null; wire: FakeWire }[] = [];
  const waits: { ms: number; run: () => void; cancelled: boolean }[] = [];
  const events: number[] = [];
  const states: SocketState[] = [];
  let fresh = 0;
  let signedOut = 0;
  const presence: unknown[] = [];
  let connected = 0;
  const socket = new Socket({
    open: (since) => {
      const wire = new FakeWire();
      opened.push({ since, wire });
      return wire;
    },
    random: () => 0.5,
    later: (ms, run) => {
      const wait = { ms, run, cancelled: false };
      waits.push(wait);
      return () => {
        wait.cancelled = true;
      };
    },
    onEvent: (frame) => events.push(frame.seq),
    onFresh: () => {
      fresh++;
    },
    onState: (state) => states.push(state),
    onPresence: (threads) => presence.push(threads),
    onConnected: () => {
      connected++;
    },
    onSignedOut: () => {
      signedOut++;
    },
  });
  const wire = () => {
    const last = opened.at(-1);
    if (!last) throw new Error("nothing was opened");
    return last.wire;
  };
  return {
    socket,
    opened,
    waits,
    events,
    states,
    wire,
    presence,
    connected: () => connected,
    fresh: () => fresh,
    signedOut: () => signedOut,
  };
}

const event = (seq: number) => ({ type: "event", seq, kind: "message.upserted", data: {} });

describe("the live connection", () => {
  it("starts now, gives each event on once, and resumes after the last one", () => {
    const b = bench();
    b.socket.start();
    expect(b.opened[0]?.since).toBeNull();
    b.wire().say({ type: "hello", seq: 10 });
    expect(b.fresh()).toBe(1);
    b.wire().say(event(11), event(12), event(12), event(11));
    b.wire().break();
    expect(b.states.at(-1)).toBe("lost");
    b.waits[0]?.run();
    expect(b.opened[1]?.since).toBe(12);
    b.wire().say({ type: "hello", seq: 13 });
    b.wire().say(event(12), event(13));
    expect(b.events).toEqual([11, 12, 13]);
    expect(b.fresh()).toBe(1);
    expect(b.states.at(-1)).toBe("live");
  });

  it("reads everything again when the server no longer has the events", () => {
    const b = bench();
    b.socket.start();
    b.wire().say({ type: "hello", seq: 10 });
    b.wire().break();
    b.waits[0]?.run();
    b.wire().say({ type: "too_old", seq: 900 });
    expect(b.fresh()).toBe(2);
    b.wire().say(event(500), event(901));
    expect(b.events).toEqual([901]);
  });

  it("waits longer after each failure and starts over once it was up", () => {
    const b = bench();
    b.socket.start();
    for (let i = 0; i < 4; i++) {
      b.wire().break();
      b.waits.at(-1)?.run();
    }
    const tries = b.waits.map((w) => w.ms);
    expect(tries).toEqual([...tries].sort((x, y) => x - y));
    b.wire().say({ type: "hello", seq: 1 });
    b.wire().break();
    expect(b.waits.at(-1)?.ms).toBe(tries[0]);
  });

  it("comes back at once when the network does, and only once", () => {
    const b = bench();
    b.socket.start();
    b.wire().say({ type: "hello", seq: 1 });
    b.socket.lose();
    expect(b.opened[0]?.wire.closed).toBe(true);
    b.socket.retryNow();
    b.socket.retryNow();
    expect(b.opened).toHaveLength(2);
    expect(b.waits[0]?.cancelled).toBe(true);
  });

  it("says nothing after it was stopped", () => {
    const b = bench();
    b.socket.start();
    const { wire } = b.opened[0] ?? {};
    b.socket.stop();
    wire?.say(event(5));
    wire?.break();
    expect(b.events).toEqual([]);
    expect(b.waits).toEqual([]);
  });

  it("does not come back to a session that has ended", () => {
    const b = bench();
    b.socket.start();
    b.wire().say({ type: "hello", seq: 1 });
    b.wire().break(4401);
    b.socket.retryNow();
    expect(b.signedOut()).toBe(1);
    expect(b.waits).toEqual([]);
    expect(b.opened).toHaveLength(1);
  });

  it("does not fall over rubbish", () => {
    expect(readFrames("not json")).toEqual([]);
    expect(readFrames('[1,null,{"type":"event"},{"type":"event","seq":1}]')).toEqual([]);
    expect(readFrames('{"type":"hello","seq":3}')).toEqual([{ type: "hello", seq: 3 }]);
  });
});

it("spreads and caps the waits", () => {
  expect(backoff(0, () => 0)).toBe(250);
  expect(backoff(0, () => 1)).toBe(500);
  expect(backoff(3, () => 0.5)).toBe(3000);
  expect(backoff(50, () => 1)).toBe(30_000);
});

it("passes presence on, and says something only on a line that stands", () => {
  const { socket, wire, waits, presence, connected } = bench();
  socket.start();
  socket.say("too early");
  wire().say({ type: "hello", seq: 3 });
  socket.say("a");
  wire().say(
    { type: "presence", threads: [{ conversation_id: "cnv_1", viewers: [] }] },
    { type: "presence" },
  );
  expect([wire().sent, presence.length, connected()]).toEqual([["a"], 1, 1]);
  const before = wire();
  before.break();
  socket.say("lost");
  waits[0]?.run();
  wire().say({ type: "hello", seq: 3 });
  socket.say("b");
  expect([before.sent, wire().sent, connected()]).toEqual([["a"], ["b"], 2]);
});
