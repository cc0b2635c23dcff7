import { UnstyledButton } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type KeyboardEvent, useRef } from "react";
import { react, takeReactionBack } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Message, ReactionIcon } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { notifyProblem } from "~/ui/notify";
import classes from "./thread.module.css";
import { emojiOf, REACTIONS } from "./words";

/** What opens the picker of the message whose article this is; for the shortcut. */
export function openPicker(article: HTMLElement | null): boolean {
  const button = article?.querySelector<HTMLElement>("[data-react]");
  button?.click();
  return button != null;
}

/** The OA's reaction to a message: six to choose from, the chosen one again takes it back. Uses no quota. */
export function ReactionPicker({ message, onDone }: { message: Message; onDone(): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const frame = useRef<HTMLDivElement>(null);
  const ours = message.reactions.find((r) => r.by === "us");
  const chosen = ours && emojiOf(ours.icon);
  const change = useMutation({
    mutationFn: (icon: ReactionIcon | null) =>
      icon ? react(message.id, { icon }) : takeReactionBack(message.id),
    onSuccess: (answer) => live.upsert("message.upserted", answer),
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
  const press = (icon: ReactionIcon, emoji: string) => {
    change.mutate(emoji === chosen ? null : icon);
    onDone();
  };
  const walk = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const buttons = [...(frame.current?.querySelectorAll("button") ?? [])];
    const at = buttons.findIndex((button) => button.matches(":focus"));
    buttons.at((at + by + buttons.length) % buttons.length)?.focus();
  };
  const first = Math.max(
    0,
    REACTIONS.findIndex(([, emoji]) => emoji === chosen),
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is no row of buttons.
    <div ref={frame} role="group" aria-label={t("thread.react")} className={classes.picker} onKeyDown={walk}>
      {REACTIONS.map(([icon, emoji], at) => (
        <UnstyledButton
          key={icon}
          className={classes.pick}
          aria-label={t(`thread.reactions.${icon}`)}
          aria-pressed={emoji === chosen}
          data-autofocus={at === first || undefined}
          onClick={() => press(icon, emoji)}
        >
          {emoji}
        </UnstyledButton>
      ))}
    </div>
  );
}
