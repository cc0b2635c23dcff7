/** Which job the list tells of, and in which words. Pure. */
import type { BulkJob } from "~/api/types";

/** A job that ended longer ago than this is no news. Milliseconds. */
export const NEWS = 10 * 60_000;

export const isBusy = (job: BulkJob) => job.state === "running" || job.state === "undoing";

/** The newest job that is under way, or ended lately and was not put aside. */
export function toTell(
  jobs: readonly BulkJob[],
  aside: ReadonlySet<string>,
  now: number,
): BulkJob | undefined {
  return (
    jobs.find(isBusy) ??
    jobs.find((job) => !aside.has(`${job.id} ${job.state}`) && now - job.updated_at < NEWS)
  );
}

/** How far it is, from 0 to 100. */
export function progress(job: BulkJob): number {
  const [part, whole] =
    job.state === "running" || job.state === "cancelled"
      ? [job.done + job.skipped, job.total]
      : [job.undone + job.kept, job.done];
  return whole === 0 ? 100 : Math.round((100 * part) / whole);
}

/** Can it be undone? */
export function canUndo(job: BulkJob, now: number): boolean {
  const ended = job.state === "done" || job.state === "cancelled";
  return ended && job.done > 0 && (job.undo_until_at ?? 0) >= now;
}
