/**
 * Shortcuts. One table says what exists; a screen says what it does with them (`useShortcuts`).
 *
 * Invariants: a shortcut never fires while an input method composes (Telex, VNI), and single letters never
 * fire while text is typed. Alt combinations go by the physical key, as Alt changes the letter on some
 * layouts.
 *
 * How to add one: a line here, its text in the catalogue `shortcuts`, and a handler on a screen.
 */
import { useEffect, useRef } from "react";

export interface Shortcut {
  group: "list" | "thread" | "message" | "composer" | "viewer" | "everywhere";
  /** What the sheet shows; each entry is one way to press it, its keys parted by blanks. */
  show: string[];
  /** Does this press mean it? `typing`: the focus is in a field. */
  pressed(event: Press, typing: boolean): boolean;
  /** Belongs to one field or window, which asks `isPressed` itself; never heard on the whole page. */
  local?: true;
}

/** What both the browser's and React's key events have. */
export interface Press {
  key: string;
  code: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}

const plain = (event: Press) => !event.ctrlKey && !event.metaKey && !event.altKey;

/** A letter or sign by itself, never while text is typed. */
const letter =
  (key: string, shift = false) =>
  (event: Press, typing: boolean) =>
    !typing && plain(event) && event.key.toLowerCase() === key && (!shift || event.shiftKey);

/** Alt with the physical key, also while text is typed. */
const alt =
  (code: string, shift = false) =>
  (event: Press) =>
    event.altKey && !event.ctrlKey && !event.metaKey && event.shiftKey === shift && event.code === code;

/** A key with a name; `typing` does not matter, as such keys write nothing. */
const named =
  (...keys: string[]) =>
  (event: Press) =>
    plain(event) && keys.includes(event.key);

const either =
  (...tests: Shortcut["pressed"][]): Shortcut["pressed"] =>
  (event, typing) =>
    tests.some((test) => test(event, typing));

