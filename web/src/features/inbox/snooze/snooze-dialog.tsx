import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Conversation, Snooze } from "~/api/types";
import { useFormat, useNow } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import { isComposing, isPressed } from "~/ui/keys";
import { LazyModal } from "~/ui/lazy";
import classes from "./snooze.module.css";
import { parseWhen, presets } from "./when";

/** Until when to put a conversation away: presets by their number, or a typed time. */
export function SnoozeDialog(props: {
  conversation: Conversation;
  opened: boolean;
  onClose(): void;
  onSnooze(wish: Snooze): void;
}) {
  const { t } = useTranslation();
  return (
    <LazyModal
      opened={props.opened}
      onClose={props.onClose}
      title={t("snooze.title")}
      size="sm"
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {props.opened && <Choices {...props} />}
    </LazyModal>
  );
}

function Choices(props: { conversation: Conversation; onClose(): void; onSnooze(wish: Snooze): void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow(10_000);
  const [typed, setTyped] = useState("");
  const offered = presets(props.conversation, now);
  const at = parseWhen(typed, now);
  const choose = (wish: Snooze) => {
    props.onClose();
    props.onSnooze(wish);
  };
  const chooseTyped = () => at !== null && choose({ kind: "time", until: at });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the whole window; each choice is a button too.
    <div
      className={classes.choices}
      onKeyDown={(event) => {
        if (isComposing(event.nativeEvent) || event.target instanceof HTMLInputElement) return;
        const preset = isPressed("filter", event.nativeEvent) ? offered[Number(event.key) - 1] : undefined;
        if (!preset) return;
        event.preventDefault();
        choose(preset.wish);
      }}
    >
      {offered.map((preset, index) => (
        <button
          key={preset.name}
          type="button"
          className={classes.choice}
          data-autofocus={index === 0 || undefined}
          onClick={() => choose(preset.wish)}
        >
          <kbd className={classes.number}>{index + 1}</kbd>
          <span className={classes.name}>{t(`snooze.preset.${preset.name}`)}</span>
          {preset.at !== undefined && <span className={classes.at}>{format.asOf(preset.at)}</span>}
        </button>
      ))}
      <form
        className={classes.typed}
        onSubmit={(event) => {
          event.preventDefault();
          chooseTyped();
        }}
      >
        <TextInput
          className={classes.field}
          label={t("snooze.typed")}
          placeholder={t("snooze.typed_example")}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          description={
            typed.trim() === ""
              ? t("snooze.typed_help")
              : at === null
                ? t("snooze.typed_unknown")
                : t("snooze.typed_means", { time: format.timeAndDate(at) })
          }
          inputWrapperOrder={["label", "input", "description"]}
        />
        <Button type="submit" disabled={at === null}>
          {t("snooze.do")}
        </Button>
      </form>
      <p className={classes.note}>{t("snooze.reply_ends")}</p>
    </div>
  );
}
