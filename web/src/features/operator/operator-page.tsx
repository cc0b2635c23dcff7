import { Button, Skeleton } from "@mantine/core";
import { IconMoodSmile } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ApiProblem } from "~/api/problem";
import type { RawEvent } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { channelsQuery, rawEventsQuery } from "~/realtime/queries";
import { SettingsPage } from "~/ui/page";
import { EmptyState, ErrorState } from "~/ui/states";
import classes from "./operator.module.css";

/** Events that were kept word for word because nobody understood them yet. */
export function OperatorPage() {
  const { t } = useTranslation();
  const texts = useTexts();
  const query = useInfiniteQuery(rawEventsQuery());
  const events = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <SettingsPage title={t("operator.title")} intro={t("operator.intro")}>
      {query.isPending && <Skeleton height={160} radius="lg" />}
      {query.isError && (
        <ErrorState text={texts.problem(ApiProblem.of(query.error))} onRetry={() => void query.refetch()} />
      )}
      {query.isSuccess && events.length === 0 && (
        <EmptyState
          icon={<IconMoodSmile size={32} stroke={1.25} aria-hidden="true" />}
          title={t("operator.empty_title")}
          text={t("operator.empty_text")}
        />
      )}
      {events.length > 0 && (
        <ul className={classes.list}>
          {events.map((event) => (
            <Row key={event.id} event={event} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <div>
          <Button
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t("common.more")}
          </Button>
        </div>
      )}
    </SettingsPage>
  );
}

function Row({ event }: { event: RawEvent }) {
  const { t } = useTranslation();
  const format = useFormat();
  const channel = useQuery(channelsQuery()).data?.find((c) => c.id === event.channel_id);
  return (
    <li>
      <details className={classes.event}>
        <summary aria-label={t("operator.show_body", { name: event.event_name })}>
          <code className={classes.name}>{event.event_name}</code>
          <span className={classes.small}>
            {t(`operator.reason.${event.reason as "other"}`, { defaultValue: t("operator.reason.other") })}
          </span>
          {channel && <span className={classes.small}>{channel.name}</span>}
          <time className={classes.small} dateTime={new Date(event.received_at).toISOString()}>
            {format.timeAndDate(event.received_at)}
          </time>
        </summary>
        <pre className={classes.body}>{pretty(event.body)}</pre>
      </details>
    </li>
  );
}

/** JSON with line breaks; anything else as it came. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
