import { Anchor, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Channel, CustomerRow, FilterField, Label, Member } from "~/api/types";
import type { useFormat } from "~/i18n/use-format";
import type { useTranslation } from "~/i18n/use-translation";
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
    cell: (row, { onOpen }) => {
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
        : t("customers.follows_not"),
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

/** A column may be ordered by only when the member may ask about its field. */
export const sortOf = (column: Column, fields: readonly FilterField[]) =>
  fields.some((field) => field.key === column.sort) ? column.sort : undefined;
