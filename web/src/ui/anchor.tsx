import { assignRef } from "@mantine/hooks";
import { type Ref, useLayoutEffect } from "react";

/**
 * Stands for an element elsewhere as the target of a menu or popover, so that one menu serves all buttons of a
 * kind. While it is `open`, the element says that it is expanded.
 */
export function Anchor(props: { to: HTMLElement | null; open: boolean; ref?: Ref<HTMLElement> }) {
  const { to, open, ref } = props;
  useLayoutEffect(() => assignRef(ref, to), [to, ref]);
  useLayoutEffect(() => {
    if (!open) return;
    to?.setAttribute("aria-expanded", "true");
    return () => to?.setAttribute("aria-expanded", "false");
  }, [to, open]);
  return null;
}
