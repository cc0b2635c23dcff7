import { fireEvent, render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { isComposing, isPressed, run, shortcutOf, shortcuts, useShortcuts } from "./keys";

const press = (init: KeyboardEventInit & { keyCode?: number }, target?: HTMLElement) => {
  const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
  if (target) Object.defineProperty(event, "target", { value: target });
  return shortcutOf(event);
};

const codes: Record<string, string> = { "/": "Slash", "↑": "ArrowUp", "↓": "ArrowDown" };

/** The press that the sheet describes: "Alt Shift E", "1…6" (its first). */
function pressOf(shown: string): KeyboardEventInit {
  const words = shown.split(" ");
  const last = words.pop()?.replace(/…\d$/, "") ?? "";
  const shiftKey = words.includes("Shift") || last === "?";
  const code =
    codes[last] ?? (/^[A-Z]$/.test(last) ? `Key${last}` : /^\d$/.test(last) ? `Digit${last}` : last);
  const key = code.startsWith("Arrow")
    ? code
    : shiftKey
      ? last
      : last.length === 1
        ? last.toLowerCase()
        : last;
  return { key, code, shiftKey, altKey: words.includes("Alt"), ctrlKey: words.includes("Ctrl") };
}

function Page({ next, modal }: { next: () => void; modal: boolean }) {
  useShortcuts({ next });
  return (
    <>
      <input aria-label="ô nhập" />
      {modal && <div role="dialog" aria-modal="true" />}
    </>
  );
}

describe("shortcuts", () => {
  const field = document.createElement("textarea");
  it.each([
    ["j", { key: "j" }, undefined, "next"],
    ["capital J", { key: "J" }, undefined, "next"],
    ["?", { key: "?", shiftKey: true }, undefined, "sheet"],
    ["/", { key: "/" }, undefined, "search"],
    ["Ctrl K", { key: "k", code: "KeyK", ctrlKey: true }, undefined, "palette"],
    ["Cmd K while typing", { key: "k", code: "KeyK", metaKey: true }, field, "palette"],
    ["Alt J by the physical key", { key: "∆", code: "KeyJ", altKey: true }, undefined, "next"],
    ["Alt K while typing", { key: "˚", code: "KeyK", altKey: true }, field, "previous"],
    ["j while typing", { key: "j", code: "KeyJ" }, field, undefined],
    ["e while typing", { key: "e", code: "KeyE" }, field, undefined],
    ["Ctrl J is the browser's", { key: "j", code: "KeyJ", ctrlKey: true }, undefined, undefined],
    ["Shift E closes and goes on", { key: "E", code: "KeyE", shiftKey: true }, undefined, "close_next"],
    ["E only closes", { key: "e", code: "KeyE" }, undefined, "close"],
    [
      "Alt Shift E while typing",
      { key: "´", code: "KeyE", altKey: true, shiftKey: true },
      field,
      "close_next",
    ],
    ["Alt E while typing", { key: "´", code: "KeyE", altKey: true }, field, "close"],
    ["Ctrl M while typing", { key: "m", code: "KeyM", ctrlKey: true }, field, "macros"],
    ["Cmd M is the window's", { key: "m", code: "KeyM", metaKey: true }, undefined, undefined],
    ["M alone is quiet", { key: "m", code: "KeyM" }, undefined, "quiet"],
    ["Alt L while typing", { key: "¬", code: "KeyL", altKey: true }, field, "react"],
    ["Alt Shift L while typing", { key: "Ò", code: "KeyL", altKey: true, shiftKey: true }, field, "labels"],
    ["3", { key: "3" }, undefined, "filter"],
    ["3 while typing", { key: "3" }, field, undefined],
    ["Alt up while typing", { key: "ArrowUp", code: "ArrowUp", altKey: true }, field, "message_up"],
    ["the arrow alone is the browser's", { key: "ArrowUp", code: "ArrowUp" }, undefined, undefined],
    ["Enter belongs to the composer", { key: "Enter" }, undefined, undefined],
    ["VNI composes a digit", { key: "1", isComposing: true }, undefined, undefined],
    ["Telex composes", { key: "j", code: "KeyJ", isComposing: true }, undefined, undefined],
    ["an old engine composes", { key: "Process", code: "KeyJ", keyCode: 229 }, undefined, undefined],
    ["Alt while composing", { key: "j", code: "KeyJ", altKey: true, isComposing: true }, field, undefined],
  ])("%s", (_name, init, target, want) => {
    expect(press(init, target)).toBe(want);
  });

  // What the sheet shows of every shortcut of the whole page; two with the same keys would fail here.
  const shown = Object.entries(shortcuts).flatMap(([name, shortcut]) =>
    "local" in shortcut ? [] : shortcut.show.map((keys): [string, string] => [keys, name]),
  );
  it.each(shown)("%s means %s", (keys, name) => {
    expect(press(pressOf(keys))).toBe(name);
  });

  it.each([
    ["Enter", { key: "Enter" }, "send", true],
    ["Ctrl Enter", { key: "Enter", ctrlKey: true }, "send", true],
    ["Shift Enter is a new line", { key: "Enter", shiftKey: true }, "send", false],
    ["Enter that ends a composition", { key: "Enter", isComposing: true }, "send", false],
    ["the same in an old engine", { key: "Enter", keyCode: 229 }, "send", false],
    ["Escape", { key: "Escape" }, "leave", true],
  ] as const)("a field asks for its own keys: %s", (_name, init, name, want) => {
    expect(isPressed(name, new KeyboardEvent("keydown", init))).toBe(want);
  });

  it("knows composition in both forms", () => {
    expect(isComposing({ isComposing: true, keyCode: 13 })).toBe(true);
    expect(isComposing({ isComposing: false, keyCode: 229 })).toBe(true);
    expect(isComposing({ isComposing: false, keyCode: 13 })).toBe(false);
  });

  it("run on the page, not in fields, and not under an open window", async () => {
    const next = vi.fn();
    const { rerender } = render(<Page next={next} modal={false} />);
    fireEvent.keyDown(document.body, { key: "j" });
    expect(next).toHaveBeenCalledTimes(1);
    fireEvent.keyDown(screen.getByLabelText("ô nhập"), { key: "j" });
    expect(next).toHaveBeenCalledTimes(1);
    run("next");
    expect(next).toHaveBeenCalledTimes(2);
    next.mockClear();
    next();
    rerender(<Page next={next} modal />);
    fireEvent.keyDown(document.body, { key: "j" });
    expect(next).toHaveBeenCalledTimes(1);
  });
});
