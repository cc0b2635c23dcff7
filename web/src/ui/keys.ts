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
  group: "list" | "thread" | "everywhere";
  /** What the sheet shows; each entry is one way to press it. */
  show: string[];
  /** Does this press mean it? `typing`: the focus is in a field. */
  pressed(event: KeyboardEvent, typing: boolean): boolean;
}

const plain = (event: KeyboardEvent) => !event.ctrlKey && !event.metaKey && !event.altKey;

const letter = (key: string) => (event: KeyboardEvent, typing: boolean) =>
  !typing && plain(event) && event.key.toLowerCase() === key;

const alt = (code: string) => (event: KeyboardEvent) =>
  event.altKey && !event.ctrlKey && !event.metaKey && event.code === code;

const either =
  (...tests: Shortcut["pressed"][]): Shortcut["pressed"] =>
  (event, typing) =>
    tests.some((test) => test(event, typing));

export const shortcuts = {
  next: { group: "list", show: ["J", "Alt J"], pressed: either(letter("j"), alt("KeyJ")) },
  previous: { group: "list", show: ["K", "Alt K"], pressed: either(letter("k"), alt("KeyK")) },
  search: { group: "list", show: ["/"], pressed: letter("/") },
  unread: { group: "list", show: ["U"], pressed: letter("u") },
  compose: { group: "thread", show: ["R"], pressed: letter("r") },
  close: { group: "thread", show: ["E", "Alt E"], pressed: either(letter("e"), alt("KeyE")) },
  customer: { group: "thread", show: ["I", "Alt I"], pressed: either(letter("i"), alt("KeyI")) },
  palette: {
    group: "everywhere",
    show: ["Ctrl K"],
    pressed: (event) => (event.ctrlKey || event.metaKey) && !event.altKey && event.code === "KeyK",
  },
  sheet: { group: "everywhere", show: ["?"], pressed: letter("?") },
  escape: {
    group: "everywhere",
    show: ["Esc"],
    pressed: (event) => event.key === "Escape",
  },
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

/** Which shortcut a key press means, if any. */
export function shortcutOf(event: KeyboardEvent): ShortcutName | undefined {
  if (event.defaultPrevented || isComposing(event)) return undefined;
  const typing = isTyping(event.target);
  for (const [name, shortcut] of Object.entries(shortcuts)) {
    if ((shortcut as Shortcut).pressed(event, typing)) return name as ShortcutName;
  }
  return undefined;
}

/** Run a handler when its shortcut is pressed anywhere on the page. A handler that gives `false` did nothing. */
export function useShortcuts(handlers: Partial<Record<ShortcutName, () => unknown>>): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const name = shortcutOf(event);
      const handler = name && latest.current[name];
      if (!handler) return;
      // An open window keeps its keys for itself.
      if (name !== "palette" && document.querySelector("[role=dialog][aria-modal=true]")) return;
      if (handler() !== false) event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
