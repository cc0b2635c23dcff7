import { Anchor, Button } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Trans, useTranslation } from "react-i18next";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { outside } from "~/ui/outside";
import type { Found, Recheck } from "../use-recheck";
import classes from "./composer.module.css";
import type { ComposerState } from "./state";

/**
 * The notice above the composer. It is there for screen readers even when it says nothing, as only a region
 * that exists before its text changes is read out.
 */
export function Notice(props: {
  state: ComposerState;
  /** May this member connect accounts? */
  canConfigure: boolean;
  recheck: Recheck;
}) {
  return (
    <div role="status" aria-live="polite" className={classes.noticeRegion} data-state={props.state.kind}>
      <Content {...props} />
    </div>
  );
}

function Content({ state, canConfigure, recheck }: Parameters<typeof Notice>[0]) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  switch (state.kind) {
    case "loading":
    case "reply_free":
    case "welcome":
      return null;
    case "next_is_consultation":
      return (
        <Strip tone="attention" recheck={recheck}>
          <span>{t("composer.notice.next_consult")}</span>
          <Counter state={state} />
          {state.extraLeft !== null && (
            <span>{t("composer.notice.extra_left", { count: state.extraLeft })}</span>
          )}
        </Strip>
      );
    case "quota_used_up":
      return (
        <Strip tone="attention" recheck={recheck}>
          <span>{t("composer.notice.quota_used_up")}</span>
          <Counter state={state} />
          {state.costVnd > 0 && (
            <span>{t("composer.notice.price", { price: format.money(state.costVnd) })}</span>
          )}
          <Anchor
            inherit
            href={outside.pricing}
            target="_blank"
            rel="noopener noreferrer"
            className={classes.noticeLink}
          >
            {t("composer.notice.learn_more")}
          </Anchor>
        </Strip>
      );
    case "locked_no_money":
      return (
        <Strip tone="danger" recheck={recheck}>
          <span>
            <Trans
              i18nKey="composer.notice.locked_no_money"
              components={{
                topup: <PricingLink />,
              }}
            />
          </span>
        </Strip>
      );
    case "window_closed":
      return (
        <Strip tone="danger" recheck={recheck}>
          {t("composer.notice.window_closed")}
        </Strip>
      );
    case "never_interacted":
      return (
        <Strip tone="danger" recheck={recheck}>
          {t("composer.notice.never_interacted")}
        </Strip>
      );
    case "blocked":
      return (
        <Strip tone="danger" recheck={recheck}>
          {t("composer.notice.blocked")}
        </Strip>
      );
    case "reconnect":
      return (
        <Strip tone="danger" recheck={recheck}>
          <span>{t("composer.notice.reconnect")}</span>
          {canConfigure ? (
            <Button size="compact-xs" variant="default" component={Link} to="/settings/channels">
              {t("composer.notice.reconnect_action")}
            </Button>
          ) : (
            <span>{t("composer.notice.reconnect_ask")}</span>
          )}
        </Strip>
      );
    case "unsure":
      return (
        <Strip tone="attention" recheck={recheck}>
          {t("composer.notice.decision_failed")}
        </Strip>
      );
    case "denied":
      return (
        <Strip tone="danger" recheck={recheck}>
          <span>
            {t("composer.notice.denied", { reason: state.reason ? texts.reason(state.reason) : "" })}
          </span>
          {state.allowedAt !== null && (
            <span>{t("composer.notice.allowed_at", { time: format.timeAndDate(state.allowedAt) })}</span>
          )}
        </Strip>
      );
  }
}

/** "37/1000 · cập nhật lúc 14:20" */
function Counter({ state }: { state: ComposerState }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!state.counter) return null;
  const { used, total, asOf } = state.counter;
  return (
    <span className={classes.counter} title={t("composer.notice.counter_label", { used, total })}>
      <strong data-testid="package-counter">{t("composer.notice.counter", { used, total })}</strong>
      <span className={classes.asOf}>{t("common.as_of", { time: format.asOf(asOf) })}</span>
    </span>
  );
}

function Strip(props: { tone: "attention" | "danger"; recheck: Recheck; children: ReactNode }) {
  const { t } = useTranslation();
  const { tone, recheck } = props;
  const Icon = tone === "danger" ? IconAlertTriangle : IconInfoCircle;
  return (
    <div className={classes.notice} data-tone={tone}>
      <Icon size={16} aria-hidden="true" />
      <div className={classes.noticeText}>
        {props.children}
        {recheck.found && !recheck.busy && <FoundText found={recheck.found} />}
      </div>
      <Button
        className={classes.recheck}
        size="compact-xs"
        variant="default"
        // Stays in the order of focus while it works.
        aria-disabled={recheck.busy || undefined}
        data-busy={recheck.busy || undefined}
        onClick={recheck.run}
      >
        {recheck.busy ? t("composer.notice.rechecking") : t("composer.notice.recheck")}
      </Button>
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

/** A link whose words come from the sentence around it. */
function PricingLink({ children }: { children?: ReactNode }) {
  return (
    <a className={classes.noticeLink} href={outside.pricing} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
