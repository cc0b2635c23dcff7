import { ActionIcon, Button, Popover, Text, TextInput } from "@mantine/core";
import { IconMoodSmile } from "@tabler/icons-react";
import { type KeyboardEvent, useRef, useState } from "react";
import type { ApiProblem } from "~/api/problem";
import type { Offer } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { useShortcuts } from "~/ui/keys";
import { LazyPopover } from "~/ui/lazy";
import { safeAddress } from "../../thread/pictures";
import classes from "./extras.module.css";

export type Sticker = Offer["stickers"][number];

/**
 * Stickers: those of the operator's catalogue and those that customers sent. The platform lists none, so an id can be
 * typed as well.
 */
export function StickerPicker(props: {
  stickers: readonly Sticker[];
  enabled: boolean;
  onPick(sticker: { id: string; url?: string }): Promise<ApiProblem | null>;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  useShortcuts({ stickers: () => (props.enabled ? setOpened(true) : false) });

  const pick = async (sticker: { id: string; url?: string }) => {
    setProblem(null);
    setOpened(false);
    const refused = await props.onPick(sticker);
    if (!refused) return setTyped("");
    setProblem(refused);
    setOpened(true);
  };
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 4, ArrowUp: -4 }[event.key];
    if (!step) return;
    const all = [...(grid.current?.querySelectorAll("button") ?? [])];
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const to = all[at + step];
    if (at < 0 || !to) return;
    event.preventDefault();
    to.focus();
  };

  return (
    <>
      <ActionIcon
        ref={button}
        aria-haspopup="dialog"
        data-hint={opened ? undefined : t("extras.stickers")}
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t("extras.stickers")}
        disabled={!props.enabled}
        onClick={() => setOpened(!opened)}
      >
        <IconMoodSmile size={20} aria-hidden="true" />
      </ActionIcon>
      <LazyPopover position="top-start" at={button.current} opened={opened} onChange={setOpened}>
        <Popover.Dropdown className={classes.stickers} aria-label={t("extras.stickers")}>
          {props.stickers.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t("extras.no_stickers")}
            </Text>
          ) : (
            // biome-ignore lint/a11y/noStaticElementInteractions: the arrows move between the buttons in it.
            <div ref={grid} className={classes.grid} onKeyDown={walk}>
              {props.stickers.map((sticker) => {
                const address = safeAddress(sticker.url);
                const name = sticker.title ?? t("thread.sticker_alt");
                return (
                  <button
                    key={sticker.id}
                    type="button"
                    className={classes.sticker}
                    title={name}
                    aria-label={name}
                    onClick={() => void pick({ id: sticker.id, url: sticker.url })}
                  >
                    {address ? <img src={address} alt="" loading="lazy" /> : <span>{name}</span>}
                  </button>
                );
              })}
            </div>
          )}
          <form
            className={classes.byId}
            onSubmit={(event) => {
              event.preventDefault();
              if (typed.trim()) void pick({ id: typed.trim() });
            }}
          >
            <TextInput
              size="xs"
              className={classes.grow}
              label={t("extras.sticker_id")}
              description={t("extras.sticker_unsure")}
              value={typed}
              maxLength={100}
              error={problem && texts.problem(problem)}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            <Button size="xs" type="submit" variant="default" disabled={!typed.trim()}>
              {t("composer.send")}
            </Button>
          </form>
        </Popover.Dropdown>
      </LazyPopover>
    </>
  );
}
