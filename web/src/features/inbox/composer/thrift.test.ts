import { expect, it } from "vitest";
import { thrift } from "./thrift";

const reply = (remain: number | null) =>
  ({ class: "reply", reply: { remain, total: remain === null ? null : 8, until: 9 } }) as const;

it.each([
  ["a short text on the last but one", reply(2), "Dạ", 1, "short_on_last 2"],
  ["a short text on the last", reply(1), "Dạ còn ạ", 1, "short_on_last 1"],
  ["enough replies", reply(3), "Dạ", 1, null],
  ["nothing typed yet", reply(2), "  ", 0, null],
  ["a text long enough to stand alone", reply(1), "ạ".repeat(40), 1, null],
  ["just below", reply(1), "ạ".repeat(39), 1, "short_on_last 1"],
  ["thoughts already put together", reply(1), "Dạ còn ạ\nChị lấy size nào?", 1, null],
  [
    "a picture with its caption is one message",
    reply(1),
    "Mẫu này nha chị, vải mềm và không nhăn đâu ạ",
    1,
    null,
  ],
  ["more messages than replies", reply(2), "", 5, "more_than_left 2 +3"],
  ["more than left wins over short", reply(1), "Dạ", 2, "more_than_left 1 +1"],
  ["an edition that does not count", reply(null), "Dạ", 1, null],
  ["the last one is gone", reply(0), "Dạ", 1, null],
  ["another class", { class: "package", reply: null } as const, "Dạ", 1, null],
  ["not decided", { class: null, reply: null } as const, "Dạ", 1, null],
])("%s", (_name, state, text, messages, want) => {
  const found = thrift(state, text, messages);
  const drawn = found && `${found.kind} ${found.remain}${found.beyond ? ` +${found.beyond}` : ""}`;
  expect(drawn).toBe(want);
});
