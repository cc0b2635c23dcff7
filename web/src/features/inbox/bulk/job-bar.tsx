import { ActionIcon, Button, Progress } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cancelBulk, undoBulk } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { BulkJob } from "~/api/types";
import { useFormat, useNow } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { bulkJobsQuery, membersQuery } from "~/realtime/queries";
import { useShortcuts } from "~/ui/keys";
import { notifyProblem } from "~/ui/notify";
import classes from "./bulk.module.css";
import { canUndo, isBusy, progress, toTell } from "./job";

/** What is being done to many conversations, and what became of it. */
export function JobBar() {
  const { t } = useTranslation();
  const texts = useTexts();
  const now = useNow();
  const jobs = useQuery(bulkJobsQuery()).data ?? [];
  const [aside, setAside] = useState<ReadonlySet<string>>(new Set());
  const job = toTell(jobs, aside, now);
  const said = useSaid();
  const mutation = {
    onSuccess: (answer: BulkJob) => live.upsert("bulk_job.upserted", answer),
    onError: (error: unknown) => notifyProblem(texts.problem(ApiProblem.of(error))),
  };
  const cancel = useMutation({ mutationFn: (id: string) => cancelBulk(id), ...mutation });
  const undo = useMutation({ mutationFn: (id: string) => undoBulk(id), ...mutation });
  useShortcuts({
    undo: () => {
      const last = jobs[0];
      if (!last || !canUndo(last, Date.now()) || undo.isPending) return false;
      undo.mutate(last.id);
    },
  });
  if (!job) return null;
  const busy = isBusy(job);
  const { title, details } = said(job);
  return (
    <section className={classes.bar} aria-label={t("bulk.job_label")}>
      <div className={`${classes.line} ${classes.top}`}>
        <span className={classes.what} role="status">
          {title}
        </span>
        {job.state === "running" && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            loading={cancel.isPending}
            onClick={() => cancel.mutate(job.id)}
          >
            {t("bulk.stop")}
          </Button>
        )}
        {canUndo(job, now) && (
          <Button
            size="compact-xs"
            variant="light"
            loading={undo.isPending}
            onClick={() => undo.mutate(job.id)}
          >
            {t("bulk.undo")}
          </Button>
        )}
        {!busy && (
          <ActionIcon
            data-hint={t("common.close")}
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t("bulk.put_aside")}
            onClick={() => setAside(new Set([...aside, `${job.id} ${job.state}`]))}
          >
            <IconX size={15} aria-hidden="true" />
          </ActionIcon>
        )}
      </div>
      {busy && <Progress value={progress(job)} size="sm" aria-label={title} />}
      {!busy && details && <div className={classes.details}>{details}</div>}
    </section>
  );
}

function useSaid() {
  const { t } = useTranslation();
  const format = useFormat();
  const members = useQuery(membersQuery()).data ?? [];
  return (job: BulkJob): { title: string; details: string } => {
    const { action } = job;
    const what =
      action.do === "read"
        ? t("bulk.did.read")
        : action.do === "status"
          ? t(`bulk.did.${action.status}`)
          : action.assignee_id
            ? t("bulk.did.assign", {
                name: members.find((m) => m.id === action.assignee_id)?.display_name ?? "…",
              })
            : t("bulk.did.unassign");
    const n = (count: number) => ({ count, n: format.number(count) });
    const title =
      job.state === "running"
        ? t("bulk.running", {
            what,
            n: format.number(job.done + job.skipped),
            total: format.number(job.total),
          })
        : job.state === "undoing"
          ? t("bulk.undoing", { n: format.number(job.undone + job.kept), total: format.number(job.done) })
          : job.state === "undone"
            ? t("bulk.undone", n(job.undone))
            : job.state === "cancelled"
              ? t("bulk.cancelled", { what, ...n(job.done) })
              : t("bulk.done", { what, ...n(job.done) });
    // After undoing, only what was kept is news.
    const told = job.reasons.filter(({ why }) =>
      job.state === "undone" ? why === "changed" : why !== "changed",
    );
    return { title, details: told.map(({ why, count }) => t(`bulk.why.${why}`, n(count))).join(" · ") };
  };
}
