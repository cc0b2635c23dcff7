import { Button, SegmentedControl, Skeleton, Table } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { ApiProblem } from "~/api/problem";
import type { Channel, QuotaHistory } from "~/api/types";
import { dayKey } from "~/i18n/format";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { channelsQuery, membersQuery, quotaHistoryQuery } from "~/realtime/queries";
import { Card, SettingsPage } from "~/ui/page";
import { EmptyState, ErrorState } from "~/ui/states";
import classes from "./quota.module.css";
import { QuotaChart } from "./quota-chart";
import {
  barsOf,
  firstDay,
  type Grouping,
  OTHERS,
  OUTSIDE,
  rowsOf,
  type Series,
  SYSTEM,
  seriesOf,
} from "./quota-days";
import { QuotaValue } from "./quota-value";

const SPANS = [7, 30, 90] as const;

/** Who or what used an account's quota, by day. */
export function QuotaHistoryPage({ channel: id }: { channel: string }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const [days, setDays] = useState<number>(30);
  const channels = useQuery(channelsQuery());
  const channel = channels.data?.find((c) => c.id === id);
  const query = useQuery({
    ...quotaHistoryQuery(id, days, firstDay(dayKey(Date.now()), days)),
    placeholderData: keepPreviousData,
  });
  return (
    <SettingsPage
      title={t("quota.title")}
      intro={channel && t("quota.intro", { name: channel.name })}
      action={
        <Button variant="default" component={Link} to="/settings/channels">
          {t("quota.back")}
        </Button>
      }
    >
      {query.isError ? (
        <ErrorState text={texts.problem(ApiProblem.of(query.error))} onRetry={() => void query.refetch()} />
      ) : query.data ? (
        <>
          <div className={classes.controls}>
            <SegmentedControl
              aria-label={t("quota.span")}
              value={String(days)}
              onChange={(value) => setDays(Number(value))}
              data={SPANS.map((n) => ({ value: String(n), label: t("quota.days", { count: n }) }))}
            />
          </div>
          <History history={query.data} channel={channel} />
        </>
      ) : (
        <Skeleton height={320} radius="lg" />
      )}
    </SettingsPage>
  );
}

function History({ history, channel }: { history: QuotaHistory; channel: Channel | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [grouping, setGrouping] = useState<Grouping>("class");
  const members = useQuery(membersQuery()).data;
  const series = useMemo(() => seriesOf(history, grouping), [history, grouping]);
  const bars = useMemo(() => barsOf(history, grouping, series), [history, grouping, series]);
  const rows = useMemo(() => rowsOf(history), [history]);

  const member = (by: string) => members?.find((m) => m.id === by)?.display_name ?? t("thread.former_member");
  const kind = (word: string) =>
    word === OUTSIDE ? t("quota.outside") : t(`quota.class.${word as "reply"}`, { defaultValue: word });
  const label = ({ key }: Pick<Series, "key">) => {
    if (key === OUTSIDE) return t("quota.outside");
    if (key === OTHERS) return t("quota.others");
    if (key === SYSTEM) return t("quota.system");
    return grouping === "class" ? kind(key) : member(key);
  };
  const outside = history.days.reduce((sum, day) => sum + day.outside, 0);
  const sent = rows.reduce((sum, row) => sum + row.messages, 0) - outside;
  const cost = rows.reduce((sum, row) => sum + row.costVnd, 0);

  return (
    <>
      <dl className={classes.sums}>
        <div>
          <dt>{t("quota.sent")}</dt>
          <dd>{format.number(sent)}</dd>
        </div>
        <div>
          <dt>{t("quota.outside")}</dt>
          <dd data-testid="outside">{format.number(outside)}</dd>
        </div>
        <div>
          <dt>{t("quota.cost")}</dt>
          <dd>{format.money(cost)}</dd>
        </div>
        {channel?.quota && (
          <div>
            <dt>{t("channels.quota")}</dt>
            <dd>
              <QuotaValue quota={channel.quota} />
            </dd>
          </div>
        )}
      </dl>
      {rows.length === 0 ? (
        <EmptyState
          icon={<IconChartBar size={32} stroke={1.25} aria-hidden="true" />}
          title={t("quota.empty_title")}
          text={t("quota.empty_text")}
        />
      ) : (
        <>
          <Card>
            <div className={classes.controls}>
              <h2 className={classes.heading}>{t("quota.chart")}</h2>
              <SegmentedControl
                size="xs"
                aria-label={t("quota.grouping")}
                value={grouping}
                onChange={(value) => setGrouping(value as Grouping)}
                data={[
                  { value: "class", label: t("quota.by_class") },
                  { value: "member", label: t("quota.by_member") },
                ]}
              />
            </div>
            <QuotaChart
              bars={bars}
              series={series.map((s) => ({ ...s, label: label(s) }))}
              summary={t("quota.summary", {
                from: format.day(history.from),
                to: format.day(history.to),
                sent: format.number(sent),
                outside: format.number(outside),
              })}
            />
          </Card>
          <Card title={t("quota.table")}>
            <Table.ScrollContainer minWidth={420}>
              <Table data-testid="quota-table" verticalSpacing={6}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th scope="col">{t("quota.day")}</Table.Th>
                    <Table.Th scope="col">{t("quota.by")}</Table.Th>
                    <Table.Th scope="col">{t("quota.kind")}</Table.Th>
                    <Table.Th scope="col" ta="end">
                      {t("quota.messages")}
                    </Table.Th>
                    <Table.Th scope="col" ta="end">
                      {t("quota.cost")}
                    </Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map((row) => (
                    <Table.Tr key={`${row.day} ${row.by} ${row.class}`}>
                      <Table.Td>{format.day(row.day)}</Table.Td>
                      <Table.Td>
                        {row.by === null
                          ? t("quota.system")
                          : row.by === OUTSIDE
                            ? t("quota.outside_by")
                            : member(row.by)}
                      </Table.Td>
                      <Table.Td>{kind(row.class)}</Table.Td>
                      <Table.Td ta="end" className={classes.figure}>
                        {format.number(row.messages)}
                      </Table.Td>
                      <Table.Td ta="end" className={classes.figure}>
                        {row.costVnd > 0 ? format.money(row.costVnd) : "–"}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          </Card>
        </>
      )}
    </>
  );
}
