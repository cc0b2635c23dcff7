import { Badge, Select, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { can } from "~/api/access";
import { ApiProblem } from "~/api/problem";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { channelsQuery, hoursQuery, sessionQuery } from "~/realtime/queries";
import { SettingsPage } from "~/ui/page";
import { ErrorState } from "~/ui/states";
import { AutoReplyCard } from "./auto-reply";
import classes from "./hours.module.css";
import { PlanForm } from "./plan-form";

const EVERYBODY = "workspace";

/** Opening hours of the business and its channels, and what they answer by themselves while closed. */
export function HoursPage() {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const session = useQuery(sessionQuery).data ?? undefined;
  const disabled = !can(session, "channel", "edit");
  const hours = useQuery(hoursQuery());
  const channels = useQuery(channelsQuery()).data ?? [];
  const [scope, setScope] = useState(EVERYBODY);
  const own = hours.data?.channels.find((c) => c.channel_id === scope);
  const kept = scope === EVERYBODY ? hours.data?.plan : own?.plan;
  return (
    <SettingsPage title={t("hours.title")} intro={t("hours.intro")}>
      {hours.isPending && <Skeleton height={320} radius="lg" />}
      {hours.isError && (
        <ErrorState text={texts.problem(ApiProblem.of(hours.error))} onRetry={() => void hours.refetch()} />
      )}
      {hours.data && (
        <>
          {channels.length > 0 && (
            <Select
              label={t("hours.scope")}
              className={classes.scope}
              allowDeselect={false}
              value={scope}
              onChange={(to) => to && setScope(to)}
              data={[
                { value: EVERYBODY, label: t("hours.scope_all") },
                ...channels.map((channel) => ({ value: channel.id, label: channel.name })),
              ]}
            />
          )}
          <ul className={classes.now} aria-label={t("hours.now")}>
            {hours.data.channels.map((status) => {
              const channel = channels.find((c) => c.id === status.channel_id);
              return (
                channel && (
                  <li key={channel.id}>
                    <Badge variant="light" color={status.open ? "jade" : "gray"} tt="none">
                      {t(status.open ? "hours.open_now" : "hours.closed_now")}
                    </Badge>{" "}
                    {channel.name}
                    {status.changes_at != null && (
                      <Text span size="sm" c="dimmed">
                        {" "}
                        {t(status.open ? "hours.closes_at" : "hours.opens_at", {
                          time: format.timeAndDate(status.changes_at),
                        })}
                      </Text>
                    )}
                  </li>
                )
              );
            })}
          </ul>
          <PlanForm
            key={`${scope}-${JSON.stringify(kept ?? null)}`}
            channel={scope === EVERYBODY ? null : scope}
            kept={kept ?? null}
            inherited={scope === EVERYBODY ? null : (hours.data.plan ?? null)}
            disabled={disabled}
          />
          {channels
            .filter((channel) => scope === EVERYBODY || channel.id === scope)
            .map((channel) => (
              <AutoReplyCard key={channel.id} channel={channel} disabled={disabled} />
            ))}
          {disabled && (
            <Text size="sm" c="dimmed">
              {t("hours.only_managers")}
            </Text>
          )}
        </>
      )}
    </SettingsPage>
  );
}
