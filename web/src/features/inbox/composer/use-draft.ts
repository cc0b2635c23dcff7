/**
 * The draft of one conversation: restored when it opens, saved to the server while it is written, kept in this
 * browser when the server cannot be reached. Mount it once for each conversation (`key={conversationId}`).
 */
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { removeDraft, saveDraft } from "~/api/calls";
import type { Draft } from "~/api/types";
import { draftQuery } from "~/realtime/queries";
import { forget, recall, remember } from "~/ui/remember";

/** Quiet time before a draft is saved. Milliseconds. */
const QUIET = 600;

export type DraftStatus = "clean" | "waiting" | "saving" | "saved" | "failed";

const empty: Draft = { text: "", attachments: [] };

export const isEmptyDraft = (draft: Draft) => draft.text === "" && draft.attachments.length === 0;

export function useDraft(conversation: string) {
  const here = `draft.${conversation}`;
  const stored = useQuery(draftQuery(conversation));
  const [draft, setDraft] = useState<Draft>(() => recall<Draft>(here, empty));
  const [status, setStatus] = useState<DraftStatus>("clean");
  const touched = useRef(!isEmptyDraft(draft));
  const latest = useRef(draft);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);

  // The stored draft fills an untouched composer only: nothing typed meanwhile is replaced.
  useEffect(() => {
    if (!stored.data || touched.current) return;
    latest.current = stored.data;
    setDraft(stored.data);
  }, [stored.data]);

  const save = useCallback(async () => {
    timer.current = null;
    const saved = latest.current;
    setStatus("saving");
    try {
      await (isEmptyDraft(saved) ? removeDraft(conversation) : saveDraft(conversation, saved));
      if (latest.current !== saved) return;
      forget(here);
      setStatus(isEmptyDraft(saved) ? "clean" : "saved");
    } catch {
      setStatus("failed");
    }
  }, [conversation, here]);

  const change = useCallback(
    (to: Draft | ((have: Draft) => Draft)) => {
      touched.current = true;
      latest.current = typeof to === "function" ? to(latest.current) : to;
      setDraft(latest.current);
      remember(here, latest.current);
      setStatus("waiting");
      if (timer.current) clearTimeout(timer.current);
      timer.current = setTimeout(save, QUIET);
    },
    [here, save],
  );

  // Leaving the conversation saves at once what still waits.
  useEffect(
    () => () => {
      if (!timer.current) return;
      clearTimeout(timer.current);
      void save();
    },
    [save],
  );

  return { draft, change, status };
}
