import { Badge, Button, ColorSwatch, Group, Radio, Skeleton, Switch, TextInput } from "@mantine/core";
import {
  IconArchive,
  IconArchiveOff,
  IconArrowDown,
  IconArrowUp,
  IconPencil,
  IconTag,
  IconTrash,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { can } from "~/api/access";
import { changeLabel, createLabel, orderLabels, pushLabelAgain, removeLabel } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { Label } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { labelsQuery, labelUsageQuery, sessionQuery } from "~/realtime/queries";
import { Ask } from "~/ui/ask";
import { LabelChip } from "~/ui/label-chip";
import { LazyModal } from "~/ui/lazy";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { SettingsPage } from "~/ui/page";
import { RowTool } from "~/ui/row-tool";
import { EmptyState, ErrorState } from "~/ui/states";
import classes from "~/ui/table.module.css";

const COLOURS = [
  "gray",
  "red",
  "pink",
  "grape",
  "violet",
  "indigo",
  "blue",
  "cyan",
  "teal",
  "green",
  "lime",
  "yellow",
  "orange",
] as const satisfies readonly Label["colour"][];

export function LabelsPage() {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data ?? undefined;
  const labels = useQuery(labelsQuery());
  const usage = useQuery(labelUsageQuery()).data;
  const [edited, setEdited] = useState<Label | "new" | null>(null);
  const [doomed, setDoomed] = useState<Label | null>(null);
  const mayCreate = can(session, "label", "create");
  const mayEdit = can(session, "label", "edit");
  const say = (error: unknown) => notifyProblem(texts.problem(ApiProblem.of(error)));

  const order = useMutation({
    mutationFn: orderLabels,
    onSuccess: ({ items }) => client.setQueryData(keys.labels(), items),
    onError: say,
  });
  const archive = useMutation({
    mutationFn: (label: Label) => changeLabel(label.id, { archived: !label.archived }),
    onSuccess: (label) => live.upsert("label.upserted", label),
    onError: say,
  });
  const again = useMutation({
    mutationFn: (label: Label) => pushLabelAgain(label.id),
    onSuccess: ({ count }) => {
      void client.invalidateQueries({ queryKey: keys.labelUsage() });
      notifyDone(t("labels.told_again", { count }));
    },
    onError: say,
  });
  const remove = useMutation({
    mutationFn: (label: Label) => removeLabel(label.id),
    onSuccess: (_, label) => {
      live.upsert("label.removed", { id: label.id });
      notifyDone(t("labels.removed", { name: label.name }));
      setDoomed(null);
    },
    onError: say,
  });
  const move = (at: number, by: number) => {
    const ids = (labels.data ?? []).map((label) => label.id);
    const [id] = ids.splice(at, 1);
    if (id) ids.splice(at + by, 0, id);
    order.mutate(ids);
  };

  return (
    <SettingsPage
      title={t("labels.title")}
      intro={t("labels.intro")}
      action={mayCreate && <Button onClick={() => setEdited("new")}>{t("labels.add")}</Button>}
    >
      {labels.isPending && <Skeleton height={240} radius="lg" />}
      {labels.isError && (
        <ErrorState text={texts.problem(ApiProblem.of(labels.error))} onRetry={() => void labels.refetch()} />
      )}
      {labels.data?.length === 0 && (
        <EmptyState
          icon={<IconTag size={32} stroke={1.25} aria-hidden="true" />}
          title={t("labels.empty_title")}
          text={t("labels.empty_text")}
          action={mayCreate && <Button onClick={() => setEdited("new")}>{t("labels.add")}</Button>}
        />
      )}
      {labels.data && labels.data.length > 0 && (
        <ul className={classes.list}>
          {labels.data.map((label, at) => (
            <li key={label.id} className={classes.row} data-quiet={label.archived || undefined}>
              <div className={classes.body}>
                <span className={classes.head}>
                  <LabelChip label={label} />
                  {label.kind === "process" && (
                    <Badge size="xs" variant="default" tt="none">
                      {t("labels.kinds.process")}
                    </Badge>
                  )}
                  {label.pushed && (
                    <Badge size="xs" variant="light" tt="none">
                      {t("labels.pushed")}
                    </Badge>
                  )}
                  {label.archived && (
                    <Badge size="xs" variant="default" tt="none">
                      {t("labels.archived")}
                    </Badge>
                  )}
                </span>
                {(usage?.refused[label.id] ?? 0) > 0 && (
                  <span className={classes.head} role="status">
                    {t("labels.refused", { count: usage?.refused[label.id] ?? 0 })}
                    {mayEdit && (
                      <Button
                        size="compact-xs"
                        variant="subtle"
                        loading={again.isPending}
                        onClick={() => again.mutate(label)}
                      >
                        {t("labels.tell_again")}
                      </Button>
                    )}
                  </span>
                )}
              </div>
              <span className={classes.side}>
                {usage && t("labels.customers", { count: usage.customers[label.id] ?? 0 })}
              </span>
              {mayEdit && (
                <div className={classes.actions}>
                  <RowTool
                    label={t("labels.up", { name: label.name })}
                    disabled={at === 0 || order.isPending}
                    onClick={() => move(at, -1)}
                  >
                    <IconArrowUp size={16} aria-hidden="true" />
                  </RowTool>
                  <RowTool
                    label={t("labels.down", { name: label.name })}
                    disabled={at === labels.data.length - 1 || order.isPending}
                    onClick={() => move(at, 1)}
                  >
                    <IconArrowDown size={16} aria-hidden="true" />
                  </RowTool>
                  <RowTool label={t("labels.edit", { name: label.name })} onClick={() => setEdited(label)}>
                    <IconPencil size={16} aria-hidden="true" />
                  </RowTool>
                  <RowTool
                    label={
                      label.archived
                        ? t("labels.unarchive", { name: label.name })
                        : t("labels.archive", { name: label.name })
                    }
                    onClick={() => archive.mutate(label)}
                  >
                    {label.archived ? (
                      <IconArchiveOff size={16} aria-hidden="true" />
                    ) : (
                      <IconArchive size={16} aria-hidden="true" />
                    )}
                  </RowTool>
                  {can(session, "label", "delete") && (
                    <RowTool
                      label={t("labels.remove", { name: label.name })}
                      onClick={() => setDoomed(label)}
                    >
                      <IconTrash size={16} aria-hidden="true" />
                    </RowTool>
                  )}
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
      <LazyModal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={edited === "new" ? t("labels.add") : t("labels.edit_title")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {edited && <Editor label={edited === "new" ? null : edited} onDone={() => setEdited(null)} />}
      </LazyModal>
      <Ask
        opened={doomed !== null}
        title={t("labels.remove_title", { name: doomed?.name })}
        text={t("labels.remove_text", { count: (doomed && usage?.customers[doomed.id]) ?? 0 })}
        action={t("common.remove")}
        busy={remove.isPending}
        onDo={() => doomed && remove.mutate(doomed)}
        onClose={() => setDoomed(null)}
      />
    </SettingsPage>
  );
}

function Editor({ label, onDone }: { label: Label | null; onDone(): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const [name, setName] = useState(label?.name ?? "");
  const [colour, setColour] = useState<Label["colour"]>(label?.colour ?? "teal");
  const [kind, setKind] = useState<Label["kind"]>("normal");
  const [pushed, setPushed] = useState(label?.pushed ?? false);
  const session = useQuery(sessionQuery).data ?? undefined;
  const mayPush = can(session, "workspace", "configure");
  const save = useMutation({
    mutationFn: async () => {
      const saved = await (label
        ? changeLabel(label.id, { name, colour })
        : createLabel({ name, colour, kind }));
      return saved.pushed === pushed ? saved : changeLabel(saved.id, { pushed });
    },
    onSuccess: (answer) => {
      live.upsert("label.upserted", answer);
      onDone();
    },
  });
  const problem = save.isError ? ApiProblem.of(save.error) : null;
  const taken = problem?.params.reason === "label_name";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      {problem && (
        <p className={classes.error} role="alert">
          {taken
            ? t("labels.taken", { name: problem.params.name ?? name })
            : problem.params.reason === "reserved_name"
              ? t("labels.reserved", { name: problem.params.name ?? name })
              : texts.problem(problem)}
        </p>
      )}
      <TextInput
        label={t("labels.name")}
        data-autofocus
        required
        withAsterisk={false}
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {!label && (
        <Radio.Group
          label={t("labels.kind")}
          description={t("labels.kind_hint")}
          value={kind}
          onChange={(value) => setKind(value === "process" ? "process" : "normal")}
        >
          <Group gap="md" mt={6}>
            <Radio size="xs" value="normal" label={t("labels.kinds.normal")} />
            <Radio size="xs" value="process" label={t("labels.kinds.process")} />
          </Group>
        </Radio.Group>
      )}
      <div role="radiogroup" aria-label={t("labels.colour")} className={classes.swatches}>
        {COLOURS.map((one) => (
          <ColorSwatch
            key={one}
            component="button"
            type="button"
            role="radio"
            aria-checked={one === colour}
            aria-label={t(`labels.colours.${one}`)}
            title={t(`labels.colours.${one}`)}
            color={`var(--mantine-color-${one}-6)`}
            size={26}
            style={{
              cursor: "pointer",
              outline: one === colour ? "2px solid var(--loa-focus)" : undefined,
              outlineOffset: 2,
            }}
            onClick={() => setColour(one)}
          />
        ))}
      </div>
      {mayPush && (
        <Switch
          label={t("labels.push")}
          description={t("labels.push_text")}
          checked={pushed}
          onChange={(event) => setPushed(event.currentTarget.checked)}
        />
      )}
      <div className={classes.chips}>
        <LabelChip label={{ name: name.trim() || t("labels.example"), colour, archived: false }} />
      </div>
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" loading={save.isPending}>
          {t("common.save")}
        </Button>
      </Group>
    </form>
  );
}
