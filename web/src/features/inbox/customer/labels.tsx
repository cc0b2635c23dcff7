import { Button } from "@mantine/core";
import { IconTag } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { can } from "~/api/access";
import { createLabel, labelCustomer } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Conversation, Label } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { customerQuery, labelsQuery, sessionQuery } from "~/realtime/queries";
import { fold } from "~/ui/fold";
import { run } from "~/ui/keys";
import { LabelChip } from "~/ui/label-chip";
import { notifyProblem } from "~/ui/notify";
import { Picker } from "~/ui/picker";
import classes from "./panel.module.css";

/** The labels among all of them that stand in this list, in their order. */
export function labelsOf(all: readonly Label[] | undefined, ids: readonly string[]): Label[] {
  return (all ?? []).filter((label) => ids.includes(label.id));
}

function useLabelling(conversation: Conversation) {
  const texts = useTexts();
  const say = (error: unknown) => notifyProblem(texts.problem(ApiProblem.of(error)));
  const put = useMutation({
    mutationFn: (change: { put?: string[]; remove?: string[] }) =>
      labelCustomer(conversation.customer.id, change),
    onSuccess: (answer) => live.upsert("customer.upserted", answer),
    onError: say,
  });
  const make = useMutation({
    mutationFn: (name: string) => createLabel({ name, colour: "teal" }),
    onSuccess: (label) => {
      live.upsert("label.upserted", label);
      put.mutate({ put: [label.id] });
    },
    onError: say,
  });
  return { put, make };
}

/** What the customer carries, each to be taken off, and the way to put more on. */
export function CustomerLabels({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const session = useQuery(sessionQuery).data ?? undefined;
  const all = useQuery(labelsQuery()).data;
  const { put } = useLabelling(conversation);
  const mayEdit = can(session, "customer", "edit");
  const carried = labelsOf(all, conversation.label_ids);
  const refusals = useQuery(customerQuery(conversation.customer.id)).data?.label_refusals ?? [];
  return (
    <section className={classes.labels} aria-label={t("labels.of_customer")}>
      {carried.map((label) => (
        <LabelChip
          key={label.id}
          label={label}
          removeLabel={t("labels.take_off", { name: label.name })}
          onRemove={mayEdit ? () => put.mutate({ remove: [label.id] }) : undefined}
        />
      ))}
      {refusals.map(({ label_id: id, on, reason }) => (
        <p key={`${id} ${on}`} className={classes.refused} role="status">
          {t(on ? "labels.not_put" : "labels.not_taken", {
            name: (all ?? []).find((label) => label.id === id)?.name,
            reason,
          })}
        </p>
      ))}
      {mayEdit && (
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          leftSection={<IconTag size={14} aria-hidden="true" />}
          onClick={() => run("labels")}
        >
          {t("labels.put")}
        </Button>
      )}
    </section>
  );
}

/** All labels; Enter puts one on the customer or takes it off. */
export function LabelDialog(props: { conversation: Conversation; opened: boolean; onClose(): void }) {
  const { t } = useTranslation();
  const { conversation } = props;
  const session = useQuery(sessionQuery).data ?? undefined;
  const all = useQuery({ ...labelsQuery(), enabled: props.opened }).data ?? [];
  const { put, make } = useLabelling(conversation);
  const carries = (label: Label) => conversation.label_ids.includes(label.id);
  return (
    <Picker
      opened={props.opened}
      onClose={props.onClose}
      label={t("labels.dialog", { name: conversation.customer.display_name })}
      placeholder={t("labels.find")}
      nothing={t("labels.nothing")}
      items={all.filter((label) => !label.archived || carries(label))}
      keyOf={(label) => label.id}
      texts={(label) => [label.name]}
      render={(label) => <LabelChip label={label} />}
      checked={carries}
      onPick={(label) => put.mutate(carries(label) ? { remove: [label.id] } : { put: [label.id] })}
      extra={(typed) => {
        const there = all.some((label) => fold(label.name) === fold(typed));
        if (!typed || there || !can(session, "label", "create")) return null;
        return { label: t("labels.make", { name: typed }), run: () => make.mutate(typed) };
      }}
    />
  );
}
