import { Skeleton } from "@mantine/core";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./composer.module.css";
import type { ComposerState } from "./state";
import type { DraftStatus } from "./use-draft";
import { Why } from "./why";

/** The quiet line: what the message counts as, what is left, until when, and why; and the draft. */
export function Meta(props: {
  state: ComposerState;
  status: DraftStatus;
  length: number;
  max?: number;
  why: boolean;
  onWhy(opened: boolean): void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { state, status, length, max } = props;
  const { reply, left } = state;
  const words: string[] = [];
  if (state.class) words.push(t(`composer.class.${state.class}`, { price: format.money(state.costVnd) }));
  if (state.class === "reply" && reply) {
    const until = format.timeAndDate(reply.until);
    words.push(
      reply.remain != null && reply.total != null
        ? t("composer.reply_left", { remain: reply.remain, total: reply.total, until })
        : t("composer.reply_until", { until }),
    );
  } else if (state.class === "package" && left) {
    words.push(t("composer.package_left", { remain: format.number(left.remain) }));
    if (state.until !== null) {
      words.push(t("composer.reply_until", { until: format.timeAndDate(state.until) }));
    }
  }
  const saved =
    status === "saving" || status === "waiting"
      ? t("composer.draft_saving")
      : status === "saved"
        ? t("composer.draft_saved")
        : status === "failed" && length > 0
          ? t("composer.draft_failed")
          : "";
  return (
    <div className={classes.meta}>
      {state.kind === "loading" && (
        <span data-testid="composer-loading">
          <Skeleton height={10} width={180} mt={4} />
        </span>
      )}
      <span data-testid="message-class">{words.join(" · ")}</span>
      <Why state={state} opened={props.why} onChange={props.onWhy} />
      <span className={classes.metaEnd} data-tone={status === "failed" ? "danger" : undefined}>
        {saved}
      </span>
      {max !== undefined && length > max * 0.9 && (
        <span data-tone={length > max ? "danger" : undefined}>{t("composer.length", { length, max })}</span>
      )}
    </div>
  );
}