/** In this order a press is looked up: what needs Shift stands before the same letter without it. */
export const shortcuts = {
  next: { group: "list", show: ["J", "Alt J"], pressed: either(letter("j"), alt("KeyJ")) },
  previous: { group: "list", show: ["K", "Alt K"], pressed: either(letter("k"), alt("KeyK")) },
  walk_down: { group: "list", show: ["↓"], local: true, pressed: named("ArrowDown") },
  walk_up: { group: "list", show: ["↑"], local: true, pressed: named("ArrowUp") },
  next_unread: { group: "list", show: ["N", "Alt N"], pressed: either(letter("n"), alt("KeyN")) },
  search: { group: "list", show: ["/"], pressed: letter("/") },
  to_found: { group: "list", show: ["Enter", "↓"], local: true, pressed: named("Enter", "ArrowDown") },
  select: {
    group: "list",
    show: ["X"],
    pressed: (event, typing) => letter("x")(event, typing) && !event.shiftKey,
  },
  select_down: {
    group: "list",
    show: ["Shift ↓"],
    local: true,
    pressed: (event) => plain(event) && event.shiftKey && event.key === "ArrowDown",
  },
  select_up: {
    group: "list",
    show: ["Shift ↑"],
    local: true,
    pressed: (event) => plain(event) && event.shiftKey && event.key === "ArrowUp",
  },
  select_page: {
    group: "list",
    show: ["Ctrl A"],
    local: true,
    pressed: (event) => (event.ctrlKey || event.metaKey) && !event.altKey && event.code === "KeyA",
  },
  bulk: { group: "list", show: ["Shift X"], pressed: letter("x", true) },
  undo: { group: "list", show: ["Shift Z"], pressed: letter("z", true) },
  view: {
    group: "list",
    show: ["Shift 1…9"],
    pressed: (event, typing) => !typing && plain(event) && event.shiftKey && /^Digit[1-9]$/.test(event.code),
  },
  save_view: { group: "list", show: ["Shift S"], pressed: letter("s", true) },
  view_down: {
    group: "list",
    show: ["Alt Shift ↓"],
    local: true,
    pressed: alt("ArrowDown", true),
  },
  view_up: { group: "list", show: ["Alt Shift ↑"], local: true, pressed: alt("ArrowUp", true) },
  unread: { group: "list", show: ["U"], pressed: letter("u") },
  filter: {
    group: "list",
    show: ["1…6"],
    pressed: (event, typing) => !typing && plain(event) && /^[1-6]$/.test(event.key),
  },
  order: { group: "list", show: ["O", "Alt O"], pressed: either(letter("o"), alt("KeyO")) },
  compose: { group: "thread", show: ["R", "Alt R"], pressed: either(letter("r"), alt("KeyR")) },
  close_next: {
    group: "thread",
    show: ["Shift E", "Alt Shift E"],
    pressed: either(letter("e", true), alt("KeyE", true)),
  },
  snooze: { group: "thread", show: ["Z", "Alt Z"], pressed: either(letter("z"), alt("KeyZ")) },
  pending: { group: "thread", show: ["P", "Alt P"], pressed: either(letter("p"), alt("KeyP")) },
  note: { group: "thread", show: ["B", "Alt B"], pressed: either(letter("b"), alt("KeyB")) },
  close: { group: "thread", show: ["E", "Alt E"], pressed: either(letter("e"), alt("KeyE")) },
  assign: {
    group: "thread",
    show: ["Shift A", "Alt Shift A"],
    pressed: either(letter("a", true), alt("KeyA", true)),
  },
  assign_me: { group: "thread", show: ["A", "Alt A"], pressed: either(letter("a"), alt("KeyA")) },
  labels: {
    group: "thread",
    show: ["Shift L", "Alt Shift L"],
    pressed: either(letter("l", true), alt("KeyL", true)),
  },
  macros: {
    group: "thread",
    show: ["Ctrl M"],
    // Also on a Mac, where Cmd-M puts the window away.
    pressed: (event) =>
      event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey && event.code === "KeyM",
  },
  customer: { group: "thread", show: ["I", "Alt I"], pressed: either(letter("i"), alt("KeyI")) },
  why: { group: "thread", show: ["W", "Alt W"], pressed: either(letter("w"), alt("KeyW")) },
  retry: { group: "thread", show: ["T", "Alt T"], pressed: either(letter("t"), alt("KeyT")) },
  message_up: { group: "message", show: ["Alt ↑"], pressed: alt("ArrowUp") },
  message_down: { group: "message", show: ["Alt ↓"], pressed: alt("ArrowDown") },
  quote: { group: "message", show: ["Q", "Alt Q"], pressed: either(letter("q"), alt("KeyQ")) },
  to_quoted: { group: "message", show: ["G", "Alt G"], pressed: either(letter("g"), alt("KeyG")) },
  react: { group: "message", show: ["L", "Alt L"], pressed: either(letter("l"), alt("KeyL")) },
  picture: { group: "message", show: ["V", "Alt V"], pressed: either(letter("v"), alt("KeyV")) },
  send: {
    group: "composer",
    show: ["Enter", "Ctrl Enter"],
    local: true,
    pressed: (event) => event.key === "Enter" && !event.shiftKey && !event.altKey,
  },
  new_line: {
    group: "composer",
    show: ["Shift Enter"],
    local: true,
    pressed: (event) => event.key === "Enter" && event.shiftKey,
  },
  later: { group: "composer", show: ["Alt Shift Enter"], pressed: alt("Enter", true) },
  attach: { group: "composer", show: ["Alt U"], pressed: alt("KeyU") },
  send_anyway: { group: "composer", show: ["Alt Enter"], pressed: alt("Enter") },
  extras: { group: "composer", show: ["Alt C"], pressed: alt("KeyC") },
  stickers: { group: "composer", show: ["Alt S"], pressed: alt("KeyS") },
  leave: { group: "composer", show: ["Esc"], local: true, pressed: named("Escape") },
  viewer_previous: { group: "viewer", show: ["←"], local: true, pressed: named("ArrowLeft") },
  viewer_next: { group: "viewer", show: ["→"], local: true, pressed: named("ArrowRight") },
  viewer_in: { group: "viewer", show: ["+"], local: true, pressed: named("+", "=") },
  viewer_out: { group: "viewer", show: ["−"], local: true, pressed: named("-", "_") },
  viewer_fit: { group: "viewer", show: ["0"], local: true, pressed: named("0") },
  viewer_download: { group: "viewer", show: ["D"], local: true, pressed: letter("d") },
  palette: {
    group: "everywhere",
    show: ["Ctrl K"],
    pressed: (event) => (event.ctrlKey || event.metaKey) && !event.altKey && event.code === "KeyK",
  },
  find: {
    group: "everywhere",
    show: ["Alt /", "Ctrl Shift F"],
    pressed: either(
      alt("Slash"),
      (event) => (event.ctrlKey || event.metaKey) && event.shiftKey && !event.altKey && event.code === "KeyF",
    ),
  },
  sheet: { group: "everywhere", show: ["?"], pressed: letter("?") },
  density: {
    group: "everywhere",
    show: ["Shift D", "Alt Shift D"],
    pressed: either(letter("d", true), alt("KeyD", true)),
  },
  quiet: { group: "everywhere", show: ["M", "Alt M"], pressed: either(letter("m"), alt("KeyM")) },
  dismiss: { group: "everywhere", show: ["Esc"], local: true, pressed: named("Escape") },
} as const satisfies Record<string, Shortcut>;

