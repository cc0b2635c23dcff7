import { Alert, Button, CloseButton, Group, Select, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconSend2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import type { ApiProblem } from "~/api/problem";
import type { Attachment, Offer, Template } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { channelsQuery } from "~/realtime/queries";
import { isComposing } from "~/ui/keys";
import { LazyModal } from "~/ui/lazy";
import { forget, recall, remember } from "~/ui/remember";
import { TemplateView } from "../../thread/template";
import classes from "./extras.module.css";
import {
  type ActionForm,
  type ActionType,
  emptyButton,
  emptyCard,
  emptyForm,
  type Form,
  faultsOf,
  isTouched,
  type TemplateKind,
  templateOf,
} from "./form";

/** A list, a text with buttons, or a request for contact data: its form, its limits, and how the customer sees it. */
export function TemplateForm(props: {
  kind: TemplateKind;
  channel: string;
  conversation: string;
  offer: Offer;
  onSend(text: string | undefined, template: Template): Promise<ApiProblem | null>;
  onClose(): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const { kind, conversation } = props;
  const offered = props.offer.kinds.find((k) => k.kind === kind);
  const limits = offered?.template;
  const account = useQuery(channelsQuery()).data?.find((c) => c.id === props.channel);
  const place = `template.${conversation}.${kind}`;

  const fresh = (): Form => {
    const form = limits ? emptyForm(limits) : { text: "", cards: [], buttons: [] };
    const first = form.cards[0];
    if (kind === "request_info" && first) {
      first.title = account?.name ?? "";
      first.subtitle = t("extras.ask_default");
      first.image = account?.avatar_url ?? "";
    }
    return form;
  };
  const [form, setForm] = useState<Form>(() => recall<Form | null>(place, null) ?? fresh());
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  if (!limits || !offered) return null;

  // What is typed outlives the window, a reload, and a look at another conversation.
  const change = (next: Form) => {
    setForm(next);
    setProblem(null);
    if (isTouched(next, fresh())) remember(place, next);
    else forget(place);
  };
  const card = (at: number, to: Partial<Form["cards"][number]>) =>
    change({ ...form, cards: form.cards.map((c, i) => (i === at ? { ...c, ...to } : c)) });
  const button = (at: number, to: Partial<Form["buttons"][number]>) =>
    change({ ...form, buttons: form.buttons.map((b, i) => (i === at ? { ...b, ...to } : b)) });

  const faults = faultsOf(kind, form, limits, offered.text_max);
  const sound = Object.keys(faults).length === 0;
  const fault = (name: string, most?: number) => {
    const found = faults[name];
    if (!found || (!tried && found === "required")) return undefined;
    return t(`extras.fault.${found}`, { max: most ?? 0 });
  };
  const template = templateOf(kind, form);
  const submit = async () => {
    setTried(true);
    if (!sound || busy) return;
    setBusy(true);
    const refused = await props.onSend(kind === "buttons" ? form.text.trim() : undefined, template);
    setBusy(false);
    if (refused) return setProblem(refused);
    forget(place);
    props.onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || isComposing(event.nativeEvent)) return;
    event.preventDefault();
    void submit();
  };

  return (
    <LazyModal opened onClose={props.onClose} title={t(`extras.kind.${kind}`)} size="xl" returnFocus>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: one key of the whole form sends it. */}
      <div className={classes.form} onKeyDown={onKeyDown}>
        <div className={classes.fields}>
          {kind === "buttons" && (
            <Counted
              label={t("extras.text")}
              value={form.text}
              max={offered.text_max}
              rows={3}
              focus
              error={fault("text", offered.text_max)}
              onChange={(text) => change({ ...form, text })}
            />
          )}
          {form.cards.map((c, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: cards have nothing but their place.
            <fieldset key={at} className={classes.part}>
              {kind === "list" && (
                <legend className={classes.legend}>
                  <span>{t("extras.card", { n: at + 1, max: limits.cards_max })}</span>
                  {form.cards.length > limits.cards_min && (
                    <CloseButton
                      size="xs"
                      aria-label={t("extras.remove_card", { n: at + 1 })}
                      onClick={() => change({ ...form, cards: form.cards.filter((_, i) => i !== at) })}
                    />
                  )}
                </legend>
              )}
              <Counted
                label={t("extras.title")}
                value={c.title}
                max={limits.title_max}
                focus={at === 0}
                error={fault(`cards.${at}.title`, limits.title_max)}
                onChange={(title) => card(at, { title })}
              />
              <Counted
                label={t("extras.subtitle")}
                value={c.subtitle}
                max={limits.subtitle_max}
                rows={2}
                error={fault(`cards.${at}.subtitle`, limits.subtitle_max)}
                onChange={(subtitle) => card(at, { subtitle })}
              />
              <TextInput
                label={t("extras.image")}
                description={t("extras.image_hint")}
                placeholder="https://"
                value={c.image}
                error={fault(`cards.${at}.image`)}
                onChange={(event) => card(at, { image: event.currentTarget.value })}
              />
              {kind === "list" && (
                <Action
                  label={t("extras.tap")}
                  action={c.action}
                  may={["none", "open_url", "say", "say_hidden", "sms", "call"]}
                  limits={limits}
                  error={fault(
                    `cards.${at}.action`,
                    c.action.type === "sms" ? limits.sms_max : limits.query_max,
                  )}
                  onChange={(action) => card(at, { action })}
                />
              )}
            </fieldset>
          ))}
          {kind === "list" && (
            <Add
              label={t("extras.add_card", { max: limits.cards_max })}
              full={form.cards.length >= limits.cards_max}
              onAdd={() => change({ ...form, cards: [...form.cards, emptyCard()] })}
            />
          )}
          {form.buttons.map((b, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: buttons have nothing but their place.
            <fieldset key={at} className={classes.part}>
              <legend className={classes.legend}>
                <span>{t("extras.button", { n: at + 1, max: limits.buttons_max })}</span>
                {form.buttons.length > limits.buttons_min && (
                  <CloseButton
                    size="xs"
                    aria-label={t("extras.remove_button", { n: at + 1 })}
                    onClick={() => change({ ...form, buttons: form.buttons.filter((_, i) => i !== at) })}
                  />
                )}
              </legend>
              <Counted
                label={t("extras.label")}
                value={b.title}
                max={limits.title_max}
                error={fault(`buttons.${at}.title`, limits.title_max)}
                onChange={(title) => button(at, { title })}
              />
              <Action
                label={t("extras.tap")}
                action={b.action}
                may={["open_url", "say", "say_hidden", "sms", "call"]}
                limits={limits}
                error={fault(
                  `buttons.${at}.action`,
                  b.action.type === "sms" ? limits.sms_max : limits.query_max,
                )}
                onChange={(action) => button(at, { action })}
              />
            </fieldset>
          ))}
          {limits.buttons_max > 0 && (
            <Add
              label={t("extras.add_button", { max: limits.buttons_max })}
              full={form.buttons.length >= limits.buttons_max}
              onAdd={() => change({ ...form, buttons: [...form.buttons, emptyButton()] })}
            />
          )}
        </div>
        <section className={classes.preview} aria-label={t("extras.preview")}>
          <p className={classes.previewTitle}>{t("extras.preview")}</p>
          <div className={classes.bubble}>
            {kind === "buttons" && form.text.trim() && (
              <p className={classes.previewText}>{form.text.trim()}</p>
            )}
            <TemplateView attachment={previewOf(kind, template)} />
          </div>
          {kind === "list" && <p className={classes.note}>{t("extras.list_unsure")}</p>}
          {kind === "request_info" && <p className={classes.note}>{t("extras.ask_note")}</p>}
        </section>
      </div>
      {problem && (
        <Alert color="red" role="alert" mt="md">
          {t("composer.refused", { reason: texts.problem(problem) })}
        </Alert>
      )}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={props.onClose}>
          {t("common.cancel")}
        </Button>
        <Button
          loading={busy}
          disabled={tried && !sound}
          leftSection={<IconSend2 size={16} aria-hidden="true" />}
          title="Ctrl Enter"
          onClick={() => void submit()}
        >
          {t("composer.send")}
        </Button>
      </Group>
    </LazyModal>
  );
}

