import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useEffect, useRef } from "react";
import type { Message } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { conversationQuery } from "~/realtime/queries";
import { preferences } from "~/ui/preferences";
import { recall, remember } from "~/ui/remember";
import { decide, type Incoming, isNew, type Words } from "./decide";
import { ring } from "./sound";

/** What comes within this time is one alert. Milliseconds. */
const GATHER = 1_200;

/** However much comes, and in however many tabs, it rings only so often. Milliseconds. */
const PAUSE = 4_000;

/** Ids remembered, so that a changed message does not ring again. */
const KNOWN = 500;

/** May this browser show notifications? `unsupported`: it has none. */
export function permission(): NotificationPermission | "unsupported" {
  return typeof Notification === "undefined" ? "unsupported" : Notification.permission;
}

const watching = () => document.visibilityState === "visible" && document.hasFocus();

/** Listen to what comes, and ring or notify as the member likes it. */
export function useAlerts(): void {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { conversationId: open } = useParams({ strict: false });
  const latest = useRef({ t, open, navigate });
  latest.current = { t, open, navigate };

  useEffect(() => {
    const known = new Set<string>();
    let waiting: { message: Message; seen: boolean }[] = [];
    let timer: ReturnType<typeof setTimeout> | null = null;

    const flush = async () => {
      timer = null;
      const messages = waiting;
      waiting = [];
      const found = await Promise.all(
        messages.map(async ({ message, seen }): Promise<Incoming[]> => {
          try {
            const conversation = await client.ensureQueryData(conversationQuery(message.conversation_id));
            const { assignee_id: assignee = null, customer, unread_count: unread } = conversation;
            // Read or answered by now, or brought by an import of history: there is nothing to look at.
            if (!seen && unread === 0) return [];
            return [{ message, seen, name: customer.display_name, assignee }];
          } catch {
            // Not ours to see, or gone: nobody is told.
            return [];
          }
        }),
      );
      const now = Date.now();
      const place = {
        me: live.me,
        now,
        watching: watching(),
        permitted: permission() === "granted",
      };
      const alert = decide(found.flat(), place, preferences());
      if (!alert) return;
      // The tabs of one browser ring once between them.
      if (alert.sound && now - recall("rang", 0) > PAUSE) {
        remember("rang", now);
        void ring();
      }
      if (alert.desktop) notify(alert.desktop.words, alert.desktop.conversation);
    };

    const notify = (words: Words, conversation: string) => {
      const { title, body } = written(words, latest.current.t);
      // One tag: a newer one takes the place of the last, in every tab, so that they never pile up.
      const shown = new Notification(title, { body, tag: "loa-message", icon: "/loa.svg", silent: true });
      shown.onclick = () => {
        window.focus();
        shown.close();
        void latest.current.navigate({
          to: "/inbox/$conversationId",
          params: { conversationId: conversation },
          search: { filter: "all" },
        });
      };
    };

    const stop = live.listen((change) => {
      if (change.kind !== "message.upserted") return;
      const message = change.data;
      if (known.has(message.id) || !isNew(message, Date.now())) return;
      known.add(message.id);
      if (known.size > KNOWN) for (const oldest of [...known].slice(0, KNOWN / 2)) known.delete(oldest);
      waiting.push({ message, seen: watching() && message.conversation_id === latest.current.open });
      timer ??= setTimeout(() => void flush(), GATHER);
    });
    return () => {
      stop();
      if (timer) clearTimeout(timer);
    };
  }, [client]);
}

/** Title and text of a notification. */
export function written(words: Words, t: TFunction): { title: string; body: string } {
  if (words.kind === "many") {
    return {
      title: t("alerts.many_title", { count: words.count }),
      body: t("alerts.many_text", { count: words.customers }),
    };
  }
  const { message } = words;
  const body = message.text || t(`kinds.${message.kind}`, { defaultValue: t("kinds.unsupported") });
  if (words.kind === "one") return { title: words.name, body };
  return { title: t("alerts.customer_title", { name: words.name, count: words.count }), body };
}
