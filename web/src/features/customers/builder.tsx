import { ActionIcon, Button, Select } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { FilterField, FilterOp } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./customers.module.css";
import { firstValue, type Item, isGroup, newId, newRow, type Row } from "./tree";
import { ValueInput } from "./value-input";

/** The conditions in rows: all of them hold; in a row of its own, one of several. */
export function Builder(props: {
  items: readonly Item[];
  fields: readonly FilterField[];
  /** Where the server did not understand something: the place among the items. */
  wrong?: ReadonlySet<number>;
  onChange(items: Item[]): void;
}) {
  const { t } = useTranslation();
  const { items, fields, onChange } = props;
  const put = (at: number, item: Item | null) =>
    onChange(item ? items.with(at, item) : items.filter((_, other) => other !== at));
  if (items.length === 0) return null;
  return (
    <ul className={classes.rows} aria-label={t("filter.conditions")}>
      {items.map((item, at) => (
        <li key={item.id} className={classes.item} data-wrong={props.wrong?.has(item.id) || undefined}>
          {isGroup(item) ? (
            <Any
              rows={item.any}
              fields={fields}
              onChange={(any) =>
                put(at, any.length === 0 ? null : any.length === 1 ? (any[0] as Row) : { ...item, any })
              }
            />
          ) : (
            <div className={classes.condition}>
              <OneRow row={item} fields={fields} onChange={(row) => put(at, row)} />
              <OrButton
                onClick={() => {
                  const field = fields.find((f) => f.key === item.field) ?? fields[0];
                  if (field) put(at, { id: newId(), any: [item, newRow(field)] });
                }}
              />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function Any(props: { rows: readonly Row[]; fields: readonly FilterField[]; onChange(rows: Row[]): void }) {
  const { t } = useTranslation();
  const { rows, fields, onChange } = props;
  const last = rows.at(-1);
  return (
    <fieldset className={classes.any}>
      <legend className={classes.legend}>{t("filter.any")}</legend>
      {rows.map((row, at) => (
        <div key={row.id} className={classes.condition}>
          <OneRow
            row={row}
            fields={fields}
            onChange={(to) => onChange(to ? rows.with(at, to) : rows.filter((_, other) => other !== at))}
          />
        </div>
      ))}
      <OrButton
        onClick={() => {
          const field = fields.find((f) => f.key === last?.field) ?? fields[0];
          if (field) onChange([...rows, newRow(field)]);
        }}
      />
    </fieldset>
  );
}

function OrButton({ onClick }: { onClick(): void }) {
  const { t } = useTranslation();
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      color="gray"
      leftSection={<IconPlus size={12} aria-hidden="true" />}
      onClick={onClick}
    >
      {t("filter.or")}
    </Button>
  );
}

function OneRow(props: { row: Row; fields: readonly FilterField[]; onChange(row: Row | null): void }) {
  const { t } = useTranslation();
  const { language } = useFormat();
  const { row, fields, onChange } = props;
  const field = fields.find((f) => f.key === row.field);
  const change = (key: string | null) => {
    const to = fields.find((f) => f.key === key);
    if (to) onChange({ ...newRow(to), id: row.id });
  };
  return (
    <>
      <Select
        size="xs"
        w={180}
        searchable
        aria-label={t("filter.field")}
        value={field ? row.field : null}
        placeholder={field ? undefined : t("filter.field_gone")}
        error={!field}
        onChange={change}
        data={fields.map((f) => ({ value: f.key, label: f.label[language] }))}
      />
      {field && (
        <Select
          size="xs"
          w={190}
          aria-label={t("filter.op_label")}
          value={row.op}
          onChange={(op) =>
            op && onChange({ ...row, op: op as FilterOp, value: kept(row, field, op as FilterOp) })
          }
          data={field.ops.map((op) => ({ value: op, label: opWord(t, field.kind, op) }))}
        />
      )}
      {field && <ValueInput row={row} field={field} onChange={(value) => onChange({ ...row, value })} />}
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={t("filter.remove")}
        data-hint={t("filter.remove")}
        onClick={() => onChange(null)}
      >
        <IconX size={14} aria-hidden="true" />
      </ActionIcon>
    </>
  );
}

/** What was typed stays when the next operator takes the same. */
function kept(row: Row, field: FilterField, op: FilterOp): unknown {
  const shape = (value: unknown) =>
    Array.isArray(value) ? "list" : value === undefined ? "nothing" : typeof value;
  const first = firstValue(field, op);
  const takesOne = first === undefined && op !== "empty" && op !== "not_empty";
  const same = takesOne ? ["string", "number"].includes(shape(row.value)) : shape(first) === shape(row.value);
  const isDays = (o: FilterOp) => o === "in_last" || o === "in_next" || o === "day_month_in_next";
  return same && isDays(op) === isDays(row.op) && op !== "day_month" ? row.value : first;
}

type T = ReturnType<typeof useTranslation>["t"];

/** What an operator is called for this kind of field: a number is "bằng", a text "là". */
export function opWord(t: T, kind: FilterField["kind"], op: FilterOp): string {
  if (kind === "number" && (op === "is" || op === "is_not" || op === "between"))
    return t(`filter.op.number_${op}`);
  if (kind === "datetime" && op === "between") return t("filter.op.date_between");
  return t(`filter.op.${op}`);
}
