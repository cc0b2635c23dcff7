import { type RefObject, useEffect } from "react";

/**
 * Gives a field the focus as soon as it is drawn. A window does the same a moment later; whoever opens it by a key
 * and types on must not lose the first letters, or see them do something else.
 */
export function useFocusAtOnce(field: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    // After the window has noted who had the focus, and before the next key.
    queueMicrotask(() => field.current?.focus({ preventScroll: true }));
  }, [field]);
}
