import { expect, it } from "vitest";
import { Present, RENEW, Reporter, TYPING } from "./presence";

function bench() {
  const said: string[] = [];
  let now = 0;
  let timer: { at: number; run: () => void } | null = null;
  const reporter = new Reporter({
    say: (frame) =>
      said.push(frame.type === "away" ? "away" : `${frame.conversation_id}${frame.typing ? "*" : ""}`),
    later: (ms, run) => {
      const mine = { at: now + ms, run };
      timer = mine;
      return () => {
        if (timer === mine) timer = null;
      };
    },
    now: () => now,
  });
  const pass = (ms: number) => {
    const until = now + ms;
    while (timer && timer.at <= until) {
      const { at, run } = timer;
      timer = null;
      now = at;
      run();
    }
    now = until;
  };
  const since = () => said.splice(0).join(" ");
  return { reporter, pass, since };
}

it("says what is open at once and again now and then", () => {
  const { reporter, pass, since } = bench();
  reporter.open(null);
  expect(since()).toBe("");
  reporter.open("a");
  reporter.open("a");
  expect(since()).toBe("a");
  pass(RENEW * 2 + 1);
  expect(since()).toBe("a a");
  reporter.open("b");
  expect(since()).toBe("b");
  reporter.open(null);
  expect(since()).toBe("away");
  pass(RENEW * 5);
  expect(since()).toBe("");
});

it("says typing rarely while it goes on, and at once when the field is empty", () => {
  const { reporter, pass, since } = bench();
  reporter.typed(true);
  expect(since()).toBe("");
  reporter.open("a");
  since();
  for (let key = 0; key < 70; key++) {
    reporter.typed(true);
    pass(100);
  }
  // Seven seconds of typing: at 0, at 3 and at 6.
  expect(since()).toBe("a* a* a*");
  reporter.typed(false);
  reporter.typed(false);
  expect(since()).toBe("a");
  reporter.typed(true);
  expect(since()).toBe("");
  pass(TYPING);
  reporter.typed(true);
  expect(since()).toBe("a*");
  // Whoever stops typing and leaves the text does not type when it is said again.
  pass(RENEW);
  expect(since()).toBe("a");
});

it("is away while the page is hidden, and says it anew to a new connection", () => {
  const { reporter, pass, since } = bench();
  reporter.open("a");
  reporter.look(true);
  expect(since()).toBe("a");
  reporter.look(false);
  reporter.typed(true);
  pass(RENEW * 2);
  reporter.connected();
  expect(since()).toBe("away");
  reporter.look(true);
  expect(since()).toBe("a");
  reporter.connected();
  expect(since()).toBe("a");
});

it("keeps who is where until told otherwise", () => {
  const present = new Present();
  let heard = 0;
  const stop = present.watch(() => {
    heard++;
  });
  present.clear();
  expect(heard).toBe(0);
  const viewers = [{ member_id: "mem_1", typing: false }];
  present.tell([{ conversation_id: "a", viewers }]);
  expect([present.of("a"), present.of("b")]).toEqual([viewers, []]);
  expect(present.of("b")).toBe(present.of("c"));
  present.tell([{ conversation_id: "a", viewers: [] }]);
  expect(present.of("a")).toEqual([]);
  present.tell([{ conversation_id: "b", viewers }]);
  present.clear();
  expect([present.of("b"), heard]).toEqual([[], 4]);
  stop();
  present.tell([{ conversation_id: "b", viewers }]);
  expect(heard).toBe(4);
});
