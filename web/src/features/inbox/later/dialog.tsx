import { Alert, Button, Checkbox, Group, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import { ApiProblem } from "~/api/problem";
import type { Decision, ScheduledMessage } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { conversationQuery, decisionAtQuery, decisionQuery, hoursQuery } from "~/realtime/queries";
import { LazyModal } from "~/ui/lazy";
import { type ComposerState, composerState } from "../composer/state";
import classes from "./later.module.css";
import { fieldOf, instantOf, presets } from "./times";

export interface Later {
  sendAt: number;
  cancelOnReply: boolean;
  /** What the writer was shown for that time. */
  seenClass: Decision["class"];
  /** Of one that is edited. */
  text?: string;
}

/** When is it to be sent? Shows what it will count as then, by the server's decision. */
export function LaterDialog(props: {
  opened: boolean;
  conversation: string;
  /** One that is changed; else a new one. */
  edited?: ScheduledMessage;
  onClose(): void;
  /** Resolves when it is kept; a problem leaves the dialog open. */
  onChosen(later: Later): Promise<void>;
}) {
  const { t } = useTranslation();
  return (
    <LazyModal
      opened={props.opened}
      onClose={props.onClose}
      title={t(props.edited ? "later.edit_title" : "later.title")}
    >
      {props.opened && <Form {...props} />}
    </LazyModal>
  );
}

function Form(props: Parameters<typeof LaterDialog>[0]) {
  const { t } = useTranslation();
  const format = useFormat();
  const texts = useTexts();
  const { conversation, edited } = props;
  const channel = useQuery(conversationQuery(conversation)).data?.channel_id;
  const [now] = useState(() => Date.now());
  const hours = useQuery(hoursQuery()).data?.channels.find((c) => c.channel_id === channel);
  const present = composerState(useQuery(decisionQuery(conversation)).data);
  const offered = presets(now, hours?.opens_at, present.reply?.until);
  const [field, setField] = useState(() => fieldOf(edited?.send_at ?? offered[0]?.at ?? now));
  const [cancelOnReply, setCancelOnReply] = useState(edited?.cancel_on_reply ?? true);
  const [text, setText] = useState(edited?.text ?? "");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const submit = useRef<HTMLButtonElement>(null);
  const at = instantOf(field);
  const future = at !== null && at > now;
  const asked = useQuery({ ...decisionAtQuery(conversation, at ?? 0), enabled: future });
  const then = future ? composerState(asked.data, asked.isError) : null;
  const refused = then !== null && (then.kind === "locked_no_money" || (!then.class && then.why !== null));
  const needsText = edited !== undefined && !edited.file && !edited.sticker_id;
  const ready = future && !refused && !busy && (!needsText || text.trim() !== "");

  const choose = async (event: FormEvent) => {
    event.preventDefault();
    if (!ready || at === null) return;
    setBusy(true);
    setProblem(null);
    try {
      const seenClass = then?.class ?? null;
      await props.onChosen({ sendAt: at, cancelOnReply, seenClass, ...(edited && { text }) });
    } catch (error) {
      setProblem(ApiProblem.of(error));
    } finally {
      setBusy(false);
    }
  };
  const wrong = (problem?.params ?? {}) as { field?: string; reason?: string };
  return (
    <form className={classes.form} onSubmit={(event) => void choose(event)}>
      {edited && (
        <Textarea
          label={t("later.text")}
          autosize
          minRows={2}
          maxRows={8}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      <fieldset className={classes.presets}>
        <legend>{t("later.when")}</legend>
        {offered.map(({ preset, at: offer }, index) => (
          <Button
            key={preset}
            variant={at === offer ? "light" : "default"}
            aria-pressed={at === offer}
            justify="space-between"
            fullWidth
            data-autofocus={!edited && index === 0 ? true : undefined}
            rightSection={<span className={classes.time}>{format.timeAndDate(offer)}</span>}
            onClick={() => {
              setField(fieldOf(offer));
              submit.current?.focus();
            }}
          >
            {t(`later.presets.${preset}`)}
          </Button>
        ))}
      </fieldset>
      <TextInput
        type="datetime-local"
        label={t("later.at")}
        description={t("later.zone")}
        value={field}
        min={fieldOf(now)}
        error={
          at !== null && !future
            ? t("later.past")
            : wrong.field === "send_at"
              ? t(wrong.reason === "too_far" ? "later.too_far" : "later.past")
              : undefined
        }
        onChange={(event) => setField(event.currentTarget.value)}
      />
      <Checkbox
        label={t("later.cancel_on_reply")}
        checked={cancelOnReply}
        onChange={(event) => setCancelOnReply(event.currentTarget.checked)}
      />
      <div aria-live="polite">{then && <Then then={then} present={present} />}</div>
      {problem && wrong.field !== "send_at" && (
        <Alert color="red" role="alert">
          {wrong.reason === "too_many_scheduled" ? t("later.too_many") : texts.problem(problem)}
        </Alert>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={props.onClose}>
          {t("common.cancel")}
        </Button>
        <Button ref={submit} type="submit" disabled={!ready} loading={busy}>
          {t(edited ? "common.save" : "later.confirm")}
        </Button>
      </Group>
    </form>
  );
}

/** What it will count as, and a warning when that is not what it counts as now. */
function Then({ then, present }: { then: ComposerState; present: ComposerState }) {
  const { t } = useTranslation();
  const format = useFormat();
  const texts = useTexts();
  const id = useId();
  if (then.kind === "loading") return null;
  if (!then.class) {
    if (then.why === null) return null;
    return (
      <Alert color="red" data-testid="later-then">
        {t("later.refused", { reason: then.reason ? texts.reason(then.reason) : "" })}
      </Alert>
    );
  }
  const word = t(`composer.class.${then.class}`, { price: format.money(then.costVnd) });
  const free = (kind: ComposerState["class"]) => kind === "reply" || kind === "welcome";
  if (free(present.class) && !free(then.class)) {
    const until = present.reply ? format.timeAndDate(present.reply.until) : "";
    return (
      <Alert color="yellow" id={id} data-testid="later-then">
        {t("later.dearer", { class: word, until })}
      </Alert>
    );
  }
  return (
    <p className={classes.then} data-testid="later-then">
      {t("later.counts_as", { class: word })}
    </p>
  );
}
