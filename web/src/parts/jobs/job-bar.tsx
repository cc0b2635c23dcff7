import { ActionIcon, Button, Progress, Skeleton } from "@mantine/core";
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
import { bulkJobsQuery, bulkToldQuery, labelsQuery, membersQuery } from "~/realtime/queries";
import classes from "~/ui/bulk.module.css";
import { useShortcuts } from "~/ui/keys";
import { LazyModal } from "~/ui/lazy";
import { notifyProblem } from "~/ui/notify";
import { canUndo, isBusy, progress, toTell } from "./job";

/** What is being done to many conversations or customers, and what became of it. */
export function JobBar(props: {
  /** Only what is done to customers. */
  customers?: boolean;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const now = useNow();
  const all = useQuery(bulkJobsQuery()).data ?? [];
  const jobs = props.customers ? all.filter((job) => job.action.do === "label") : all;
  const [asked, setAsked] = useState<BulkJob | null>(null);
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
        {!busy && job.action.do === "label" && job.skipped + job.kept > 0 && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setAsked(job)}>
            {t("bulk.who")}
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
      <LazyModal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={t("bulk.who_title")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {asked && <Told job={asked} />}
      </LazyModal>
    </section>
  );
}

/** Who was passed over or kept, each with the reason. */
function Told({ job }: { job: BulkJob }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const told = useQuery(bulkToldQuery(job.id, job.state));
  if (told.error) return <p role="alert">{texts.problem(ApiProblem.of(told.error))}</p>;
  if (!told.data) return <Skeleton height={120} />;
  return (
    <>
      <ul className={classes.told}>
        {told.data.items.map((item) => (
          <li key={item.customer_id ?? item.conversation_id} data-testid="told">
            <span>{item.name ?? t("bulk.no_name")}</span>
            {item.why && <span className={classes.details}>{t(`bulk.because.${item.why}`)}</span>}
          </li>
        ))}
      </ul>
      {told.data.next && <p className={classes.details}>{t("bulk.who_more")}</p>}
    </>
  );
}

function useSaid() {
  const { t } = useTranslation();
  const format = useFormat();
  const members = useQuery(membersQuery()).data ?? [];
  const labels = useQuery(labelsQuery()).data ?? [];
  const named = (ids: readonly string[] = []) =>
    ids.map((id) => labels.find((label) => label.id === id)?.name ?? t("bulk.label_gone")).join(", ");
  return (job: BulkJob): { title: string; details: string } => {
    const { action } = job;
    const what =
      action.do === "read"
        ? t("bulk.did.read")
        : action.do === "label"
          ? !action.remove?.length
            ? t("bulk.did.put", { labels: named(action.add) })
            : !action.add?.length
              ? t("bulk.did.take", { labels: named(action.remove) })
              : t("bulk.did.relabel", { put: named(action.add), taken: named(action.remove) })
          : action.do === "status"
            ? t(`bulk.did.${action.status}`)
            : action.assignee_id
              ? t("bulk.did.assign", {
                  name: members.find((m) => m.id === action.assignee_id)?.display_name ?? "…",
                })
              : t("bulk.did.unassign");
    const people = action.do === "label";
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
            ? t(people ? "bulk.people_undone" : "bulk.undone", n(job.undone))
            : job.state === "cancelled"
              ? t(people ? "bulk.people_cancelled" : "bulk.cancelled", { what, ...n(job.done) })
              : t(people ? "bulk.people_done" : "bulk.done", { what, ...n(job.done) });
    // After undoing, only what was kept is news.
    const told = job.reasons.filter(({ why }) =>
      job.state === "undone" ? why === "changed" : why !== "changed",
    );
    return { title, details: told.map(({ why, count }) => t(`bulk.why.${why}`, n(count))).join(" · ") };
  };
}
