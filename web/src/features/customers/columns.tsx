import { Anchor, Badge, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Channel, CustomerRow, FilterField, Label, Member } from "~/api/types";
import type { useFormat } from "~/i18n/use-format";
import type { useTranslation } from "~/i18n/use-translation";
import { hasTime } from "~/parts/fields/dates";
import type { ShownField } from "~/parts/fields/shown";
import { FieldValue } from "~/parts/fields/value";
import { GroupBadge } from "~/ui/group-badge";
import { LabelChip } from "~/ui/label-chip";
import { Person } from "~/ui/person";
import classes from "./customers.module.css";
import { RowActions } from "./row-actions";

/** What a cell draws with. */
export interface Around {
  t: ReturnType<typeof useTranslation>["t"];
  format: ReturnType<typeof useFormat>;
  labels: readonly Label[];
  members: readonly Member[];
  channels: readonly Channel[];
  onOpen(conversation: string): void;
}

export interface Column {
  key: string;
  title(around: Pick<Around, "t" | "format">): string;
  /** Pixels, as it comes. */
  width: number;
  /** The field by which it is ordered. */
  sort?: string;
  cell(row: CustomerRow, around: Around): ReactNode;
}

const chips = (labels: readonly Label[]) => (
  <span className={classes.chips}>
    {labels.map((label) => (
      <LabelChip key={label.id} label={label} small />
    ))}
  </span>
);

const carried = (row: CustomerRow, { labels }: Around, kind: Label["kind"]) =>
  labels.filter((label) => label.kind === kind && row.customer.label_ids.includes(label.id));

const words = (texts: readonly (string | undefined)[]) => [...new Set(texts.filter(Boolean))].join(", ");

/** Newest interaction on any account. */
const lastSeen = (row: CustomerRow) =>
  Math.max(0, ...row.customer.identities.map((identity) => identity.last_interaction_at ?? 0));

/** A member ended the follow, and the customer has not come back on any account. */
const removed = (row: CustomerRow) =>
  row.customer.identities.some((identity) => identity.follow_removed_at !== undefined) &&
  !row.customer.identities.some((identity) => identity.is_follower);

/** All columns; the first four are what everybody begins with (seed 002). */
export const COLUMNS: readonly Column[] = [
  {
    key: "actions",
    title: ({ t }) => t("customers.column.actions"),
    width: 110,
    cell: (row, around) => <RowActions row={row} onOpen={around.onOpen} />,
  },
  {
    key: "name",
    title: ({ t }) => t("customers.column.name"),
    width: 250,
    sort: "name",
    cell: (row, { onOpen, t }) => {
      const { display_name: name, avatar_url: src } = row.customer;
      const thread = row.threads[0];
      return (
        <span className={classes.name}>
          <Person name={name} src={src} size={28} />
          {thread ? (
            <Anchor
              component="button"
              size="sm"
              className={classes.nameText}
              onClick={() => onOpen(thread.id)}
            >
              {name}
            </Anchor>
          ) : (
            <span className={classes.nameText}>{name}</span>
          )}
          {removed(row) && (
            <Badge size="xs" variant="light" color="gray" tt="none" className={classes.removed}>
              {t("customers.removed")}
            </Badge>
          )}
          {row.customer.group && <GroupBadge group={row.customer.group} small />}
        </span>
      );
    },
  },
  {
    key: "assignees",
    title: ({ t }) => t("customers.column.assignees"),
    width: 180,
    cell: (row, { members, t }) =>
      words(
        row.threads.map(
          (thread) =>
            thread.assignee_id &&
            (members.find((m) => m.id === thread.assignee_id)?.display_name ?? t("thread.former_member")),
        ),
      ) || (
        <Text size="sm" c="dimmed">
          {t("thread.unassigned")}
        </Text>
      ),
  },
  {
    key: "process_labels",
    title: ({ t }) => t("customers.column.process_labels"),
    width: 190,
    cell: (row, around) => chips(carried(row, around, "process")),
  },
  {
    key: "labels",
    title: ({ t }) => t("customers.column.labels"),
    width: 220,
    cell: (row, around) => chips(carried(row, around, "normal")),
  },
  {
    key: "groups",
    title: ({ t }) => t("customers.column.groups"),
    width: 170,
    cell: (row) => row.customer.group && <GroupBadge group={row.customer.group} />,
  },
  {
    key: "phone",
    title: ({ t }) => t("customers.column.phone"),
    width: 150,
    sort: "phone",
    cell: (row) => row.customer.phone,
  },
  {
    key: "channels",
    title: ({ t }) => t("customers.column.channels"),
    width: 190,
    cell: (row, { channels }) =>
      words(row.customer.identities.map((i) => channels.find((c) => c.id === i.channel_id)?.name)),
  },
  {
    key: "follows",
    title: ({ t }) => t("customers.column.follows"),
    width: 130,
    cell: (row, { t }) =>
      row.customer.identities.some((i) => i.is_follower)
        ? t("customers.follows")
        : t(removed(row) ? "customers.removed" : "customers.follows_not"),
  },
  {
    key: "last_interaction_at",
    title: ({ t }) => t("customers.column.last_interaction_at"),
    width: 160,
    sort: "last_interaction_at",
    cell: (row, { format }) => (lastSeen(row) > 0 ? format.asOf(lastSeen(row)) : ""),
  },
  {
    key: "created_at",
    title: ({ t }) => t("customers.column.created_at"),
    width: 160,
    sort: "created_at",
    cell: (row, { format }) => format.asOf(row.customer.created_at),
  },
];

/** The columns that everybody begins with and every package has. */
export const BASIC_COLUMNS: readonly string[] = ["actions", "name", "assignees", "process_labels"];

const WIDE = new Set(["text", "table", "email", "url"]);

/** A column for a field. */
export const fieldColumn = (field: ShownField): Column => ({
  key: field.key,
  title: () => field.label,
  width: WIDE.has(field.kind) || hasTime(field.format) ? 200 : 140,
  sort: field.key,
  cell: (row) => <FieldCell field={field} value={row.customer.fields[field.key]} />,
});

/** A table in one line, because a row has one. */
function FieldCell({ field, value }: { field: ShownField; value: unknown }) {
  if (typeof value === "object" && value !== null) {
    return field.keys
      .filter((key) => key in value)
      .map((key) => `${key}: ${String((value as Record<string, unknown>)[key])}`)
      .join(" · ");
  }
  return <FieldValue field={field} value={value} />;
}

/** A column may be ordered by only when the member may ask about its field. */
export const sortOf = (column: Column, fields: readonly FilterField[]) =>
  fields.some((field) => field.key === column.sort && !UNORDERED.has(field.kind)) ? column.sort : undefined;

/** The server orders by no field of these. */
const UNORDERED = new Set(["choice", "set", "table", "boolean"]);
