import { Button, Group, NumberInput, Select, TagsInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { changeField, createField } from "~/api/calls";
import { newId } from "~/api/ids";
import { ApiProblem } from "~/api/problem";
import type { CustomerField, DateFormat, Mask } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { fold } from "~/ui/fold";
import classes from "~/ui/table.module.css";

const KINDS = ["text", "number", "boolean", "datetime", "table", "email", "phone", "url"] as const;
const FORMATS: readonly DateFormat[] = [
  "dd/MM/yyyy",
  "dd/MM/yyyy HH:mm:ss",
  "dd-MM-yyyy",
  "dd-MM-yyyy HH:mm:ss",
  "yyyy-MM-dd",
  "yyyy-MM-ddTHH:mm:ss",
];
const PRIVACIES = ["open", "masked", "hidden"] as const;
const STYLES = ["all", "first", "last", "after"] as const;
/** A number of these is masked unless somebody wants otherwise. */
const PERSONAL = new Set(["phone", "email"]);
const MAX_KEYS = 5;

/** A name for programs from one for people: "Hạng thẻ" is hang_the. */
export function keyOf(label: string): string {
  const words = fold(label)
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  const key = /^[0-9]/.test(words) ? `f_${words}` : words;
  return key.slice(0, 40);
}

/** A field to be made or changed. What it holds and its key stand for good once it is made. */
export function FieldEditor(props: {
  field: CustomerField | null;
  /** The package has tables. */
  tables: boolean;
  onDone(): void;
  onCancel(): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const { field } = props;
  const [id] = useState(() => field?.id ?? newId("fld"));
  const [label, setLabel] = useState(field?.label ?? "");
  const [key, setKey] = useState(field?.key ?? "");
  const [kind, setKind] = useState<CustomerField["kind"]>(field?.kind ?? "text");
  const [help, setHelp] = useState(field?.help ?? "");
  const [tableKeys, setTableKeys] = useState<string[]>(field?.keys ?? []);
  const [format, setFormat] = useState<DateFormat>(field?.format ?? "dd/MM/yyyy");
  const [privacy, setPrivacy] = useState<CustomerField["privacy"]>(field?.privacy ?? "open");
  const [mask, setMask] = useState<Mask>(field?.mask ?? { style: "all" });
  const program = key || keyOf(label);
  const isTable = kind === "table";
  const save = useMutation({
    mutationFn: async () => {
      const said = { label, help, privacy, mask, format, ...(isTable ? { keys: tableKeys } : {}) };
      return field ? changeField(field.id, said) : createField({ id, key: program, kind, ...said });
    },
    onSuccess: props.onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      {save.isError && (
        <p className={classes.error} role="alert">
          {texts.problem(ApiProblem.of(save.error))}
        </p>
      )}
      <TextInput
        label={t("fields.label")}
        data-autofocus
        required
        withAsterisk={false}
        maxLength={60}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      <Select
        label={t("fields.kind")}
        description={field ? t("fields.fixed") : t("fields.kind_hint")}
        disabled={field !== null}
        allowDeselect={false}
        value={kind}
        onChange={(to) => {
          if (!to) return;
          setKind(to as CustomerField["kind"]);
          setPrivacy(PERSONAL.has(to) ? "masked" : "open");
        }}
        data={KINDS.map((one) => ({
          value: one,
          label: t(`fields.kinds.${one}`),
          disabled: one === "table" && !props.tables,
        }))}
      />
      <TextInput
        label={t("fields.key")}
        description={field ? t("fields.fixed") : t("fields.key_hint")}
        disabled={field !== null}
        autoComplete="off"
        spellCheck={false}
        maxLength={40}
        value={program}
        onChange={(event) => setKey(event.currentTarget.value)}
      />
      {isTable && (
        <TagsInput
          label={t("fields.keys")}
          description={field ? t("fields.keys_fixed") : t("fields.keys_hint", { max: MAX_KEYS })}
          maxTags={MAX_KEYS}
          value={tableKeys}
          onChange={(to) =>
            setTableKeys([...(field?.keys ?? []), ...to.filter((k) => !field?.keys.includes(k))])
          }
        />
      )}
      {kind === "datetime" && (
        <Select
          label={t("fields.format")}
          allowDeselect={false}
          value={format}
          onChange={(to) => to && setFormat(to as DateFormat)}
          data={[...FORMATS]}
        />
      )}
      <TextInput
        label={t("fields.help")}
        maxLength={255}
        value={help}
        onChange={(event) => setHelp(event.currentTarget.value)}
      />
      <Select
        label={t("fields.privacy_label")}
        description={t(`fields.privacy_hint.${privacy}`)}
        allowDeselect={false}
        value={privacy}
        onChange={(to) => to && setPrivacy(to as CustomerField["privacy"])}
        data={PRIVACIES.map((one) => ({ value: one, label: t(`fields.privacy.${one}`) }))}
      />
      {privacy === "masked" && <MaskInput mask={mask} onChange={setMask} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={props.onCancel}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" loading={save.isPending}>
          {t("common.save")}
        </Button>
      </Group>
    </form>
  );
}

function MaskInput({ mask, onChange }: { mask: Mask; onChange(mask: Mask): void }) {
  const { t } = useTranslation();
  const counts = {
    count: "count" in mask ? mask.count : 3,
    skip: "skip" in mask ? mask.skip : 3,
  };
  const of = (style: string, change: Partial<typeof counts> = {}): Mask => {
    const { count, skip } = { ...counts, ...change };
    if (style === "first" || style === "last") return { style, count };
    return style === "after" ? { style, skip, count } : { style: "all" };
  };
  const number = (label: string, value: number, min: number, set: (n: number) => void) => (
    <NumberInput
      label={label}
      min={min}
      max={50}
      allowDecimal={false}
      value={value}
      onChange={(n) => typeof n === "number" && set(n)}
    />
  );
  return (
    <>
      <Select
        label={t("fields.mask")}
        allowDeselect={false}
        value={mask.style}
        onChange={(style) => style && onChange(of(style))}
        data={STYLES.map((style) => ({ value: style, label: t(`fields.masks.${style}`) }))}
      />
      {mask.style === "after" &&
        number(t("fields.mask_skip"), counts.skip, 0, (skip) => onChange(of(mask.style, { skip })))}
      {mask.style !== "all" &&
        number(t("fields.mask_count"), counts.count, 1, (count) => onChange(of(mask.style, { count })))}
    </>
  );
}
