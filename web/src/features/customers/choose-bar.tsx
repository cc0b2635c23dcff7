import { ActionIcon, Button } from "@mantine/core";
import { IconTag, IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { labelCustomers, readBulk } from "~/api/calls";
import { newId } from "~/api/ids";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { FilterNode } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { labelsQuery } from "~/realtime/queries";
import classes from "~/ui/bulk.module.css";
import { useShortcuts } from "~/ui/keys";
import { type Relabel, RelabelDialog } from "~/ui/relabel";
import { type Selection, size } from "~/ui/selection";

/** What can be done to the selected customers. What is refused leaves them selected. */
export function ChooseBar(props: {
  selection: Selection;
  asked: { q: string; filter: FilterNode };
  /** How many match; more than are loaded when it is more than `loaded`. */
  total: number;
  loaded: number;
  onSelection(selection: Selection): void;
  onClear(): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const client = useQueryClient();
  const labels = useQuery(labelsQuery()).data ?? [];
  const { selection, asked, total } = props;
  const [opened, setOpened] = useState(false);
  useShortcuts({ bulk: () => setOpened(true) });
  const many = size(selection);
  const run = useMutation({
    mutationFn: async (relabel: Relabel) => {
      const whom = selection.all
        ? { list: { filter: asked.filter, q: asked.q || undefined } }
        : { ids: [...selection.ids] };
      const begun = await labelCustomers({ id: newId("blk"), ...relabel, ...whom });
      return readBulk(begun.id);
    },
    onSuccess: (job) => {
      live.upsert("bulk_job.upserted", job);
      void client.invalidateQueries({ queryKey: keys.labelUsage() });
      setOpened(false);
      props.onClear();
    },
  });
  const problem = run.error ? ApiProblem.of(run.error) : null;
  const refused = () => {
    if (!problem) return null;
    const { reason, max, count } = problem.params as { reason?: string; max?: number; count?: number };
    const n = (value = 0) => format.number(value);
    if (reason === "zalo_limit") {
      return {
        title: t("customers.choose.limit", { max: n(max) }),
        text: t("customers.choose.limit_text", { n: n(count) }),
      };
    }
    if (reason === "too_many") return { title: t("customers.choose.too_many", { max: n(max) }) };
    return { title: texts.problem(problem) };
  };
  return (
    <section className={classes.bar} aria-label={t("customers.choose.label")}>
      <div className={`${classes.line} ${classes.wide}`}>
        <span className={classes.what} role="status">
          {t("customers.choose.selected", { count: many, n: format.number(many) })}
        </span>
        {!selection.all && total > props.loaded && (
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={() => props.onSelection({ ...selection, all: { count: total } })}
          >
            {t("customers.choose.all", { count: total, n: format.number(total) })}
          </Button>
        )}
        <Button
          size="compact-sm"
          leftSection={<IconTag size={14} aria-hidden="true" />}
          onClick={() => {
            run.reset();
            setOpened(true);
          }}
        >
          {t("customers.choose.relabel")}
        </Button>
        <ActionIcon
          data-hint={t("customers.choose.clear")}
          variant="subtle"
          color="gray"
          aria-label={t("customers.choose.clear")}
          onClick={props.onClear}
        >
          <IconX size={16} aria-hidden="true" />
        </ActionIcon>
      </div>
      <RelabelDialog
        opened={opened}
        title={t("customers.relabel.title", { count: many, n: format.number(many) })}
        labels={labels}
        busy={run.isPending}
        refused={refused()}
        onRun={(relabel) => run.mutate(relabel)}
        onClose={() => {
          setOpened(false);
          run.reset();
        }}
      />
    </section>
  );
}
