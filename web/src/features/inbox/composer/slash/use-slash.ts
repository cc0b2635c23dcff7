/** The state of looking for a canned reply with "/" while a message is written. */
import { useQuery } from "@tanstack/react-query";
import { type RefObject, useLayoutEffect, useRef, useState } from "react";
import { countReply } from "~/api/calls";
import type { Draft, FilledReply } from "~/api/types";
import { filledRepliesQuery } from "~/realtime/queries";
import { findAll } from "~/ui/fuzzy";
import { isComposing } from "~/ui/keys";
import { doubled, insert, type Slash, slashAt } from "./slash";

/** So many are shown; who wants another types on. */
const MOST = 50;

export function useSlash(props: {
  conversation: string;
  field: RefObject<HTMLTextAreaElement | null>;
  draft: Draft;
  change(to: (have: Draft) => Draft): void;
}) {
  const { conversation, field, change } = props;
  const [slash, setSlash] = useState<Slash | null>(null);
  const [at, setAt] = useState(0);
  /** Place of a "/" that was said to be only a slash. */
  const plain = useRef<number | null>(null);
  const caret = useRef<number | null>(null);
  const query = useQuery({ ...filledRepliesQuery(conversation), enabled: slash !== null });
  const found = slash
    ? findAll(slash.query, query.data ?? [], (reply) => [reply.shortcut, reply.title])
        // Without a word to go by, what is used most comes first.
        .sort((a, b) => (slash.query === "" ? b.used_count - a.used_count : 0))
        .slice(0, MOST)
    : [];
  const chosen = found[Math.min(at, found.length - 1)];

  // Our own change of the text sets the caret to its end; put it back where it belongs.
  useLayoutEffect(() => {
    if (caret.current === null) return;
    field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });

  /** Where the caret stands now, in this text. */
  const look = (text: string, place: number) => {
    const next = slashAt(text, place);
    if (next?.from !== plain.current) plain.current = null;
    if (next && plain.current === next.from) return setSlash(null);
    if (next?.from !== slash?.from || next?.query !== slash?.query) setAt(0);
    setSlash(next);
  };

  /** The field's text was changed by typing; answers the text to keep. */
  const typed = (text: string, place: number): string => {
    const single = slash ? doubled(text, place) : null;
    if (!single) {
      look(text, place);
      return text;
    }
    plain.current = single.caret - 1;
    caret.current = single.caret;
    setSlash(null);
    return single.text;
  };

  const take = (reply: FilledReply) => {
    if (!slash) return;
    change((have) => {
      const next = insert(have.text, slash, reply.text);
      caret.current = next.caret;
      // A slash inside the reply looks for nothing.
      plain.current = slashAt(next.text, next.caret)?.from ?? null;
      return { ...have, text: next.text, attachments: [...have.attachments, ...reply.files] };
    });
    setSlash(null);
    field.current?.focus();
    // Only a count: when it is lost, nothing else is.
    countReply(reply.id).catch(() => {});
  };

  const leave = () => {
    plain.current = slash?.from ?? null;
    setSlash(null);
  };

  /** Answers whether the press was for the list. */
  const press = (event: KeyboardEvent): boolean => {
    if (!slash || isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === "Escape") leave();
    else if (found.length === 0 || event.shiftKey) return false;
    else if (event.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(chosen);
    else return false;
    return true;
  };

  return {
    open: slash !== null && (query.isPending || query.isError || found.length > 0 || slash.query === ""),
    loading: query.isPending,
    failed: query.error,
    found,
    chosen,
    setAt,
    typed,
    look,
    take,
    press,
    leave,
  };
}

export type SlashState = ReturnType<typeof useSlash>;
