import { Button } from "@mantine/core";
import { IconClock, IconClockX } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cancelScheduled, editScheduled, sendScheduled } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { ScheduledMessage, StoredFile } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { membersQuery, scheduledQuery, sessionQuery } from "~/realtime/queries";
import { notifyProblem } from "~/ui/notify";
import { LaterDialog } from "./dialog";
import classes from "./later.module.css";

/** What waits at the end of a thread to be sent later, and what was not sent and came back. */
export function Scheduled(props: {
  conversation: string;
  /** What was taken back goes on in the composer. */
  onRestore(text: string | undefined, file: StoredFile | undefined): void;
}) {
  const { t } = useTranslation();
  const list = useQuery(scheduledQuery(props.conversation)).data ?? [];
  const [edited, setEdited] = useState<ScheduledMessage | null>(null);
  if (list.length === 0) return null;
  return (
    <section className={classes.strip} aria-label={t("later.list")}>
      {list.map((message) => (
        <Waiting
          key={message.id}
          message={message}
          onEdit={() => setEdited(message)}
          onRestore={props.onRestore}
        />
      ))}
      <LaterDialog
        opened={edited !== null}
        conversation={props.conversation}
        edited={edited ?? undefined}
        onClose={() => setEdited(null)}
        onChosen={async ({ sendAt, cancelOnReply, seenClass, text }) => {
          if (!edited) return;
          const answer = await editScheduled(edited.id, {
            text: text?.trim() ? text : undefined,
            send_at: sendAt,
            cancel_on_reply: cancelOnReply,
            seen_class: seenClass,
          });
          live.upsert("scheduled.upserted", answer);
          setEdited(null);
        }}
      />
    </section>
  );
}

function Waiting(props: {
  message: ScheduledMessage;
  onEdit(): void;
  onRestore(text: string | undefined, file: StoredFile | undefined): void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const texts = useTexts();
  const { message } = props;
  const me = useQuery(sessionQuery).data?.member.id;
  const members = useQuery(membersQuery()).data;
  const mine = message.member_id === me;
  const writer = mine
    ? t("thread.you")
    : (members?.find((m) => m.id === message.member_id)?.display_name ?? t("thread.former_member"));
  const failed = (error: Error) => notifyProblem(texts.problem(ApiProblem.of(error)));
  const send = useMutation({
    mutationFn: () => sendScheduled(message.id),
    onSuccess: (answer) => live.upsert("scheduled.upserted", answer),
    onError: failed,
  });
  const cancel = useMutation({
    mutationFn: () => cancelScheduled(message.id),
    onSuccess: () => {
      live.upsert("scheduled.upserted", { ...message, status: "canceled", updated_at: Date.now() });
      if (mine) props.onRestore(message.text, message.file);
    },
    onError: failed,
  });
  const returned = message.status === "returned";
  const time = format.timeAndDate(message.send_at);
  const seen = t(`composer.class.${message.seen_class}`, { price: format.money(message.decision.cost_vnd) });
  const why = message.reason ? t(`later.reasons.${message.reason}`) : "";
  return (
    <article
      className={classes.waiting}
      data-testid="scheduled"
      data-returned={returned || undefined}
      aria-label={t(returned ? "later.returned_label" : "later.waiting_label", { writer, time })}
    >
      <p className={classes.head}>
        {returned ? <IconClockX size={14} aria-hidden="true" /> : <IconClock size={14} aria-hidden="true" />}
        <span>{returned ? t("later.returned", { reason: why }) : t("later.waiting", { time, writer })}</span>
        {!returned && <span className={classes.class}>{seen}</span>}
      </p>
      {returned && message.reason === "not_allowed" && message.problem && (
        <p className={classes.why}>{texts.problem(message.problem)}</p>
      )}
      {message.file && <p className={classes.file}>{message.file.name}</p>}
      {message.text && <p className={classes.text}>{message.text}</p>}
      <p className={classes.actions}>
        {mine && (
          <Button size="compact-xs" variant="subtle" onClick={props.onEdit}>
            {t(returned ? "later.again" : "later.edit")}
          </Button>
        )}
        <Button size="compact-xs" variant="subtle" loading={send.isPending} onClick={() => send.mutate()}>
          {t("later.now")}
        </Button>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          loading={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          {t("later.take_back")}
        </Button>
      </p>
    </article>
  );
}
