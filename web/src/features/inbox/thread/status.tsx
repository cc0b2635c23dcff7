import { ActionIcon, Badge, Button, Group, Menu } from "@mantine/core";
import {
  IconCheck,
  IconChevronDown,
  IconClockPause,
  IconHourglass,
  IconPlayerTrackNext,
  IconRotateClockwise,
} from "@tabler/icons-react";
import { useRef, useState } from "react";
import type { Conversation } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import { run, useShortcuts } from "~/ui/keys";
import { LazyMenu } from "~/ui/lazy";
import { notifyDone } from "~/ui/notify";
import { SnoozeDialog } from "../snooze/snooze-dialog";
import { useChangeConversation } from "./assignee";

/** What a conversation's status is, and everything that changes it: button, menu, keys, snooze window. */
export function StatusMenu({ conversation, narrow }: { conversation: Conversation; narrow: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  // Which conversation the window is about; it does not stay open over the next.
  const [snoozing, setSnoozing] = useState<string | null>(null);
  const [menu, setMenu] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const change = useChangeConversation(conversation.id);
  const { status } = conversation;
  const done = status === "closed" || status === "snoozed";
  const toggle = () => change.mutate({ status: done ? "open" : "closed" });
  const pending = () => change.mutate({ status: status === "pending" ? "open" : "pending" });
  const snooze = () => setSnoozing(conversation.id);
  useShortcuts({ close: toggle, pending, snooze });

  const until = conversation.snooze?.until;
  const badge =
    status === "snoozed"
      ? until
        ? t("thread.badge.snoozed_until", { time: format.asOf(until) })
        : t("thread.badge.snoozed")
      : status === "pending" || status === "closed"
        ? t(`thread.badge.${status}`)
        : null;
  const Icon = done ? IconRotateClockwise : IconCheck;
  const word = done ? t("thread.reopen") : t("thread.close");
  return (
    <>
      {badge && !narrow && (
        <Badge variant="light" color={status === "closed" ? "gray" : "yellow"} size="sm" tt="none">
          {badge}
        </Badge>
      )}
      <Group gap={1} wrap="nowrap">
        {narrow ? (
          <ActionIcon variant="default" aria-label={word} loading={change.isPending} onClick={toggle}>
            <Icon size={16} aria-hidden="true" />
          </ActionIcon>
        ) : (
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon size={14} aria-hidden="true" />}
            loading={change.isPending}
            onClick={toggle}
          >
            {word}
          </Button>
        )}
        <ActionIcon
          ref={button}
          variant="default"
          size={narrow ? "md" : 30}
          aria-label={t("thread.status_menu")}
          aria-haspopup="menu"
          onClick={() => setMenu(!menu)}
        >
          <IconChevronDown size={14} aria-hidden="true" />
        </ActionIcon>
        <LazyMenu position="bottom-end" at={button.current} opened={menu} onChange={setMenu}>
          <Menu.Item
            leftSection={<IconClockPause size={16} aria-hidden="true" />}
            rightSection={<Key>Z</Key>}
            onClick={snooze}
          >
            {t("thread.snooze")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconHourglass size={16} aria-hidden="true" />}
            rightSection={<Key>P</Key>}
            onClick={pending}
          >
            {status === "pending" ? t("thread.unpend") : t("thread.pend")}
          </Menu.Item>
          <Menu.Item
            leftSection={<Icon size={16} aria-hidden="true" />}
            rightSection={<Key>E</Key>}
            onClick={toggle}
          >
            {word}
          </Menu.Item>
          {!done && (
            <Menu.Item
              leftSection={<IconPlayerTrackNext size={16} aria-hidden="true" />}
              rightSection={<Key>Shift E</Key>}
              onClick={() => run("close_next")}
            >
              {t("thread.close_next")}
            </Menu.Item>
          )}
        </LazyMenu>
      </Group>
      <SnoozeDialog
        conversation={conversation}
        opened={snoozing === conversation.id}
        onClose={() => setSnoozing(null)}
        onSnooze={(wish) =>
          change.mutate(
            { snooze: wish },
            {
              onSuccess: ({ snooze: kept }) =>
                notifyDone(
                  kept?.until
                    ? t("snooze.done_until", { time: format.asOf(kept.until) })
                    : t("snooze.done_reply"),
                ),
            },
          )
        }
      />
    </>
  );
}

function Key({ children }: { children: string }) {
  return <kbd style={{ font: "inherit", fontSize: "0.75rem", opacity: 0.7 }}>{children}</kbd>;
}
