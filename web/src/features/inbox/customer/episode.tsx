import type { Conversation } from "~/api/types";
import { useFormat, useNow } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./panel.module.css";

/** How long the customer waited in this episode of the conversation, and how long it took to finish it. */
export function EpisodeFacts({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { episode } = conversation;
  if (!episode) return null;
  const after = (ms: number) =>
    ms < 60_000 ? t("customer.episode.at_once") : t("customer.episode.after", { time: format.span(ms) });
  const { opened_at: opened, asked_at: asked, first_response_at: answered, resolved_at: resolved } = episode;
  return (
    <section className={classes.section} aria-label={t("customer.episode.title")} data-testid="episode">
      <h3 className={classes.heading}>{t("customer.episode.title")}</h3>
      <dl className={classes.facts}>
        <div className={classes.fact}>
          <dt>{t("customer.episode.opened")}</dt>
          <dd>{format.timeAndDate(opened)}</dd>
        </div>
        {asked && (
          <div className={classes.fact}>
            <dt>{t("customer.episode.first_response")}</dt>
            <dd>
              {answered
                ? after(answered - asked)
                : resolved
                  ? t("customer.episode.none")
                  : t("customer.episode.waiting", { time: format.span(now - asked) })}
            </dd>
          </div>
        )}
        <div className={classes.fact}>
          <dt>{t("customer.episode.resolved")}</dt>
          <dd>{resolved ? after(resolved - opened) : t("customer.episode.open")}</dd>
        </div>
      </dl>
    </section>
  );
}
