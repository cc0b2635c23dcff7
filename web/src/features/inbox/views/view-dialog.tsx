import { Alert, Button, Checkbox, Group, MultiSelect, Select, Stack, Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { can } from "~/api/access";
import { changeView, createView } from "~/api/calls";
import { newId } from "~/api/ids";
import { ApiProblem } from "~/api/problem";
import type { Criteria, SavedView, ViewSort } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { channelsQuery, labelsQuery, membersQuery, sessionQuery } from "~/realtime/queries";
import { LazyModal } from "~/ui/lazy";
import { assigneeOf, assigneeWord, CLOSES, STATUSES, WAITS } from "./criteria";

/** What the dialog is open for: a view that is changed, or (`view` null) one that is made from these conditions. */
export interface Editing {
  view: SavedView | null;
  criteria: Criteria;
  sort: ViewSort;
}

export function ViewDialog(props: {
  editing: Editing | null;
  onClose(): void;
  onSaved(view: SavedView, made: boolean): void;
}) {
  const { t } = useTranslation();
  // While it fades away it goes on showing what it showed.
  const [shown, setShown] = useState(props.editing);
  if (props.editing !== null && props.editing !== shown) setShown(props.editing);
  return (
    <LazyModal
      opened={props.editing !== null}
      onClose={props.onClose}
      title={shown?.view ? t("views.dialog.edit") : t("views.dialog.create")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {shown && <Form key={shown.view?.id ?? "new"} {...props} editing={shown} />}
    </LazyModal>
  );
}

function Form(props: { editing: Editing; onClose(): void; onSaved(view: SavedView, made: boolean): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const { view } = props.editing;
  const channels = useQuery(channelsQuery()).data ?? [];
  const members = useQuery(membersQuery()).data ?? [];
  const labels = useQuery(labelsQuery()).data ?? [];
  const session = useQuery(sessionQuery).data ?? undefined;
  const [id] = useState(() => view?.id ?? newId("viw"));
  const [name, setName] = useState(view?.name ?? "");
  const [criteria, setCriteria] = useState(props.editing.criteria);
  const [sort, setSort] = useState(props.editing.sort);
  const [shared, setShared] = useState(view?.shared ?? false);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const put = (part: Partial<Criteria>) => setCriteria((have) => ({ ...have, ...part }));
  const closedOnly = criteria.statuses.every((status) => status === "closed");
  const chosen = criteria.assignee?.is === "member" ? criteria.assignee.member_id : null;
  const minutes = (offered: readonly number[], value: number | undefined) => [
    { value: "", label: t("views.any") },
    ...[...new Set(value ? [...offered, value] : offered)]
      .sort((a, b) => a - b)
      .map((n) => ({ value: String(n), label: format.span(n * 60_000) })),
  ];
  const channelNames = new Map(channels.map((c) => [c.id, c.name]));
  const knownChannels = [...new Set([...channelNames.keys(), ...(criteria.channels ?? [])])];
  const labelNames = new Map(labels.map((label) => [label.id, label.name]));
  const offered = labels.filter((label) => !label.archived).map((label) => label.id);
  const knownLabels = [...new Set([...offered, ...(criteria.labels ?? [])])];

  const save = async (event: FormEvent) => {
    event.preventDefault();
    setSaving(true);
    setProblem(null);
    // A condition that makes no sense with the others is not kept where nobody sees it.
    const asked: Criteria = closedOnly
      ? { ...criteria, waiting_minutes: undefined, closing_minutes: undefined }
      : criteria;
    const body = { name, criteria: asked, sort: closedOnly ? ("latest" as const) : sort, shared };
    try {
      const saved = view ? await changeView(view.id, body) : await createView({ id, ...body });
      props.onSaved(saved, view === null);
      props.onClose();
    } catch (error) {
      setProblem(ApiProblem.of(error));
      setSaving(false);
    }
  };
  const at = (field: string) => {
    const params = problem?.params ?? {};
    if (params.field !== field) return undefined;
    return t(`views.wrong.${String(params.reason)}` as "views.wrong.empty", {
      max: params.max,
      defaultValue: problem ? texts.problem(problem) : "",
    });
  };
  const field = String(problem?.params.field ?? "");
  const placed = ["name", "statuses", "channels", "labels", "assignee"].includes(field);

  return (
    <form onSubmit={(event) => void save(event)}>
      <Stack gap="sm">
        <TextInput
          label={t("views.dialog.name")}
          data-autofocus
          required
          maxLength={60}
          value={name}
          error={at("name")}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox.Group
          label={t("views.dialog.statuses")}
          value={criteria.statuses}
          error={at("statuses")}
          onChange={(statuses) => put({ statuses: statuses as Criteria["statuses"] })}
        >
          <Group gap="md" mt={4}>
            {STATUSES.map((status) => (
              <Checkbox key={status} size="xs" value={status} label={t(`views.status.${status}`)} />
            ))}
          </Group>
        </Checkbox.Group>
        <Select
          label={t("views.dialog.assignee")}
          searchable
          value={assigneeWord(criteria.assignee)}
          error={at("assignee")}
          onChange={(word) => put({ assignee: assigneeOf(word ?? "") })}
          data={[
            { value: "", label: t("views.any") },
            { value: "me", label: t("views.assignee.me") },
            { value: "nobody", label: t("views.assignee.nobody") },
            { value: "anyone", label: t("views.assignee.anyone") },
            ...members
              .filter((m) => m.status === "active" || m.id === chosen)
              .map((m) => ({ value: m.id, label: m.display_name })),
          ]}
        />
        {(channels.length > 1 || (criteria.channels ?? []).length > 0) && (
          <MultiSelect
            label={t("views.dialog.channels")}
            placeholder={(criteria.channels ?? []).length === 0 ? t("inbox.all_channels") : undefined}
            value={criteria.channels ?? []}
            error={at("channels")}
            onChange={(ids) => put({ channels: ids })}
            data={knownChannels.map((value) => ({
              value,
              label: channelNames.get(value) ?? t("views.dead.unnamed"),
            }))}
          />
        )}
        {knownLabels.length > 0 && (
          <MultiSelect
            label={t("views.dialog.labels")}
            searchable
            placeholder={(criteria.labels ?? []).length === 0 ? t("labels.all") : undefined}
            value={criteria.labels ?? []}
            error={at("labels")}
            onChange={(ids) => put({ labels: ids })}
            data={knownLabels.map((value) => ({
              value,
              label: labelNames.get(value) ?? t("views.dead.unnamed"),
            }))}
          />
        )}
        <Group grow align="start">
          <Select
            label={t("views.dialog.waiting")}
            disabled={closedOnly}
            value={String(criteria.waiting_minutes ?? "")}
            onChange={(n) => put({ waiting_minutes: n ? Number(n) : undefined })}
            data={minutes(WAITS, criteria.waiting_minutes)}
          />
          <Select
            label={t("views.dialog.closing")}
            disabled={closedOnly}
            value={String(criteria.closing_minutes ?? "")}
            onChange={(n) => put({ closing_minutes: n ? Number(n) : undefined })}
            data={minutes(CLOSES, criteria.closing_minutes)}
          />
        </Group>
        <Switch
          label={t("views.dialog.unread")}
          checked={criteria.unread ?? false}
          onChange={(event) => put({ unread: event.currentTarget.checked })}
        />
        <TextInput
          label={t("views.dialog.text")}
          maxLength={100}
          value={criteria.text ?? ""}
          onChange={(event) => put({ text: event.currentTarget.value || undefined })}
        />
        <Select
          label={t("views.dialog.sort")}
          disabled={closedOnly}
          value={closedOnly ? "latest" : sort}
          allowDeselect={false}
          onChange={(word) => setSort((word as ViewSort) ?? "latest")}
          data={(["latest", "waiting", "closing"] as const).map((value) => ({
            value,
            label: t(`views.sort.${value}`),
          }))}
        />
        {can(session, "saved_view", "configure") && (
          <Switch
            label={t("views.dialog.shared")}
            checked={shared}
            disabled={view?.shared === true && view.owner_id !== session?.member.id}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
        )}
        {problem && !placed && <Alert color="red">{at(field) ?? texts.problem(problem)}</Alert>}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={saving}>
            {t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
