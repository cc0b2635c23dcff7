import { Button } from "@mantine/core";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import type { ReportManagers } from "../use-report";
import classes from "./composer.module.css";

/** "Báo quản lý", for whoever may not configure the account. A second press in the hour only says that it is known. */
export function ReportButton(props: { report: ReportManagers; size?: "compact-sm" | "sm"; focus?: boolean }) {
  const { t } = useTranslation();
  const { report } = props;
  return (
    <Button
      size={props.size}
      variant={props.focus ? "filled" : "default"}
      aria-disabled={report.busy || undefined}
      data-autofocus={props.focus || undefined}
      onClick={report.run}
    >
      {t("composer.report.action")}
    </Button>
  );
}

/** What became of the report. */
export function ReportText({ report }: { report: ReportManagers }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const { told, problem } = report;
  const said = problem
    ? texts.problem(problem)
    : told === null
      ? null
      : told.notified && told.managers === 0
        ? t("composer.report.nobody")
        : told.notified
          ? t("composer.report.told", { time: format.time(told.reported_at) })
          : t("composer.report.known", {
              time: format.time(told.reported_at),
              again: format.time(told.again_at),
            });
  return said === null ? null : (
    <span className={classes.found} data-testid="report-said">
      {said}
    </span>
  );
}
