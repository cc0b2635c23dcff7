import { useQuery, useQueryClient } from "@tanstack/react-query";
import { keys } from "~/api/keys";
import type { Message } from "~/api/types";
import { sessionQuery } from "~/realtime/queries";
import { useShortcuts } from "~/ui/keys";
import { useOutbox } from "./outbox";
import { articleId, type BubbleActions } from "./thread/bubble";
import { isPicture } from "./thread/pictures";
import { openPicker } from "./thread/react";
import type { ThreadHandle } from "./thread/thread";

/** The keys that are about messages. */
export function useMessageKeys(props: {
  id: string;
  thread: React.RefObject<ThreadHandle | null>;
  actions: BubbleActions;
  onView(key: string): void;
  resend(): Promise<void>;
}): void {
  const { id, thread, actions } = props;
  const client = useQueryClient();
  const outbox = useOutbox();
  const me = useQuery(sessionQuery).data?.member.id;
  const loaded = () =>
    (client.getQueryData<{ pages: { items: Message[] }[] }>(keys.messages(id))?.pages ?? [])
      .flatMap((page) => page.items)
      .sort((a, b) => b.sent_at - a.sent_at);
  /** The message that has the focus, else the newest that fits. */
  const meant = (fits: (message: Message) => boolean) => {
    const chosen = thread.current?.chosen();
    return chosen ? [chosen].find(fits) : loaded().find(fits);
  };
  useShortcuts({
    message_up: () => thread.current?.step(-1),
    message_down: () => thread.current?.step(1),
    quote: () => {
      const chosen = thread.current?.chosen();
      const message = meant((m) => Boolean(m.platform_id) && (m === chosen || m.author === "customer"));
      if (!message) return false;
      actions.onQuote(message);
    },
    to_quoted: () => {
      const quoted = meant((m) => Boolean(m.quoted))?.quoted;
      if (!quoted) return false;
      actions.onJump(quoted);
    },
    react: () => {
      const chosen = thread.current?.chosen();
      const message = meant((m) => Boolean(m.platform_id) && (m === chosen || m.author === "customer"));
      return message ? openPicker(document.getElementById(articleId(message.id))) : false;
    },
    picture: () => {
      const message = meant((m) => m.attachments.some((a) => isPicture(a.kind)));
      const at = message?.attachments.findIndex((a) => isPicture(a.kind)) ?? -1;
      if (!message || at < 0) return false;
      props.onView(`${message.id}/${at}`);
    },
    retry: () => {
      if (outbox.some((p) => p.conversationId === id && p.state === "failed")) {
        void props.resend();
        return;
      }
      const message = meant((m) => m.status === "failed" && m.member_id === me);
      if (!message) return false;
      actions.onRetry(message);
    },
  });
}
