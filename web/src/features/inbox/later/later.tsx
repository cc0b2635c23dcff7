import { ActionIcon } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { scheduleMessage } from "~/api/calls";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { useShortcuts } from "~/ui/keys";
import type { Outgoing } from "../composer/split";
import { type Later, LaterDialog } from "./dialog";

/** "Gửi sau": keeps what is written on the server until its time. */
export function LaterButton(props: {
  conversation: string;
  /** There is something to send. */
  ready: boolean;
  outgoing: readonly Outgoing[];
  quoted?: string;
  /** Everything is kept: the composer may forget it. */
  onKept(): void;
  onClosed(): void;
}) {
  const { t } = useTranslation();
  const { conversation, ready, outgoing } = props;
  const [opened, setOpened] = useState(false);
  // Made once for what is written: pressing again after a lost answer keeps nothing twice.
  const ids = useRef<string[]>([]);
  const open = () => {
    if (!ready) return false;
    ids.current = outgoing.map(() => crypto.randomUUID());
    setOpened(true);
  };
  useShortcuts({ later: open });
  const close = () => {
    setOpened(false);
    props.onClosed();
  };
  const keep = async (later: Later) => {
    for (const [at, part] of outgoing.entries()) {
      const kept = await scheduleMessage(conversation, {
        client_id: ids.current[at] ?? crypto.randomUUID(),
        text: part.text,
        file_id: part.file?.id,
        quoted_message_id: at === 0 ? props.quoted : undefined,
        // Parts of one message go in their order.
        send_at: later.sendAt + at,
        cancel_on_reply: later.cancelOnReply,
        seen_class: later.seenClass,
      });
      live.upsert("scheduled.upserted", kept);
    }
    props.onKept();
    close();
  };
  return (
    <>
      <ActionIcon
        data-hint={`${t("later.title")} (Alt Shift Enter)`}
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t("later.title")}
        disabled={!ready}
        onClick={open}
      >
        <IconClock size={20} aria-hidden="true" />
      </ActionIcon>
      <LaterDialog opened={opened} conversation={conversation} onClose={close} onChosen={keep} />
    </>
  );
}