export type ShortcutName = keyof typeof shortcuts;

/** An input method is putting a letter together; such a key press is not ours. 229 is what older engines say. */
export function isComposing(event: { isComposing: boolean; keyCode: number }): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Is the focus where text is typed? */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}

/** Does this press mean the shortcut? For fields and windows with keys of their own; never while composing. */
export function isPressed(name: ShortcutName, event: KeyboardEvent): boolean {
  return !isComposing(event) && shortcuts[name].pressed(event, false);
}

/** Which shortcut of the whole page a key press means, if any. */
export function shortcutOf(event: KeyboardEvent): ShortcutName | undefined {
  if (event.defaultPrevented || isComposing(event)) return undefined;
  const typing = isTyping(event.target);
  for (const [name, shortcut] of Object.entries(shortcuts) as [ShortcutName, Shortcut][]) {
    if (!shortcut.local && shortcut.pressed(event, typing)) return name;
  }
  return undefined;
}

/** What the screens that are shown do with the shortcuts, the latest last. */
const active: { current: Partial<Record<ShortcutName, (event: KeyboardEvent) => unknown>> }[] = [];

/** Does a screen that is shown do something with this shortcut? For the palette. */
export const isActive = (name: ShortcutName) => active.some((handlers) => handlers.current[name]);

/** Do what the shortcut does, as if it had been pressed. */
export function run(name: ShortcutName): void {
  const handler = active.findLast((handlers) => handlers.current[name])?.current[name];
  handler?.(new KeyboardEvent("keydown"));
}

/** Run a handler when its shortcut is pressed anywhere on the page. A handler that gives `false` did nothing. */
export function useShortcuts(
  handlers: Partial<Record<ShortcutName, (event: KeyboardEvent) => unknown>>,
): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const name = shortcutOf(event);
      const handler = name && latest.current[name];
      if (!handler) return;
      // An open window keeps its keys for itself.
      if (name !== "palette" && document.querySelector("[role=dialog][aria-modal=true]")) return;
      if (handler(event) !== false) event.preventDefault();
    };
    document.addEventListener("keydown", press);
    active.push(latest);
    return () => {
      document.removeEventListener("keydown", press);
      active.splice(active.indexOf(latest), 1);
    };
  }, []);
}
