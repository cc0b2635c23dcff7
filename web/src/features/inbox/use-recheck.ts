import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { recheckComposer } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import { type ComposerKind, type ComposerState, composerState } from "./composer/state";

/** What "Kiểm tra lại" found, for the notice. */
export type Found = { at: number } & (
  | { kind: "same" | "changed" | "try" }
  | { kind: "failed"; problem: ApiProblem }
);

export interface Recheck {
  busy: boolean;
  /** Of the last check, as long as the notice it belongs to stands. */
  found: Found | null;
  run(): void;
}

/** What two looks at the composer's state say about each other. */
export function compare(before: ComposerState, after: ComposerState): "same" | "changed" | "try" {
  if (!before.enabled && after.enabled) return "try";
  const look = (s: ComposerState) =>
    JSON.stringify([s.kind, s.class, s.counter?.used, s.counter?.total, s.left, s.reason?.code]);
  return look(before) === look(after) ? "same" : "changed";
}

/**
 * "Kiểm tra lại": the server asks the platform once for the account's numbers and says what it shows then. After
 * money ran out the next message is one real try.
 */
export function useRecheck(
  conversation: string,
  state: ComposerState,
  refetch: () => Promise<ComposerState>,
): Recheck {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<(Found & { for: ComposerKind }) | null>(null);
  const latest = useRef({ state, refetch });
  latest.current = { state, refetch };
  const running = useRef(false);
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);

  const run = useCallback(() => {
    // One press, one question: the platform counts requests.
    if (running.current) return;
    running.current = true;
    setBusy(true);
    const { state: before } = latest.current;
    void (async () => {
      let problem: ApiProblem | null = null;
      let after: ComposerState;
      try {
        const view = await recheckComposer(conversation);
        client.setQueryData(keys.decision(conversation), view);
        after = composerState(view);
      } catch (error) {
        problem = ApiProblem.of(error);
        after = await latest.current.refetch();
      }
      running.current = false;
      if (gone.current) return;
      setBusy(false);
      const at = Date.now();
      setFound(
        problem
          ? { kind: "failed", problem, at, for: after.kind }
          : { kind: compare(before, after), at, for: after.kind },
      );
    })();
  }, [client, conversation]);

  return { busy, found: found?.for === state.kind ? found : null, run };
}
