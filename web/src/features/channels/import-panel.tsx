import { Button, Group, Progress, Select, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { startImport, steerImport } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Channel } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { LazyModal } from "~/ui/lazy";
import { notifyProblem } from "~/ui/notify";
import classes from "./import.module.css";

type Import = NonNullable<Channel["import"]>;
type State = "running" | "paused" | "done" | "canceled";
type Way = "pause" | "resume" | "cancel";

/** What was said before the account was connected: how far it is read, and the hand on it. */
export function ImportPanel({ channel, mayConfigure }: { channel: Channel; mayConfigure: boolean }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const [days, setDays] = useState("all");
  const { import: found } = channel;
  const put = {
    onSuccess: (answer: Channel) => {
      setAsking(false);
      live.upsert("channel.upserted", answer);
    },
    onError: (error: Error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  };
  const start = useMutation({
    mutationFn: () => startImport(channel.id, days === "all" ? {} : { days: Number(days) }),
    ...put,
  });
  const steer = useMutation({ mutationFn: (action: Way) => steerImport(channel.id, { action }), ...put });
  const active = found?.state === "running" || found?.state === "paused";
  if (!found && !mayConfigure) return null;
  const way = (action: Way) => (
    <Button
      size="xs"
      variant={action === "cancel" ? "subtle" : "default"}
      color={action === "cancel" ? "red" : undefined}
      loading={steer.isPending && steer.variables === action}
      onClick={() => steer.mutate(action)}
    >
      {t(`import.way.${action}`)}
    </Button>
  );

  return (
    <section className={classes.panel} aria-label={t("import.title")} data-testid="import">
      <div className={classes.head}>
        <h3 className={classes.title}>{t("import.title")}</h3>
        {mayConfigure && (
          <Group gap="xs">
            {found?.state === "running" && way("pause")}
            {found?.state === "paused" && way("resume")}
            {active && way("cancel")}
            {!active && (
              <Button
                size="xs"
                variant="default"
                disabled={channel.status !== "connected"}
                onClick={() => setAsking(true)}
              >
                {t(found ? "import.again" : "import.start")}
              </Button>
            )}
          </Group>
        )}
      </div>
      {found ? (
        <Standing found={found} />
      ) : (
        <Text size="sm" c="dimmed">
          {t("import.never")}
        </Text>
      )}
      {found?.waits_until !== undefined && (
        <p className={classes.wait} role="status">
          {t("import.waits", { time: format.time(found.waits_until), reason: found.last_error ?? "" })}
        </p>
      )}
      <LazyModal opened={asking} onClose={() => setAsking(false)} title={t("import.start")}>
        <Text size="sm">{t("import.intro")}</Text>
        <Select
          mt="md"
          label={t("import.how_far")}
          value={days}
          allowDeselect={false}
          onChange={(value) => value && setDays(value)}
          data={[
            { value: "all", label: t("import.all") },
            ...[365, 90, 30, 7].map((n) => ({ value: String(n), label: t("import.days", { count: n }) })),
          ]}
        />
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={() => setAsking(false)}>
            {t("common.cancel")}
          </Button>
          <Button loading={start.isPending} data-autofocus onClick={() => start.mutate()}>
            {t("import.begin")}
          </Button>
        </Group>
      </LazyModal>
    </section>
  );
}

function Standing({ found }: { found: Import }) {
  const { t } = useTranslation();
  const format = useFormat();
  const state = found.state as State;
  const listing = found.stage === "listing" && state !== "done";
  const share = found.threads_found > 0 ? (100 * found.threads_done) / found.threads_found : 0;
  return (
    <>
      <p className={classes.state} data-testid="import-state">
        {listing && state === "running"
          ? t("import.listing", { count: found.threads_found })
          : t(`import.state.${state}`, {
              time: format.asOf(found.finished_at ?? found.created_at),
            })}
      </p>
      {state !== "canceled" && (
        <Progress
          value={state === "done" ? 100 : share}
          size="sm"
          animated={state === "running"}
          color={state === "paused" ? "gray" : undefined}
          aria-label={t("import.title")}
        />
      )}
      <p className={classes.numbers}>
        {t("import.threads", {
          done: format.number(found.threads_done),
          found: format.number(found.threads_found),
        })}
        <span aria-hidden="true"> · </span>
        {t("import.messages", {
          new: format.number(found.messages_new),
          read: format.number(found.messages_read),
        })}
      </p>
      {found.is_limited && <p className={classes.note}>{t("import.limited")}</p>}
      {found.threads_refused > 0 && (
        <p className={classes.note}>{t("import.refused", { count: found.threads_refused })}</p>
      )}
    </>
  );
}
