import { useMutation } from "@tanstack/react-query";
import { useMemo } from "react";
import { cancelMessage, retryMessage } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Message } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { live } from "~/realtime/instance";
import { notifyProblem } from "~/ui/notify";
import type { ComposerHandle } from "./composer/composer";
import { type Popup, popupOf } from "./composer/state";
import type { BubbleActions } from "./thread/bubble";
import type { ThreadHandle } from "./thread/thread";

/** What can be done with a message of the thread. */
export function useActions(to: {
  composer: React.RefObject<ComposerHandle | null>;
  thread: React.RefObject<ThreadHandle | null>;
  setQuoted(message: Message): void;
  setViewed(key: string): void;
  setPopup(popup: Popup): void;
  setExplained(message: Message): void;
}): BubbleActions {
  const { composer, thread, setQuoted, setViewed, setPopup, setExplained } = to;
  const texts = useTexts();
  const retry = useMutation({
    mutationFn: (message: Message) => retryMessage(message.id),
    onSuccess: (answer) => live.upsert("message.upserted", answer),
    onError: (error) => {
      const problem = ApiProblem.of(error);
      const popup = popupOf(problem);
      if (popup) setPopup(popup);
      else notifyProblem(texts.problem(problem));
    },
  });
  const cancel = useMutation({
    mutationFn: (message: Message) => cancelMessage(message.id),
    onSuccess: (_, message) => {
      live.upsert("message.removed", { id: message.id, conversation_id: message.conversation_id });
      // The words are not lost with the message.
      composer.current?.restore(message.text ?? undefined, undefined);
    },
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
  const onRetry = retry.mutate;
  const onCancel = cancel.mutate;
  return useMemo(
    () => ({
      onQuote: (message) => {
        setQuoted(message);
        composer.current?.focus();
      },
      onRetry,
      onCancel,
      onView: setViewed,
      onJump: (quoted) => thread.current?.jump(quoted),
      onExplain: setExplained,
    }),
    [composer, thread, setQuoted, setViewed, setExplained, onRetry, onCancel],
  );
}
