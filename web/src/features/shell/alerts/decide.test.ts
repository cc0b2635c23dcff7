import { describe, expect, it } from "vitest";
import type { Message } from "~/api/types";
import { type Preferences, usual } from "~/ui/preferences";
import { decide, type Incoming, isNew, type Place, tomorrow } from "./decide";

const NOW = Date.parse("2026-06-12T14:00:00+07:00");

const message = (conversation: string, extra: Partial<Message> = {}): Message => ({
  id: "m",
  conversation_id: conversation,
  direction: "in",
  author: "customer",
  kind: "text",
  text: "Shop ơi",
  attachments: [],
  reactions: [],
  status: "received",
  sent_at: NOW,
  created_at: NOW,
  ...extra,
});

const from = (conversation: string, assignee: string | null = null, seen = false): Incoming => ({
  seen,
  message: message(conversation),
  name: conversation.toUpperCase(),
  assignee,
});
const away: Place = { me: "me", now: NOW, watching: false, permitted: true };
const likes: Preferences = { ...usual, sound: true, desktop: true };

/** "sound desktop:one a", "-" for nothing. */
function draw(batch: Incoming[], place: Partial<Place> = {}, likesToo: Partial<Preferences> = {}): string {
  const alert = decide(batch, { ...away, ...place }, { ...likes, ...likesToo });
  if (!alert) return "-";
  const { desktop } = alert;
  const words = desktop && `desktop:${desktop.words.kind} ${desktop.conversation}`;
  return [alert.sound && "sound", words].filter(Boolean).join(" ");
}

describe("a bell", () => {
  it.each<[string, Incoming[], Partial<Place>, Partial<Preferences>, string]>([
    ["away: both", [from("a")], {}, {}, "sound desktop:one a"],
    ["several of one customer", [from("a"), from("a")], {}, {}, "sound desktop:customer a"],
    ["several customers", [from("a"), from("b")], {}, {}, "sound desktop:many b"],
    ["looking at this one", [from("a", null, true)], { watching: true }, {}, "-"],
    ["looking at another one", [from("a")], { watching: true }, {}, "sound"],
    ["seen just before leaving", [from("a", null, true)], {}, {}, "-"],
    ["open one is left out of many", [from("a", null, true), from("b")], {}, {}, "sound desktop:one b"],
    ["mine", [from("a", "me")], {}, {}, "sound desktop:one a"],
    ["a colleague's", [from("a", "x")], {}, {}, "-"],
    ["a colleague's, but all are wanted", [from("a", "x")], {}, { about: "all" }, "sound desktop:one a"],
    ["do not disturb", [from("a")], {}, { quiet: true }, "-"],
    ["do not disturb until later", [from("a")], {}, { quiet: NOW + 1 }, "-"],
    ["do not disturb is over", [from("a")], {}, { quiet: NOW }, "sound desktop:one a"],
    ["not permitted", [from("a")], { permitted: false }, {}, "sound"],
    ["without a sound", [from("a")], {}, { sound: false }, "desktop:one a"],
    ["neither", [from("a")], {}, { sound: false, desktop: false }, "-"],
    ["nothing came", [], {}, {}, "-"],
  ])("%s", (_name, batch, place, likesToo, want) => expect(draw(batch, place, likesToo)).toBe(want));
});

it.each([
  ["a customer's", {}, true],
  ["our own", { author: "member", direction: "out" }, false],
  ["of Zalo's own tool", { author: "platform", direction: "out" }, false],
  ["of the system", { author: "system" }, false],
  ["an old one that changed", { created_at: NOW - 5 * 60_000 }, false],
] as const)("%s message is new: %j", (_name, extra, want) => {
  expect(isNew(message("a", extra as Partial<Message>), NOW)).toBe(want);
});

it("knows tomorrow morning", () => {
  const at = new Date(tomorrow(NOW));
  expect(at.getHours()).toBe(8);
  expect(at.getTime() - NOW).toBeGreaterThan(0);
  expect(at.getTime() - NOW).toBeLessThanOrEqual(48 * 3_600_000);
});
