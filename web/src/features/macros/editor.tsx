import {
  ActionIcon,
  Button,
  Group,
  MultiSelect,
  SegmentedControl,
  Select,
  Textarea,
  TextInput,
} from "@mantine/core";
import { IconArrowUp, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { changeMacro, createMacro } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Macro, MacroAction } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { labelsQuery, membersQuery, repliesQuery } from "~/realtime/queries";
import classes from "~/ui/table.module.css";
import { blank, isComplete, KINDS, type Kind } from "./kinds";

/** An action with a key of its own, so that fields stay with it when it moves. */
interface Entry {
  key: number;
  action: MacroAction;
}

export function MacroEditor(props: {
  macro: Macro | null;
  mayShare: boolean;
  onSaved(): void;
  onCancel(): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const { macro } = props;
  const [name, setName] = useState(macro?.name ?? "");
  const [personal, setPersonal] = useState(macro?.personal ?? !props.mayShare);
  const [entries, setEntries] = useState<readonly Entry[]>(() =>
    (macro?.actions ?? []).map((action, key) => ({ key, action })),
  );
  const counter = useRef(entries.length);
  const save = useMutation({
    mutationFn: () => {
      const body = { name, personal, actions: entries.map((entry) => entry.action) };
      return macro ? changeMacro(macro.id, body) : createMacro(body);
    },
    onSuccess: props.onSaved,
  });
  const add = (kind: Kind) => {
    counter.current += 1;
    setEntries([...entries, { key: counter.current, action: blank(kind) }]);
  };
  const set = (key: number, action: MacroAction) =>
    setEntries(entries.map((entry) => (entry.key === key ? { key, action } : entry)));
  const up = (at: number) => {
    const moved = [...entries];
    const [entry] = moved.splice(at, 1);
    if (entry) moved.splice(at - 1, 0, entry);
    setEntries(moved);
  };
  const ready = entries.length > 0 && entries.every((entry) => isComplete(entry.action));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) save.mutate();
  };
  const problem = save.isError ? ApiProblem.of(save.error) : null;
  return (
    <form onSubmit={submit} className={classes.form}>
      {problem && (
        <p className={classes.error} role="alert">
          {said(problem, t) ?? texts.problem(problem)}
        </p>
      )}
      <TextInput
        label={t("macros.name")}
        data-autofocus
        autoComplete="off"
        required
        withAsterisk={false}
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {entries.length > 0 && (
        <ol className={classes.list} aria-label={t("macros.in_order")}>
          {entries.map(({ key, action }, at) => (
            <li key={key} className={classes.row}>
              <div className={classes.body}>
                <ActionFields action={action} onChange={(next) => set(key, next)} />
              </div>
              <div className={classes.actions}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t("macros.action_up")}
                  disabled={at === 0}
                  onClick={() => up(at)}
                >
                  <IconArrowUp size={16} aria-hidden="true" />
                </ActionIcon>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t("macros.action_remove")}
                  onClick={() => setEntries(entries.filter((entry) => entry.key !== key))}
                >
                  <IconTrash size={16} aria-hidden="true" />
                </ActionIcon>
              </div>
            </li>
          ))}
        </ol>
      )}
      <Select
        aria-label={t("macros.add_action")}
        placeholder={t("macros.add_action")}
        value={null}
        onChange={(kind) => kind && add(kind as Kind)}
        data={KINDS.map((kind) => ({ value: kind, label: t(`macros.actions.${kind}`) }))}
      />
      {props.mayShare && (
        <SegmentedControl
          aria-label={t("replies.whose")}
          value={personal ? "personal" : "shared"}
          onChange={(whose) => setPersonal(whose === "personal")}
          data={[
            { value: "shared", label: t("replies.shared") },
            { value: "personal", label: t("replies.personal") },
          ]}
        />
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={props.onCancel}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" loading={save.isPending} disabled={!ready}>
          {t("common.save")}
        </Button>
      </Group>
    </form>
  );
}

/** What one action needs to know. */
function ActionFields({
  action,
  onChange,
}: {
  action: MacroAction;
  onChange(to: MacroAction): void;
}): ReactNode {
  const { t } = useTranslation();
  const replies = useQuery(repliesQuery()).data ?? [];
  const labels = useQuery(labelsQuery()).data ?? [];
  const members = useQuery(membersQuery()).data ?? [];
  const label = t(`macros.actions.${action.kind}`);
  switch (action.kind) {
    case "send_text":
      return (
        <Textarea
          label={label}
          autosize
          minRows={2}
          maxRows={6}
          value={action.text}
          onChange={(event) => onChange({ ...action, text: event.currentTarget.value })}
        />
      );
    case "send_reply":
      return (
        <Select
          label={label}
          searchable
          value={action.reply_id || null}
          onChange={(id) => onChange({ ...action, reply_id: id ?? "" })}
          data={replies.map((reply) => ({ value: reply.id, label: `/${reply.shortcut} · ${reply.title}` }))}
        />
      );
    case "put_labels":
    case "remove_labels":
      return (
        <MultiSelect
          label={label}
          searchable
          value={action.label_ids}
          onChange={(ids) => onChange({ ...action, label_ids: ids })}
          data={labels
            .filter((one) => !one.archived || action.label_ids.includes(one.id))
            .map((one) => ({ value: one.id, label: one.name }))}
        />
      );
    case "assign":
      return (
        <Select
          label={label}
          searchable
          value={action.member_id || null}
          onChange={(id) => onChange({ ...action, member_id: id ?? "" })}
          data={members
            .filter((member) => member.status === "active")
            .map((member) => ({ value: member.id, label: member.display_name }))}
        />
      );
    case "set_status":
      return (
        <Select
          label={label}
          allowDeselect={false}
          value={action.status}
          onChange={(status) => status && onChange({ ...action, status: status as typeof action.status })}
          data={(["open", "pending", "closed"] as const).map((status) => ({
            value: status,
            label: t(`macros.status.${status}`),
          }))}
        />
      );
    case "assign_me":
    case "unassign":
      return label;
  }
}

function said(problem: ApiProblem, t: TFunction): string | null {
  const { reason, variable, shortcut } = problem.params as Record<string, string | undefined>;
  switch (reason) {
    case "macro_name":
      return t("macros.problems.name");
    case "unknown_variable":
      return t("replies.problems.unknown_variable", { variable });
    case "unclosed_variable":
      return t("replies.problems.unclosed_variable");
    case "personal_reply":
      return t("macros.problems.personal_reply", { name: shortcut });
    case "repeated":
      return t("macros.problems.repeated");
    case "too_many_messages":
      return t("macros.problems.too_many_messages", { max: problem.params.max as number });
    default:
      return null;
  }
}
