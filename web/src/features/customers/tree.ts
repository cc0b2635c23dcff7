/**
 * The conditions while they are edited. Pure: from and to the tree that the server takes.
 *
 * The bar of basic filters and the rows below it are one tree, so that nothing is asked twice: a top-level test "has one
 * of" on a basic field stands in the bar, everything else in the rows.
 */
import type { FilterField, FilterNode, FilterOp } from "~/api/types";

/** One condition; what is not complete yet asks for nothing. */
export interface Row {
  id: number;
  field: string;
  op: FilterOp;
  value: unknown;
}

/** At least one of these. */
export interface Group {
  id: number;
  any: Row[];
}

export type Item = Row | Group;

export interface Conditions {
  /** What the bar asks for, by field: ids, or words. */
  basic: Record<string, string[]>;
  items: Item[];
}

export const EVERYBODY: FilterNode = { all: [] };

/** The basic filters in their order (seed 002): Nhãn, Nhân viên, Nhóm khách hàng, Vị trí, Giới tính. */
export const BASIC = ["labels", "assignees", "groups", "address", "gender"] as const;

/** How the bar asks about each. */
const BASIC_OPS: Record<string, FilterOp> = {
  labels: "any_of",
  assignees: "any_of",
  groups: "any_of",
  address: "contains",
  gender: "in",
};

export const isGroup = (item: Item): item is Group => "any" in item;

let last = 0;
/** Names a row as long as it is shown. */
export const newId = () => ++last;

/** An operator that takes no value. */
export const isBare = (op: FilterOp) => op === "empty" || op === "not_empty";

export const isDay = (value: unknown) => typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value);

const isNumber = (value: unknown) => typeof value === "number" && Number.isFinite(value);
const isText = (value: unknown) => typeof value === "string" && value.trim() !== "";
const isList = (value: unknown, one: (item: unknown) => boolean): value is unknown[] =>
  Array.isArray(value) && value.length > 0 && value.every(one);
const isPair = (value: unknown, one: (item: unknown) => boolean) => isList(value, one) && value.length === 2;

/** May the row be asked? The server looks again and closer. */
export function isComplete(row: Row, field: FilterField | undefined): boolean {
  if (!field?.ops.includes(row.op)) return false;
  const { op, value } = row;
  if (isBare(op)) return true;
  switch (field.kind) {
    case "number":
      return op === "between" ? isPair(value, isNumber) : isNumber(value);
    case "boolean":
      return typeof value === "boolean";
    case "datetime":
      if (op === "between") return isPair(value, isDay);
      if (op === "day_month") return typeof value === "string" && /^\d{2}-\d{2}$/.test(value);
      return op.startsWith("in_") || op === "day_month_in_next" ? isNumber(value) : isDay(value);
    case "table": {
      const row = value as { key?: unknown; value?: unknown } | null;
      return isText(row?.key) && isText(row?.value);
    }
    case "set":
      return isList(value, isText);
    default:
      return op === "in" || op === "not_in" ? isList(value, isText) : isText(value);
  }
}

/** What an operator's value begins with. */
export function firstValue(field: FilterField, op: FilterOp): unknown {
  if (isBare(op)) return undefined;
  if (op === "in_last" || op === "in_next" || op === "day_month_in_next") return 7;
  if (op === "between") return [undefined, undefined];
  if (field.kind === "boolean") return true;
  if (field.kind === "set" || op === "in" || op === "not_in") return [];
  if (field.kind === "table") return { key: field.keys[0] ?? "", value: "" };
  return undefined;
}

/** A new condition: of a text a part, otherwise the first operator of the field. */
export function newRow(field: FilterField): Row {
  const op = field.ops.find((op) => op === "contains") ?? field.ops[0] ?? "not_empty";
  return { id: newId(), field: field.key, op, value: firstValue(field, op) };
}

const nodeOf = ({ field, op, value }: Row): FilterNode => (isBare(op) ? { field, op } : { field, op, value });

/** The tree of everything that is complete. */
export function toTree({ basic, items }: Conditions, fields: readonly FilterField[]): FilterNode {
  // A field that is gone is asked about all the same: the server refuses, and the list never shows more than its
  // conditions say.
  const complete = (row: Row) => {
    const field = fields.find((f) => f.key === row.field);
    return field === undefined || isComplete(row, field);
  };
  const all: FilterNode[] = [];
  for (const key of BASIC) {
    const asked = basic[key]?.filter((text) => text.trim() !== "") ?? [];
    if (asked.length === 0) continue;
    const op = BASIC_OPS[key] as FilterOp;
    all.push({ field: key, op, value: op === "contains" ? asked[0] : asked });
  }
  for (const item of items) {
    if (!isGroup(item)) {
      if (complete(item)) all.push(nodeOf(item));
      continue;
    }
    const any = item.any.filter(complete).map(nodeOf);
    if (any.length === 1) all.push(any[0] as FilterNode);
    else if (any.length > 1) all.push({ any });
  }
  return { all };
}

/** The conditions of a tree; null when it stands deeper than the rows can show. */
export function fromTree(tree: FilterNode): Conditions | null {
  const conditions: Conditions = { basic: {}, items: [] };
  for (const node of tree.all ?? [tree]) {
    if (node.any) {
      const any = node.any.map(rowOf);
      if (any.some((row) => row === null)) return null;
      conditions.items.push({ id: newId(), any: any as Row[] });
      continue;
    }
    const row = rowOf(node);
    if (!row) return null;
    const isBasic = BASIC_OPS[row.field] === row.op && conditions.basic[row.field] === undefined;
    if (isBasic) conditions.basic[row.field] = [row.value].flat() as string[];
    else conditions.items.push(row);
  }
  return conditions;
}

function rowOf({ field, op, value }: FilterNode): Row | null {
  return field !== undefined && op !== undefined ? { id: newId(), field, op, value } : null;
}
