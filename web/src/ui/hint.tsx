/**
 * Hints: what a control is called, under the pointer or the focus. One layer shows them all, because a page of
 * messages has a hundred buttons that need one, and a hundred components that wait for a pointer are what makes
 * opening a conversation slow.
 *
 * How to give one: `data-hint={text}` on the element that is hovered, and `data-hint-side` where above is no
 * place for it. The accessible name is the element's own affair.
 */
import { type FloatingPosition, Tooltip } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

/** So long the pointer rests before a hint comes. Milliseconds. */
const REST = 400;

const HINTED = "[data-hint]";

/** The layer; one for the whole app. */
export function HintLayer() {
  const [hinted, setHinted] = useState<HTMLElement | null>(null);
  const timer = useRef(0);
  useEffect(() => {
    const over = (event: Event) => (event.target instanceof Element ? event.target.closest(HINTED) : null);
    const show = (node: Element | null, rest: number) => {
      clearTimeout(timer.current);
      setHinted((shown) => (shown === node ? shown : null));
      if (!(node instanceof HTMLElement)) return;
      timer.current = window.setTimeout(() => setHinted(node.isConnected ? node : null), rest);
    };
    const hide = () => show(null, 0);
    // A finger that rests on a button means to press it.
    const point = (event: PointerEvent) => event.pointerType === "mouse" && show(over(event), REST);
    const focus = (event: FocusEvent) => {
      const node = over(event);
      show(
        node && event.target instanceof Element && event.target.matches(":focus-visible") ? node : null,
        0,
      );
    };
    const listeners = [
      ["pointerover", point],
      ["focusin", focus],
      ["focusout", hide],
      ["pointerdown", hide],
      ["keydown", hide],
      ["scroll", hide],
    ] as const;
    for (const [name, listener] of listeners)
      document.addEventListener(name, listener as EventListener, true);
    document.documentElement.addEventListener("pointerleave", hide);
    return () => {
      clearTimeout(timer.current);
      for (const [name, listener] of listeners) {
        document.removeEventListener(name, listener as EventListener, true);
      }
      document.documentElement.removeEventListener("pointerleave", hide);
    };
  }, []);
  if (!hinted) return null;
  return (
    <Tooltip
      // Another element is another hint: it does not fly across the page.
      key={hinted.dataset.hint}
      target={hinted}
      label={hinted.dataset.hint}
      position={(hinted.dataset.hintSide as FloatingPosition | undefined) ?? "top"}
      multiline
      maw={280}
      opened
    />
  );
}
