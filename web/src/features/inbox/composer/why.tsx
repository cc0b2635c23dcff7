import { Popover, UnstyledButton } from "@mantine/core";
import { useRef } from "react";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { LazyPopover } from "~/ui/lazy";
import classes from "./composer.module.css";
import type { ComposerState, Counted } from "./state";

/** "Vì sao?": opens the reasons behind what the line says. */
export function Why(props: { state: ComposerState; opened: boolean; onChange(opened: boolean): void }) {
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  if (!props.state.why) return null;
  return (
    <>
      <UnstyledButton
        ref={button}
        className={classes.why}
        aria-haspopup="dialog"
        onClick={() => props.onChange(!props.opened)}
      >
        {t("composer.why.open")}
      </UnstyledButton>
      <LazyPopover
        at={button.current}
        opened={props.opened}
        onChange={props.onChange}
        position="top-start"
        width="min(24rem, calc(100vw - 1.5rem))"
        shadow="md"
      >
        <Popover.Dropdown aria-label={t("composer.why.title")} data-testid="why">
          <Reasons state={props.state} title={t("composer.why.title")} />
        </Popover.Dropdown>
      </LazyPopover>
    </>
  );
}

/** The reasons of a decision in the order in which they were weighed; the last one decided. */
export function Reasons({ state, title }: { state: Counted; title?: string }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const { why } = state;
  if (!why) return null;
  return (
    // The focus lands on the words themselves, so that they are read out.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
    <div className={classes.reasons} tabIndex={0} data-autofocus>
      {title && <h3 className={classes.reasonsTitle}>{title}</h3>}
      <dl className={classes.reasonsFacts}>
        <div>
          <dt>{t("composer.why.counts_as")}</dt>
          <dd>
            {state.class
              ? t(`composer.class.${state.class}`, { price: format.money(state.costVnd) })
              : t("composer.why.not_sendable")}
          </dd>
        </div>
        {state.class && (
          <div>
            <dt>{t("composer.why.cost")}</dt>
            <dd>{state.costVnd > 0 ? format.money(state.costVnd) : t("composer.why.free")}</dd>
          </div>
        )}
        {state.left && (
          <div>
            <dt>{t("composer.why.left")}</dt>
            <dd>
              {state.left.total === null
                ? format.number(state.left.remain)
                : t("composer.why.left_of", {
                    remain: format.number(state.left.remain),
                    total: format.number(state.left.total),
                  })}
            </dd>
          </div>
        )}
        {state.until !== null && (
          <div>
            <dt>{t("composer.why.until")}</dt>
            <dd>{format.timeAndDate(state.until)}</dd>
          </div>
        )}
      </dl>
      <ol className={classes.reasonsList}>
        {why.reasons.map((reason, at) => {
          const last = at === why.reasons.length - 1;
          return (
            <li key={reason.code} data-decisive={last || undefined}>
              {texts.reason(reason)}
              {last && <span className={classes.decisive}>{t("composer.why.decisive")}</span>}
            </li>
          );
        })}
      </ol>
      <p className={classes.reasonsFoot}>
        {why.changesAt !== null && (
          <span>{t("composer.why.changes_at", { time: format.timeAndDate(why.changesAt) })}</span>
        )}
        <span>{t("composer.why.edition", { edition: why.edition })}</span>
      </p>
    </div>
  );
}
