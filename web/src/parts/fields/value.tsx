import { Anchor } from "@mantine/core";
import type { ReactNode } from "react";
import { type Language, number } from "~/i18n/format";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import { dateText } from "./dates";
import classes from "./fields.module.css";
import type { ShownField } from "./shown";

/** What is not shown whole has dots in it. */
export const isMasked = (value: unknown) => typeof value === "string" && value.includes("•");

/** A value as it is read. */
export function FieldValue({ field, value }: { field: ShownField; value: unknown }): ReactNode {
  const { t } = useTranslation();
  const { language } = useFormat();
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean") return value ? t("filter.yes") : t("filter.no");
  if (typeof value === "number") return numberText(field, value, language);
  if (typeof value === "object") {
    return (
      <dl className={classes.table}>
        {field.keys
          .filter((key) => key in value)
          .map((key) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{String((value as Record<string, unknown>)[key])}</dd>
            </div>
          ))}
      </dl>
    );
  }
  const text = String(value);
  if (isMasked(text)) return text;
  if (field.options) return field.options.find((option) => option.id === text)?.label ?? text;
  if (field.kind === "url") {
    return (
      <Anchor href={text} target="_blank" rel="noreferrer noopener" size="sm">
        {text}
      </Anchor>
    );
  }
  if (field.kind === "email")
    return (
      <Anchor href={`mailto:${text}`} size="sm">
        {text}
      </Anchor>
    );
  if (field.kind === "phone")
    return (
      <Anchor href={`tel:+${text}`} size="sm">
        {text}
      </Anchor>
    );
  return text;
}

function numberText(field: ShownField, value: number, language: Language): string {
  return field.kind === "datetime" ? dateText(value, field.format) : number(value, language);
}