const previewOf = (kind: TemplateKind, template: Template): Attachment => ({
  kind,
  cards: template.cards,
  buttons: template.buttons,
});

function Add(props: { label: string; full: boolean; onAdd(): void }) {
  return (
    <Button
      variant="light"
      size="xs"
      disabled={props.full}
      leftSection={<IconPlus size={14} aria-hidden="true" />}
      onClick={props.onAdd}
    >
      {props.label}
    </Button>
  );
}

/** A field that says how much of its room is used. */
function Counted(props: {
  label: string;
  value: string;
  max: number;
  rows?: number;
  focus?: boolean;
  error?: string;
  onChange(text: string): void;
}) {
  const length = [...props.value].length;
  const common = {
    label: (
      <span className={classes.counted}>
        <span>{props.label}</span>
        <span className={classes.count} data-over={length > props.max || undefined}>
          {length}/{props.max}
        </span>
      </span>
    ),
    "aria-label": props.label,
    value: props.value,
    error: props.error,
    "data-autofocus": props.focus || undefined,
  };
  return props.rows ? (
    <Textarea
      {...common}
      autosize
      minRows={props.rows}
      maxRows={8}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  ) : (
    <TextInput {...common} onChange={(event) => props.onChange(event.currentTarget.value)} />
  );
}

function Action(props: {
  label: string;
  action: ActionForm;
  may: ActionType[];
  limits: { query_max: number; sms_max: number };
  error?: string;
  onChange(action: ActionForm): void;
}) {
  const { t } = useTranslation();
  const { action } = props;
  const { type } = action;
  const change = (to: Partial<ActionForm>) => props.onChange({ ...action, ...to });
  const phoned = type === "sms" || type === "call";
  return (
    <div className={classes.action}>
      <Select
        label={props.label}
        value={type}
        allowDeselect={false}
        data={props.may.map((value) => ({ value, label: t(`extras.action.${value}`) }))}
        onChange={(value) => value && change({ type: value as ActionType })}
      />
      {phoned && (
        <TextInput
          label={t("extras.phone")}
          value={action.phone}
          inputMode="tel"
          error={type === "call" ? props.error : undefined}
          onChange={(event) => change({ phone: event.currentTarget.value })}
        />
      )}
      {type !== "none" && type !== "call" && (
        <TextInput
          label={t(`extras.value.${type}`)}
          placeholder={type === "open_url" ? "https://" : undefined}
          value={action.value}
          error={props.error}
          onChange={(event) => change({ value: event.currentTarget.value })}
        />
      )}
    </div>
  );
}
