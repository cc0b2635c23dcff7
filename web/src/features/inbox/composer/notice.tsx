import { Anchor, Button } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle, IconLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Trans } from "react-i18next";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { membersQuery } from "~/realtime/queries";
import type { Found, Recheck } from "../use-recheck";
import type { ReportManagers } from "../use-report";
import classes from "./composer.module.css";
import { ReportButton, ReportText } from "./report";
import { type ComposerState, matterOf } from "./state";
import { Ways } from "./ways";

interface NoticeProps {
  state: ComposerState;
  conversation: string;
  recheck: Recheck;
  report: ReportManagers;
  /** Make the conversation one's own. */
  onTake(): void;
}

/**
 * The notice above the composer. It is there for screen readers even when it says nothing, as only a region
 * that exists before its text changes is read out.
 */
export function Notice(props: NoticeProps) {
  return (
    <div role="status" aria-live="polite" className={classes.noticeRegion} data-state={props.state.kind}>
      <Content {...props} />
    </div>
  );
}

function Content(props: NoticeProps) {
  const { state } = props;
  const { t } = useTranslation();
  const format = useFormat();
  switch (state.kind) {
    case "loading":
    case "reply_free":
      return null;
    case "next_is_consultation":
      return (
        <Strip {...props} tone="attention">
          <span>{t("composer.notice.next_consult")}</span>
          <Counter state={state} />
          {state.extraLeft !== null && (
            <span>{t("composer.notice.extra_left", { count: state.extraLeft })}</span>
          )}
        </Strip>
      );
    case "free_consultation_used_up":
      return (
        <Strip {...props} tone="attention">
          <span>{t("composer.notice.quota_used_up")}</span>
          <Counter state={state} />
          {state.costVnd > 0 && (
            <span>{t("composer.notice.price", { price: format.money(state.costVnd) })}</span>
          )}
          {state.room?.links.pricing && (
            <Anchor
              inherit
              href={state.room.links.pricing}
              target="_blank"
              rel="noopener noreferrer"
              className={classes.noticeLink}
            >
              {t("composer.notice.learn_more")}
            </Anchor>
          )}
        </Strip>
      );
    // A pop-up is open over the lock; the server says neither of a composer that only stands.
    case "popup_not_linked":
    case "popup_no_money":
    case "locked_no_money":
      return (
        <Strip {...props} tone="danger">
          <span>
            <Trans
              i18nKey="composer.notice.locked_no_money"
              components={{ topup: <PlainLink href={state.room?.links.top_up} /> }}
            />
          </span>
        </Strip>
      );
    case "window_closed":
      return (
        <Strip {...props} tone="danger">
          <span>
            <Closed state={state} />
          </span>
          <Ways state={state} conversation={props.conversation} />
        </Strip>
      );
    case "blocked":
      return (
        <Strip {...props} tone="danger">
          <span>{t("composer.notice.blocked")}</span>
          <Ways state={state} conversation={props.conversation} />
        </Strip>
      );
    case "reconnect":
      return (
        <Strip {...props} tone="danger">
          <span>{t("composer.notice.reconnect")}</span>
          {state.room?.may_configure && (
            <Button size="compact-sm" variant="default" component={Link} to="/settings/channels">
              {t("composer.notice.reconnect_action")}
            </Button>
          )}
        </Strip>
      );
    case "not_yours":
      return <NotYours {...props} />;
    case "unsure":
      return (
        <Strip {...props} tone="attention">
          {t("composer.notice.decision_failed")}
        </Strip>
      );
  }
}

/** Why the platform takes nothing, in words of the reason that decided. */
function Closed({ state }: { state: ComposerState }) {
  const { t } = useTranslation();
  const { days } = (state.reason?.params ?? {}) as { days?: number };
  if (state.reason?.code === "never_interacted") return t("composer.notice.never_interacted");
  return days === undefined
    ? t("composer.notice.window_closed")
    : t("composer.notice.window_closed_days", { count: days });
}

/** Somebody else answers; the thread can only be read. */
function NotYours({ state, onTake }: NoticeProps) {
  const { t } = useTranslation();
  const assignee = state.room?.assignee_id;
  const name = useQuery(membersQuery()).data?.find((m) => m.id === assignee)?.display_name;
  return (
    <div className={classes.notice} data-tone="attention">
      <IconLock size={16} aria-hidden="true" />
      <div className={classes.noticeText}>
        <span>
          {name ? t("composer.notice.not_yours", { name }) : t("composer.notice.not_yours_unnamed")}
        </span>
      </div>
      {state.room?.may_take && (
        <Button className={classes.recheck} size="compact-sm" variant="default" onClick={onTake}>
          {t("composer.notice.take")}
        </Button>
      )}
    </div>
  );
}

/** "37/1000 · cập nhật lúc 14:20"; grey when the platform could not confirm it since. */
function Counter({ state }: { state: ComposerState }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!state.counter) return null;
  const { used, total, asOf, stale } = state.counter;
  const label = t("composer.notice.counter_label", { used, total });
  return (
    <span
      className={classes.counter}
      title={stale ? t("composer.notice.counter_stale", { used, total }) : label}
      data-stale={stale || undefined}
      data-testid="counter"
    >
      <strong data-testid="package-counter">{t("composer.notice.counter", { used, total })}</strong>
      <span className={classes.asOf}>{t("common.as_of", { time: format.asOf(asOf) })}</span>
    </span>
  );
}

function Strip(props: NoticeProps & { tone: "attention" | "danger"; children: ReactNode }) {
  const { t } = useTranslation();
  const { tone, recheck, report, state } = props;
  const Icon = tone === "danger" ? IconAlertTriangle : IconInfoCircle;
  const reportable = matterOf(state) !== null && state.room?.may_configure === false;
  return (
    <div className={classes.notice} data-tone={tone}>
      <Icon size={16} aria-hidden="true" />
      <div className={classes.noticeText}>
        {props.children}
        {recheck.found && !recheck.busy && <FoundText found={recheck.found} />}
        {reportable && <ReportText report={report} />}
      </div>
      <div className={classes.noticeActions}>
        {reportable && <ReportButton report={report} size="compact-sm" />}
        <Button
          size="compact-sm"
          variant="default"
          // Stays in the order of focus while it works.
          aria-disabled={recheck.busy || undefined}
          data-busy={recheck.busy || undefined}
          className={classes.recheck}
          onClick={recheck.run}
        >
          {recheck.busy ? t("composer.notice.rechecking") : t("composer.notice.recheck")}
        </Button>
      </div>
    </div>
  );
}

/** What "Kiểm tra lại" found. */
function FoundText({ found }: { found: Found }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const time = format.time(found.at);
  const said =
    found.kind === "failed"
      ? t("composer.notice.recheck_failed", { reason: texts.problem(found.problem) })
      : t(`composer.notice.found.${found.kind}`, { time });
  return (
    <span className={classes.found} data-testid="recheck-found">
      {said}
    </span>
  );
}

/** A link whose words come from the sentence around it; without an address only the words. */
function PlainLink({ href, children }: { href?: string; children?: ReactNode }) {
  if (!href) return children;
  return (
    <a className={classes.noticeLink} href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
