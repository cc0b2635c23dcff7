import { ActionIcon, Menu } from "@mantine/core";
import { IconForms, IconListDetails, IconPlus, IconSquareRoundedPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { ApiProblem } from "~/api/problem";
import type { Message } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import { conversationQuery, offerQuery } from "~/realtime/queries";
import { useShortcuts } from "~/ui/keys";
import { LazyMenu } from "~/ui/lazy";
import { type Pending, send } from "../../outbox";
import type { TemplateKind } from "./form";
import { StickerPicker } from "./stickers";
import { TemplateForm } from "./template-form";

const KINDS: { kind: TemplateKind; icon: typeof IconForms }[] = [
  { kind: "buttons", icon: IconSquareRoundedPlus },
  { kind: "list", icon: IconListDetails },
  { kind: "request_info", icon: IconForms },
];

export interface ExtrasProps {
  conversation: string;
  enabled: boolean;
  quoted: Message | null;
  /** The message is on its way, with its quote. */
  onSent(): void;
  /** It was refused for a reason that concerns the composer. */
  onRefused(problem: ApiProblem): void;
}

/** Everything that is neither text nor file: what the platform takes by the account's rules, and nothing else. */
export function Extras(props: ExtrasProps) {
  const { t } = useTranslation();
  const { conversation, enabled, quoted } = props;
  const channel = useQuery(conversationQuery(conversation)).data?.channel_id;
  const offer = useQuery({ ...offerQuery(channel ?? ""), enabled: Boolean(channel) }).data;
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const [form, setForm] = useState<TemplateKind | null>(null);
  const kinds = KINDS.filter(({ kind }) => offer?.kinds.some((k) => k.kind === kind && k.template));
  useShortcuts({ extras: () => (enabled ? setOpened(true) : false) });

  const go = async (what: Pick<Pending, "text" | "sticker" | "template">): Promise<ApiProblem | null> => {
    const quote = quoted && { id: quoted.id, text: quoted.text ?? t(`kinds.${quoted.kind}`) };
    const going = send({
      clientId: crypto.randomUUID(),
      conversationId: conversation,
      ...what,
      quoted: quote ?? undefined,
      createdAt: Date.now(),
    });
    const sent = await going;
    if (sent.ok || sent.kept) {
      props.onSent();
      return null;
    }
    if (sent.problem.code === "send_not_allowed" || sent.problem.code === "not_found")
      props.onRefused(sent.problem);
    return sent.problem;
  };

  return (
    <>
      <ActionIcon
        ref={button}
        aria-haspopup="menu"
        onClick={() => setOpened(!opened)}
        data-hint={opened ? undefined : t("extras.more")}
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t("extras.more")}
        disabled={!enabled || kinds.length === 0}
      >
        <IconPlus size={20} aria-hidden="true" />
      </ActionIcon>
      <LazyMenu
        position="top-start"
        at={button.current}
        opened={opened && kinds.length > 0}
        onChange={setOpened}
      >
        {kinds.map(({ kind, icon: Icon }) => (
          <Menu.Item
            key={kind}
            leftSection={<Icon size={18} aria-hidden="true" />}
            onClick={() => setForm(kind)}
          >
            {t(`extras.kind.${kind}`)}
          </Menu.Item>
        ))}
      </LazyMenu>
      <StickerPicker
        stickers={offer?.stickers ?? []}
        enabled={enabled && Boolean(offer?.kinds.some((k) => k.kind === "sticker"))}
        onPick={(sticker) => go({ sticker })}
      />
      {form && channel && offer && (
        <TemplateForm
          key={form}
          kind={form}
          channel={channel}
          conversation={conversation}
          offer={offer}
          onSend={(text, template) => go({ text, template })}
          onClose={() => setForm(null)}
        />
      )}
    </>
  );
}
