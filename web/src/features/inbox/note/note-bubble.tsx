import { ActionIcon, Button, Menu, Textarea } from "@mantine/core";
import { IconCopy, IconDots, IconLock, IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { changeNote, removeNote } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Message } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { membersQuery, sessionQuery } from "~/realtime/queries";
import { isPressed } from "~/ui/keys";
import { LazyMenu } from "~/ui/lazy";
import { notifyProblem } from "~/ui/notify";
import { parts, toStored, toTyped } from "./mentions";
import classes from "./note.module.css";

/** A private note in the thread. One's own can be changed and removed. */
export function NoteBubble(props: { id: string; message: Message; writer: string; flash?: boolean }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const { message } = props;
  const members = useQuery(membersQuery()).data ?? [];
  const me = useQuery(sessionQuery).data?.member.id;
  const own = message.member_id === me;
  const [menu, setMenu] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const fail = (error: unknown) => notifyProblem(texts.problem(ApiProblem.of(error)));
  const change = useMutation({
    mutationFn: (text: string) => changeNote(message.id, toStored(text, members)),
    onSuccess: (note) => {
      live.upsert("message.upserted", note);
      setTyped(null);
    },
    onError: fail,
  });
  const remove = useMutation({
    mutationFn: () => removeNote(message.id),
    onSuccess: () =>
      live.upsert("message.removed", { id: message.id, conversation_id: message.conversation_id }),
    onError: fail,
  });
  const words = toTyped(message.text ?? "", members);
  return (
    <article
      id={props.id}
      tabIndex={-1}
      className={classes.note}
      data-flash={props.flash || undefined}
      data-testid="note"
      aria-label={t("note.by", { name: props.writer, time: format.time(message.sent_at) })}
    >
      <div className={classes.head}>
        <IconLock size={13} aria-hidden="true" />
        <span className={classes.writer}>{props.writer}</span>
        <span>{t("note.private")}</span>
        <time dateTime={new Date(message.sent_at).toISOString()}>{format.time(message.sent_at)}</time>
        {message.edited_at && <span>{t("note.edited")}</span>}
        <ActionIcon
          ref={button}
          aria-haspopup="menu"
          onClick={() => setMenu(!menu)}
          className={classes.tools}
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={t("note.tools")}
        >
          <IconDots size={16} aria-hidden="true" />
        </ActionIcon>
        <LazyMenu position="bottom-end" at={button.current} opened={menu} onChange={setMenu}>
          <Menu.Item
            leftSection={<IconCopy size={16} aria-hidden="true" />}
            onClick={() => void navigator.clipboard?.writeText(words)}
          >
            {t("thread.copy")}
          </Menu.Item>
          {own && (
            <Menu.Item
              leftSection={<IconPencil size={16} aria-hidden="true" />}
              onClick={() => setTyped(words)}
            >
              {t("note.edit")}
            </Menu.Item>
          )}
          {own && (
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} aria-hidden="true" />}
              onClick={() => remove.mutate()}
            >
              {t("note.remove")}
            </Menu.Item>
          )}
        </LazyMenu>
      </div>
      {typed === null ? (
        <p className={classes.text}>
          {parts(message.text ?? "").map((part, at) =>
            "text" in part ? (
              part.text
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places.
              <span key={at} className={classes.mention} data-me={part.member === me || undefined}>
                @{members.find((m) => m.id === part.member)?.display_name ?? t("thread.former_member")}
              </span>
            ),
          )}
        </p>
      ) : (
        <div className={classes.editing}>
          <Textarea
            aria-label={t("note.field")}
            autosize
            minRows={1}
            maxRows={8}
            autoFocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (isPressed("leave", event.nativeEvent)) setTyped(null);
              if (!isPressed("send", event.nativeEvent)) return;
              event.preventDefault();
              if (typed.trim()) change.mutate(typed);
            }}
          />
          <div className={classes.actions}>
            <Button size="compact-sm" variant="default" onClick={() => setTyped(null)}>
              {t("common.cancel")}
            </Button>
            <Button
              size="compact-sm"
              disabled={!typed.trim()}
              loading={change.isPending}
              onClick={() => change.mutate(typed)}
            >
              {t("common.save")}
            </Button>
          </div>
        </div>
      )}
    </article>
  );
}
