import { Alert, Button, Group, MultiSelect, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "~/i18n/use-translation";
import { LazyModal } from "./lazy";

interface Label {
  id: string;
  name: string;
  kind: "normal" | "process";
  archived: boolean;
}

export interface Relabel {
  add: string[];
  remove: string[];
}

/** Which labels are put on many customers and which are taken off. */
export function RelabelDialog(props: {
  opened: boolean;
  title: string;
  labels: readonly Label[];
  busy: boolean;
  /** Why it was refused: a title and what helps. */
  refused: { title: string; text?: string } | null;
  onRun(relabel: Relabel): void;
  onClose(): void;
}) {
  const { t } = useTranslation();
  return (
    <LazyModal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {props.opened && <Form {...props} />}
    </LazyModal>
  );
}

function Form(props: {
  labels: readonly Label[];
  busy: boolean;
  refused: { title: string; text?: string } | null;
  onRun(relabel: Relabel): void;
  onClose(): void;
}) {
  const { t } = useTranslation();
  const { labels } = props;
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const steps = labels.filter((label) => label.kind === "process");
  const chosenSteps = steps.filter((label) => add.includes(label.id)).length;
  const offered = (list: readonly Label[]) => {
    const part = (kind: Label["kind"]) =>
      list.filter((label) => label.kind === kind).map(({ id, name }) => ({ value: id, label: name }));
    return [
      { group: t("labels.kinds.process"), items: part("process") },
      { group: t("labels.kinds.normal"), items: part("normal") },
    ].filter(({ items }) => items.length > 0);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.onRun({ add, remove });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <MultiSelect
          label={t("customers.relabel.add")}
          placeholder={add.length === 0 ? t("customers.relabel.empty") : undefined}
          data-autofocus
          searchable
          clearable
          value={add}
          error={chosenSteps > 1 ? t("customers.relabel.two_process") : undefined}
          onChange={(ids) => {
            setAdd(ids);
            setRemove(remove.filter((id) => !ids.includes(id)));
          }}
          data={offered(labels.filter((label) => !label.archived))}
        />
        {chosenSteps === 1 && (
          <Text size="xs" c="dimmed">
            {t("customers.relabel.process_hint")}
          </Text>
        )}
        <MultiSelect
          label={t("customers.relabel.remove")}
          placeholder={remove.length === 0 ? t("customers.relabel.empty") : undefined}
          searchable
          clearable
          value={remove}
          onChange={(ids) => {
            setRemove(ids);
            setAdd(add.filter((id) => !ids.includes(id)));
          }}
          data={offered(labels)}
        />
        {props.refused && (
          <Alert color="red" title={props.refused.title} role="alert">
            {props.refused.text}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            {t("common.cancel")}
          </Button>
          <Button
            type="submit"
            loading={props.busy}
            disabled={chosenSteps > 1 || (add.length === 0 && remove.length === 0)}
          >
            {t("customers.relabel.run")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
