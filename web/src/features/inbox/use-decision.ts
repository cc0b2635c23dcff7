import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { keys } from "~/api/keys";
import { decisionQuery } from "~/realtime/queries";
import { type ComposerState, composerState } from "./composer/state";

/** Longest delay a browser's timer takes. */
const LONGEST = 2 ** 31 - 1;

/** The composer's state, asked again at the instant the rules say it changes. */
export function useDecision(conversation: string): {
  state: ComposerState;
  /** Ask now, and say what came of it. */
  refetch: () => Promise<ComposerState>;
} {
  const client = useQueryClient();
  const query = useQuery(decisionQuery(conversation));
  const changesAt = query.data?.changes_at;
  // The server's clock may differ from ours; what counts is the time between its own two instants.
  const decidedAt = query.data?.decided_at;
  const readAt = query.dataUpdatedAt;

  useEffect(() => {
    if (changesAt == null || decidedAt == null) return;
    const wait = changesAt - decidedAt - (Date.now() - readAt) + 50;
    if (wait > LONGEST) return;
    const timer = setTimeout(
      () => void client.invalidateQueries({ queryKey: keys.decision(conversation) }),
      Math.max(1_000, wait),
    );
    return () => clearTimeout(timer);
  }, [client, conversation, changesAt, decidedAt, readAt]);

  const ask = query.refetch;
  const refetch = useCallback(async () => {
    const { data, isError } = await ask();
    return composerState(data, isError);
  }, [ask]);
  return { state: composerState(query.data, query.isError), refetch };
}
