import { MultiSelect, NumberInput, Select, TagsInput, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { FilterField } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./customers.module.css";
import { isBare, type Row } from "./tree";

/** The field for what an operator takes; nothing for one that takes nothing. */
export function ValueInput(props: { row: Row; field: FilterField; onChange(value: unknown): void }) {
  const { t } = useTranslation();
  const { language } = useFormat();
  const { row, field, onChange } = props;
  const { op, value } = row;
  const label = t("filter.value", { field: field.label[language] });
  const options = field.options.map((option) => ({ value: option.id, label: option.label[language] }));
  const list = Array.isArray(value) ? (value as string[]) : [];
  const text = typeof value === "string" ? value : "";
  const common = { size: "xs", "aria-label": label } as const;
  if (isBare(op)) return null;
  const number = (
    at: unknown,
    set: (n: number | undefined) => void,
    name: string,
    extra?: object,
  ): ReactNode => (
    <NumberInput
      size="xs"
      aria-label={name}
      w={130}
      hideControls
      decimalScale={3}
      thousandSeparator={language === "vi" ? "." : ","}
      decimalSeparator={language === "vi" ? "," : "."}
      value={typeof at === "number" ? at : ""}
      onChange={(n) => set(typeof n === "number" ? n : undefined)}
      {...extra}
    />
  );
  const day = (at: unknown, set: (text: string) => void, name: string): ReactNode => (
    <TextInput
      size="xs"
      type="date"
      aria-label={name}
      w={150}
      value={typeof at === "string" ? at : ""}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
  const pair = (one: typeof day | typeof number): ReactNode => {
    const [first, second] = Array.isArray(value) ? value : [];
    return (
      <>
        {one(first, (to) => onChange([to, second]), t("filter.from", { field: field.label[language] }))}
        <span className={classes.to}>{t("filter.to_word")}</span>
        {one(second, (to) => onChange([first, to]), t("filter.to", { field: field.label[language] }))}
      </>
    );
  };
  switch (field.kind) {
    case "number":
      return op === "between" ? pair(number) : number(value, onChange, label);
    case "datetime":
      if (op === "between") return pair(day);
      if (op === "day_month") return <DayMonth label={label} value={text} onChange={onChange} />;
      if (op === "in_last" || op === "in_next" || op === "day_month_in_next") {
        return (
          <>
            {number(value, onChange, label, { w: 80, min: 1, decimalScale: 0 })}
            <span className={classes.to}>{t("filter.days")}</span>
          </>
        );
      }
      return day(value, onChange, label);
    case "boolean":
      return (
        <Select
          {...common}
          w={110}
          value={value === false ? "no" : "yes"}
          onChange={(answer) => onChange(answer === "yes")}
          data={[
            { value: "yes", label: t("filter.yes") },
            { value: "no", label: t("filter.no") },
          ]}
        />
      );
    case "table": {
      const at = (value ?? {}) as { key?: string; value?: string };
      return (
        <>
          <Select
            size="xs"
            w={130}
            aria-label={t("filter.table_key")}
            value={at.key ?? ""}
            onChange={(key) => onChange({ ...at, key: key ?? "" })}
            data={field.keys}
          />
          <TextInput
            {...common}
            value={at.value ?? ""}
            onChange={(event) => onChange({ ...at, value: event.currentTarget.value })}
          />
        </>
      );
    }
    case "set":
      return (
        <MultiSelect
          {...common}
          className={classes.wide}
          searchable
          value={list}
          onChange={onChange}
          data={options}
        />
      );
    case "choice":
      return op === "in" || op === "not_in" ? (
        <MultiSelect {...common} className={classes.wide} value={list} onChange={onChange} data={options} />
      ) : (
        <Select {...common} value={text || null} onChange={onChange} data={options} />
      );
    default:
      return op === "in" || op === "not_in" ? (
        <TagsInput
          {...common}
          className={classes.wide}
          value={list}
          onChange={onChange}
          placeholder={list.length === 0 ? t("filter.list_hint") : undefined}
        />
      ) : (
        <TextInput
          {...common}
          className={classes.wide}
          maxLength={255}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

/** A day of any year, as it is written: day before month. */
function DayMonth(props: { label: string; value: string; onChange(value: string): void }) {
  const { t } = useTranslation();
  const [month = "", day = ""] = props.value.split("-");
  const two = (n: number | string) => String(n).padStart(2, "0");
  const set = (day: number | string, month: number | string) => props.onChange(`${two(month)}-${two(day)}`);
  return (
    <>
      <NumberInput
        size="xs"
        w={64}
        hideControls
        min={1}
        max={31}
        aria-label={t("filter.day", { label: props.label })}
        placeholder={t("filter.day_short")}
        value={day === "" ? "" : Number(day)}
        onChange={(n) => set(n, month || "01")}
      />
      <span className={classes.to}>/</span>
      <NumberInput
        size="xs"
        w={64}
        hideControls
        min={1}
        max={12}
        aria-label={t("filter.month", { label: props.label })}
        placeholder={t("filter.month_short")}
        value={month === "" ? "" : Number(month)}
        onChange={(n) => set(day || "01", n)}
      />
    </>
  );
}
