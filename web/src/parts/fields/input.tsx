import { NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import { hasTime, inputText } from "./dates";
import classes from "./fields.module.css";
import type { ShownField } from "./shown";

/** Where a value of a field is typed. What is typed is read by the server; an instant is shown as its input writes it. */
export function FieldInput(props: {
  field: ShownField;
  value: unknown;
  error?: string;
  onChange(value: unknown): void;
}) {
  const { t } = useTranslation();
  const { language } = useFormat();
  const { field, value, onChange } = props;
  const text = typeof value === "string" ? value : "";
  const common = {
    size: "xs",
    "aria-label": field.label,
    description: field.help,
    error: props.error,
    "data-autofocus": true,
  } as const;
  switch (field.kind) {
    case "number":
      return (
        <NumberInput
          {...common}
          hideControls
          decimalScale={3}
          thousandSeparator={language === "vi" ? "." : ","}
          decimalSeparator={language === "vi" ? "," : "."}
          value={typeof value === "number" ? value : ""}
          onChange={(n) => onChange(typeof n === "number" ? n : null)}
        />
      );
    case "datetime":
      return (
        <TextInput
          {...common}
          type={hasTime(field.format) ? "datetime-local" : "date"}
          step={hasTime(field.format) ? 1 : undefined}
          value={typeof value === "number" ? inputText(value, field.format) : text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "boolean":
      return (
        <Select
          {...common}
          clearable
          value={typeof value === "boolean" ? String(value) : null}
          onChange={(answer) => onChange(answer === null ? null : answer === "true")}
          data={[
            { value: "true", label: t("filter.yes") },
            { value: "false", label: t("filter.no") },
          ]}
        />
      );
    case "choice":
      return (
        <Select
          {...common}
          clearable
          value={text || null}
          onChange={onChange}
          data={(field.options ?? []).map((option) => ({ value: option.id, label: option.label }))}
        />
      );
    case "table": {
      const rows = (typeof value === "object" && value !== null ? value : {}) as Record<string, string>;
      return (
        <div className={classes.form}>
          {field.keys.map((key, at) => (
            <TextInput
              key={key}
              size="xs"
              label={key}
              maxLength={255}
              data-autofocus={at === 0 || undefined}
              error={at === 0 ? props.error : undefined}
              value={rows[key] ?? ""}
              onChange={(event) => onChange({ ...rows, [key]: event.currentTarget.value })}
            />
          ))}
        </div>
      );
    }
    case "text":
      return (
        <Textarea
          {...common}
          autosize
          minRows={1}
          maxRows={5}
          maxLength={255}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          {...common}
          type={field.kind === "email" ? "email" : field.kind === "phone" ? "tel" : "url"}
          maxLength={255}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
