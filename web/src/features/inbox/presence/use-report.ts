import { type FormEvent, useEffect } from "react";
import { live } from "~/realtime/instance";

/**
 * Colleagues see that this conversation is open here. Gives what hears the typing: put it around the composer, whose
 * texts then need to know nothing of it.
 */
export function usePresenceReport(conversation: string): (event: FormEvent<HTMLElement>) => void {
  useEffect(() => {
    live.reporter.open(conversation);
    return () => live.reporter.open(null);
  }, [conversation]);
  return ({ target }) => {
    if (target instanceof HTMLTextAreaElement) live.reporter.typed(target.value.trim() !== "");
  };
}
