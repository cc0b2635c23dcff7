import { Button, Loader } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { groupReportUrl } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { PhoneGroup, UploadReport } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { groupUploadQuery, groupUploadsQuery } from "~/realtime/queries";
import { LazyModal } from "~/ui/lazy";
import { ErrorState } from "~/ui/states";
import classes from "./groups.module.css";

const COUNTS = ["accepted", "already", "removed", "doubled", "bad", "conflicts", "recognised"] as const;

/** What needs a look before the rest: numbers that are shown even when they are 0. */
const ALWAYS = new Set<string>(["accepted", "recognised"]);

const KINDS = [
  ["bad", "bad"],
  ["double", "doubled"],
  ["conflict", "conflicts"],
] as const;

/** What came of an upload, or would come of it. */
export function Report({ report }: { report: UploadReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { counts } = report;
  const remarks = counts.bad + counts.doubled + counts.conflicts;
  return (
    <div className={classes.report}>
      <dl className={classes.counts}>
        {COUNTS.filter((key) => counts[key] > 0 || ALWAYS.has(key)).map((key) => (
          <div
            key={key}
            className={classes.count}
            data-tone={key === "bad" || key === "conflicts" ? "attention" : undefined}
            data-testid={`count-${key}`}
          >
            <dt>{t(`groups.counts.${key}`)}</dt>
            <dd>{format.number(counts[key])}</dd>
          </div>
        ))}
      </dl>
      {KINDS.map(([kind, total]) => {
        const rows = report.rows.filter((row) => row.kind === kind);
        return (
          rows.length > 0 && (
            <section key={kind} aria-label={t(`groups.rows.${kind}`)}>
              <h3 className={classes.kind}>{t(`groups.rows.${kind}`)}</h3>
              <ul className={classes.lines}>
                {rows.map((row) => (
                  <li key={row.row} data-testid="remark">
                    <span className={classes.small}>{t("groups.line", { row: format.number(row.row) })}</span>
                    <span className={classes.value}>{row.value}</span>
                    {row.first_row != null && (
                      <span className={classes.small}>
                        {t("groups.same_as", { row: format.number(row.first_row) })}
                      </span>
                    )}
                  </li>
                ))}
              </ul>
              {counts[total] > rows.length && (
                <p className={classes.small}>
                  {t("groups.shown_first", {
                    shown: format.number(rows.length),
                    total: format.number(counts[total]),
                  })}
                </p>
              )}
            </section>
          )
        );
      })}
      {report.id && remarks > 0 && (
        <div className={classes.actions}>
          {(["csv", "xlsx"] as const).map((kind) => (
            <Button
              key={kind}
              component="a"
              download
              size="xs"
              variant="default"
              href={groupReportUrl(report.group, report.id ?? "", kind, format.language)}
              leftSection={<IconDownload size={14} aria-hidden="true" />}
            >
              {t(`groups.download.${kind}`)}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

/** What was put into a group lately, each with its report. */
export function Uploads({ group }: { group: PhoneGroup }) {
  const { t } = useTranslation();
  const format = useFormat();
  const uploads = useQuery(groupUploadsQuery(group)).data;
  const [shown, setShown] = useState<string | null>(null);
  if (!uploads) return null;
  return (
    <section aria-label={t("groups.uploads")}>
      <h2 className={classes.subheading}>{t("groups.uploads")}</h2>
      {uploads.length === 0 && <p className={classes.small}>{t("groups.no_uploads")}</p>}
      <ul className={classes.uploads}>
        {uploads.map((upload) => {
          const name = upload.file_name ?? t("groups.pasted");
          const { accepted, bad, doubled, conflicts } = upload.counts;
          const time = format.timeAndDate(upload.created_at);
          return (
            <li key={upload.id}>
              <button
                type="button"
                className={classes.upload}
                aria-label={t("groups.see_report", { name, time })}
                onClick={() => setShown(upload.id ?? null)}
              >
                <span className={classes.value}>
                  {t("groups.upload_line", {
                    name,
                    accepted: format.number(accepted),
                    remarks: format.number(bad + doubled + conflicts),
                  })}
                </span>
                <span className={classes.small}>{time}</span>
              </button>
            </li>
          );
        })}
      </ul>
      <LazyModal
        opened={shown !== null}
        onClose={() => setShown(null)}
        size="lg"
        title={t("groups.report_title")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {shown && <Known group={group} id={shown} />}
      </LazyModal>
    </section>
  );
}

function Known({ group, id }: { group: PhoneGroup; id: string }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const report = useQuery(groupUploadQuery(group, id));
  if (report.isError) {
    return (
      <ErrorState text={texts.problem(ApiProblem.of(report.error))} onRetry={() => void report.refetch()} />
    );
  }
  if (!report.data) return <Loader size="sm" aria-label={t("common.loading")} />;
  return <Report report={report.data} />;
}
