import { Menu, Popover } from "@mantine/core";
import {
  IconArrowBackUp,
  IconCopy,
  IconCornerLeftUp,
  IconHelpCircle,
  IconRefresh,
  IconTrash,
} from "@tabler/icons-react";
import { type Ref, useImperativeHandle, useState } from "react";
import type { Message } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import { LazyMenu, LazyPopover } from "~/ui/lazy";
import type { BubbleActions } from "./bubble";
import { ReactionPicker } from "./react";

/** What opens over the button of a message. */
export type MenuKind = "react" | "tools";

export interface MessageMenusHandle {
  /** Open over this button, or close when it is open there. */
  toggle(kind: MenuKind, message: string, button: HTMLElement): void;
}

/** The menu and the reactions of whichever message asks for them; one of each serves the whole thread. */
export function MessageMenus(props: {
  ref?: Ref<MessageMenusHandle>;
  find(message: string): Message | undefined;
  actions: BubbleActions;
}) {
  const { t } = useTranslation();
  const [at, setAt] = useState<{ kind: MenuKind; message: string; button: HTMLElement } | null>(null);
  const [open, setOpen] = useState<MenuKind | null>(null);
  useImperativeHandle(props.ref, () => ({
    toggle: (kind, message, button) => {
      setAt({ kind, message, button });
      setOpen(open === kind && at?.button === button ? null : kind);
    },
  }));
  const message = at ? props.find(at.message) : undefined;
  const shown = message ? open : null;
  const close = () => setOpen(null);
  const menu = (kind: MenuKind) => ({
    opened: shown === kind,
    onChange: (opened: boolean) => setOpen(opened ? kind : null),
    at: at?.kind === kind ? at.button : null,
  });
  return (
    <>
      <LazyPopover {...menu("react")} position="top" shadow="md">
        <Popover.Dropdown p={4} aria-label={t("thread.react")}>
          {message && <ReactionPicker message={message} onDone={close} />}
        </Popover.Dropdown>
      </LazyPopover>
      <LazyMenu {...menu("tools")} position="bottom-end">
        {message && <Tools message={message} actions={props.actions} />}
      </LazyMenu>
    </>
  );
}

function Tools({ message, actions }: { message: Message; actions: BubbleActions }) {
  const { t } = useTranslation();
  const { quoted, text } = message;
  const failed = message.status === "failed" && message.author !== "bot";
  return (
    <>
      {message.platform_id && (
        <Menu.Item
          leftSection={<IconArrowBackUp size={16} aria-hidden="true" />}
          onClick={() => actions.onQuote(message)}
        >
          {t("thread.quote")}
        </Menu.Item>
      )}
      {quoted && (
        <Menu.Item
          leftSection={<IconCornerLeftUp size={16} aria-hidden="true" />}
          onClick={() => actions.onJump(quoted)}
        >
          {t("thread.to_quoted")}
        </Menu.Item>
      )}
      {text && (
        <Menu.Item
          leftSection={<IconCopy size={16} aria-hidden="true" />}
          onClick={() => void navigator.clipboard?.writeText(text)}
        >
          {t("thread.copy")}
        </Menu.Item>
      )}
      {message.decision && (
        <Menu.Item
          leftSection={<IconHelpCircle size={16} aria-hidden="true" />}
          onClick={() => actions.onExplain(message)}
        >
          {t("thread.explain")}
        </Menu.Item>
      )}
      {failed && (
        <Menu.Item
          leftSection={<IconRefresh size={16} aria-hidden="true" />}
          onClick={() => actions.onRetry(message)}
        >
          {t("thread.retry")}
        </Menu.Item>
      )}
      {failed && (
        <Menu.Item
          leftSection={<IconTrash size={16} aria-hidden="true" />}
          onClick={() => actions.onCancel(message)}
        >
          {t("thread.cancel")}
        </Menu.Item>
      )}
    </>
  );
}
