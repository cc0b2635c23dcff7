import { expect, it } from "vitest";
import { AT_LEAST, Slow, SPREAD } from "./slow";

function bench() {
  const waits: { ms: number; run: () => void; cancelled: boolean }[] = [];
  const page = { visible: true, asked: 0 };
  const slow = new Slow({
    run: () => {
      page.asked++;
    },
    later: (ms, run) => {
      const wait = { ms, run, cancelled: false };
      waits.push(wait);
      return () => {
        wait.cancelled = true;
      };
    },
    random: () => 0.5,
    visible: () => page.visible,
  });
  return { slow, waits, page };
}

it("asks once however much happens, and again only when something happened since", () => {
  const { slow, waits, page } = bench();
  for (let i = 0; i < 1_000; i++) slow.note();
  expect(waits.map((wait) => wait.ms)).toEqual([AT_LEAST + SPREAD / 2]);
  waits[0]?.run();
  expect([page.asked, waits.length]).toEqual([1, 1]);
  slow.note();
  waits[1]?.run();
  expect(page.asked).toBe(2);
});

it("does not ask for a page that nobody looks at, but when it is looked at again", () => {
  const { slow, waits, page } = bench();
  page.visible = false;
  slow.note();
  expect(waits).toEqual([]);
  page.visible = true;
  slow.seen();
  slow.seen();
  expect(page.asked).toBe(1);
  // Hidden while it waited.
  slow.note();
  page.visible = false;
  waits[0]?.run();
  expect(page.asked).toBe(1);
  page.visible = true;
  slow.seen();
  expect(page.asked).toBe(2);
});

it("stops", () => {
  const { slow, waits, page } = bench();
  slow.note();
  slow.stop();
  slow.seen();
  expect([waits[0]?.cancelled, page.asked]).toEqual([true, 0]);
});
