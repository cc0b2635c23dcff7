/**
 * The draft of one conversation: restored when it opens, saved to the server while it is written, kept in this
 * browser when the server cannot be reached. Mount it once for each conversation (`key={conversationId}`).
 *
 * Invariant: two windows that write at once never replace each other's words silently. Tabs of one browser hear each
 * other at once; what another device wrote is met when the window is looked at again. While both versions stand
 * unasked, nothing is saved to the server.
 */
import { useWindowEvent } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { removeDraft, saveDraft } from "~/api/calls";
import type { Draft } from "~/api/types";
import { live } from "~/realtime/instance";
import { useLiveState } from "~/realtime/live";
import { draftQuery } from "~/realtime/queries";
import { forget, recall, remember } from "~/ui/remember";
import { hearTabs, tellTabs } from "~/ui/tabs";
import { emptyDraft, isEmptyDraft, joinDrafts, meet } from "./meet";

/** Quiet time before a draft is saved. Milliseconds. */
const QUIET = 600;

export type DraftStatus = "clean" | "waiting" | "saving" | "saved" | "failed";

/** What this browser keeps of a draft that the server does not have yet. */
interface Kept extends Draft {
  base?: Draft;
}

interface Told {
  conversation: string;
  draft: Draft;
}

export function useDraft(conversation: string) {
  const here = `draft.${conversation}`;
  const client = useQueryClient();
  const stored = useQuery(draftQuery(conversation));
  const [kept] = useState(() => recall<Kept>(here, emptyDraft));
  const [draft, setDraft] = useState<Draft>({ text: kept.text, attachments: kept.attachments });
  const [status, setStatus] = useState<DraftStatus>("clean");
  /** The other version, while it is not decided which one stays. */
  const [other, setOther] = useState<Draft | null>(null);
  const latest = useRef(draft);
  const base = useRef<Draft>(kept.base ?? emptyDraft);
  const asking = useRef(false);
  const sending = useRef<Draft | undefined>(undefined);
  /** Counts our saves, so that an answer which a save has overtaken is not believed. */
  const saves = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);

  const show = useCallback((next: Draft) => {
    latest.current = next;
    setDraft(next);
  }, []);

  const save = useCallback(async () => {
    timer.current = null;
    const saved = latest.current;
    sending.current = saved;
    saves.current += 1;
    setStatus("saving");
    tellTabs<Told>("draft", { conversation, draft: saved });
    try {
      await (isEmptyDraft(saved) ? removeDraft(conversation) : saveDraft(conversation, saved));
      base.current = saved;
      if (latest.current !== saved) return;
      forget(here);
      setStatus(isEmptyDraft(saved) ? "clean" : "saved");
    } catch {
      setStatus("failed");
    } finally {
      if (sending.current === saved) sending.current = undefined;
    }
  }, [conversation, here]);

  const saveSoon = useCallback(() => {
    remember(here, { ...latest.current, base: base.current } satisfies Kept);
    setStatus("waiting");
    if (timer.current) clearTimeout(timer.current);
    timer.current = asking.current ? null : setTimeout(save, QUIET);
  }, [here, save]);

  const change = useCallback(
    (to: Draft | ((have: Draft) => Draft)) => {
      show(typeof to === "function" ? to(latest.current) : to);
      saveSoon();
    },
    [show, saveSoon],
  );

  const hear = useCallback(
    (theirs: Draft) => {
      const answer = meet(latest.current, base.current, theirs, sending.current);
      if (answer === "ask" && isEmptyDraft(theirs)) {
        // They sent or dropped theirs: what is written here is the only version left.
        base.current = theirs;
        asking.current = false;
        setOther(null);
        saveSoon();
      } else if (answer === "take") {
        base.current = theirs;
        show(theirs);
        forget(here);
      } else if (answer === "ask") {
        asking.current = true;
        if (timer.current) clearTimeout(timer.current);
        timer.current = null;
        setOther(theirs);
      }
    },
    [here, show, saveSoon],
  );

  useEffect(() => {
    if (stored.data && saves.current === 0)
      hear({ text: stored.data.text, attachments: stored.data.attachments });
  }, [stored.data, hear]);
  useWindowEvent("focus", () => {
    const before = saves.current;
    client.fetchQuery({ ...draftQuery(conversation), staleTime: 0 }).then(
      ({ text, attachments }) => {
        if (saves.current === before && !sending.current) hear({ text, attachments });
      },
      // Without an answer there is nothing to meet.
      () => {},
    );
  });
  useEffect(
    () =>
      hearTabs<Told>("draft", (told) => {
        if (told.conversation === conversation) hear(told.draft);
      }),
    [conversation, hear],
  );

  /** Decide between the two versions: which of them, or both in one. */
  const settle = useCallback(
    (which: "mine" | "theirs" | "both") => {
      if (!other) return;
      asking.current = false;
      base.current = other;
      setOther(null);
      if (which === "theirs") {
        show(other);
        forget(here);
        setStatus("clean");
      } else {
        if (which === "both") show(joinDrafts(latest.current, other));
        saveSoon();
      }
    },
    [here, other, show, saveSoon],
  );

  // What could not be saved is saved as soon as the line is back.
  const up = useLiveState(live) === "live";
  const failed = useRef(false);
  failed.current = status === "failed";
  useEffect(() => {
    // Once for each time it comes back, never in a circle: a server that refuses is not asked again by itself.
    if (up && failed.current) void save();
  }, [up, save]);

  // Leaving the conversation saves at once what still waits.
  useEffect(
    () => () => {
      if (!timer.current) return;
      clearTimeout(timer.current);
      void save();
    },
    [save],
  );

  return { draft, change, status, other, settle };
}
