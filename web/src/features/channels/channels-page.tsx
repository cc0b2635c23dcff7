import { Alert, Badge, Button, Group, Select, Skeleton, Text } from "@mantine/core";
import { IconBuildingStore } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { can } from "~/api/access";
import { changeChannel, connectZalo, disconnectChannel, refreshChannel } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Channel } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { channelsQuery, sessionQuery, zaloAppQuery } from "~/realtime/queries";
import { LazyModal } from "~/ui/lazy";
import { notifyProblem } from "~/ui/notify";
import { Card, SettingsPage } from "~/ui/page";
import { Person } from "~/ui/person";
import { EmptyState, ErrorState } from "~/ui/states";
import { ZaloAppForm } from "./app-form";
import classes from "./channels.module.css";
import { ImportPanel } from "./import-panel";
import { QuotaValue } from "./quota-value";

/** Accounts of the business on platforms, and the application that connects them. */
export function ChannelsPage(props: { connected?: string; error?: string }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const session = useQuery(sessionQuery).data ?? undefined;
  const mayConfigure = can(session, "channel", "configure");
  const channels = useQuery(channelsQuery());
  const app = useQuery({ ...zaloAppQuery(), enabled: mayConfigure });
  const connect = useConnect();
  const ready = Boolean(app.data?.has_app_secret);

  return (
    <SettingsPage
      title={t("channels.title")}
      intro={t("channels.intro")}
      action={
        mayConfigure && (
          <Button
            onClick={() => connect.mutate()}
            loading={connect.isPending || connect.isSuccess}
            disabled={!ready}
            title={ready ? undefined : t("channels.connect_first")}
          >
            {t("channels.connect")}
          </Button>
        )
      }
    >
      {props.connected && <Alert color="jade">{t("channels.connected_now")}</Alert>}
      {props.error && (
        <Alert color="red" role="alert">
          {t("channels.connect_failed", { reason: texts.problem({ code: props.error }) })}
        </Alert>
      )}
      {channels.isPending && <Skeleton height={140} radius="lg" />}
      {channels.isError && (
        <ErrorState
          text={texts.problem(ApiProblem.of(channels.error))}
          onRetry={() => void channels.refetch()}
        />
      )}
      {channels.data?.length === 0 && (
        <EmptyState
          icon={<IconBuildingStore size={32} stroke={1.25} aria-hidden="true" />}
          title={t("channels.empty_title")}
          text={t("channels.empty_text")}
        />
      )}
      {channels.data?.map((channel) => (
        <ChannelCard
          key={channel.id}
          channel={channel}
          mayConfigure={mayConfigure}
          mayEdit={can(session, "channel", "edit")}
          onReconnect={() => connect.mutate()}
        />
      ))}
      {mayConfigure && app.data !== undefined && <ZaloAppForm key={app.data?.app_id ?? ""} app={app.data} />}
      {!mayConfigure && (
        <Text size="sm" c="dimmed">
          {t("common.only_admin")}
        </Text>
      )}
    </SettingsPage>
  );
}

function useConnect() {
  const texts = useTexts();
  return useMutation({
    mutationFn: connectZalo,
    // The platform asks for permission on its own page and sends the browser back here.
    onSuccess: ({ url }) => window.location.assign(url),
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
}

const TONES = { connected: "jade", reconnect_required: "brass", disconnected: "gray" } as const;

type Status = keyof typeof TONES;

type Billing = "unknown" | "linked" | "not_linked" | "out_of_money";

function ChannelCard(props: {
  channel: Channel;
  mayConfigure: boolean;
  mayEdit: boolean;
  onReconnect(): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const { channel } = props;
  const [asking, setAsking] = useState(false);
  const put = {
    onSuccess: (answer: Channel) => live.upsert("channel.upserted", answer),
    onError: (error: Error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  };
  const refresh = useMutation({ mutationFn: () => refreshChannel(channel.id), ...put });
  const edit = useMutation({
    mutationFn: (edition: string) => changeChannel(channel.id, { edition }),
    ...put,
  });
  const disconnect = useMutation({
    mutationFn: () => disconnectChannel(channel.id),
    onSuccess: (answer) => {
      setAsking(false);
      live.upsert("channel.upserted", answer);
    },
    onError: put.onError,
  });
  const gone = channel.status !== "connected";
  // A notice about this account leads here.
  const card = useRef<HTMLElement>(null);
  const meant = useLocation({ select: (at) => at.hash === channel.id });
  useEffect(() => {
    if (!meant) return;
    card.current?.scrollIntoView({ block: "nearest" });
    card.current?.focus({ preventScroll: true });
  }, [meant]);

  return (
    <Card label={channel.name} id={channel.id} ref={card}>
      <div className={classes.head}>
        <Person name={channel.name} src={channel.avatar_url} size={44} />
        <div className={classes.names}>
          <h2 className={classes.name}>{channel.name}</h2>
          <Text size="sm" c="dimmed">
            {t("channels.oa_id", { id: channel.external_id })}
          </Text>
        </div>
        <Badge color={TONES[channel.status as Status] ?? "gray"} variant="light" tt="none">
          {t(`channels.status.${channel.status as Status}`)}
        </Badge>
      </div>
      <dl className={classes.facts}>
        <div>
          <dt>{t("channels.quota")}</dt>
          <dd data-testid="quota">
            {channel.quota ? <QuotaValue quota={channel.quota} /> : t("channels.quota_unknown")}
          </dd>
        </div>
        {channel.package_name && (
          <div>
            <dt>{t("channels.package")}</dt>
            <dd>{channel.package_name}</dd>
          </div>
        )}
        <div>
          <dt>{t("channels.billing_label")}</dt>
          <dd>{t(`channels.billing.${channel.billing as Billing}`)}</dd>
        </div>
      </dl>
      <div className={classes.row}>
        <Select
          label={t("channels.edition")}
          value={channel.edition}
          disabled={!props.mayEdit || edit.isPending}
          onChange={(edition) => edition && edit.mutate(edition)}
          data={[
            { value: "messaging-2024-11", label: t("channels.edition_2024") },
            { value: "messaging-2026-01", label: t("channels.edition_2026") },
            { value: "auto", label: t("channels.edition_auto") },
          ]}
          w={320}
        />
        <Group gap="xs">
          <Button
            variant="default"
            renderRoot={(root) => (
              <Link to="/settings/channels/$channelId/quota" params={{ channelId: channel.id }} {...root} />
            )}
          >
            {t("quota.open")}
          </Button>
          {gone ? (
            <Button disabled={!props.mayConfigure} onClick={props.onReconnect}>
              {t("channels.reconnect")}
            </Button>
          ) : (
            <Button variant="default" loading={refresh.isPending} onClick={() => refresh.mutate()}>
              {t("channels.refresh")}
            </Button>
          )}
          {channel.status !== "disconnected" && props.mayConfigure && (
            <Button variant="subtle" color="red" onClick={() => setAsking(true)}>
              {t("channels.disconnect")}
            </Button>
          )}
        </Group>
      </div>
      <ImportPanel channel={channel} mayConfigure={props.mayConfigure} />
      <LazyModal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t("channels.disconnect_title", { name: channel.name })}
      >
        <Text>{t("channels.disconnect_text")}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
            {t("common.cancel")}
          </Button>
          <Button color="red" loading={disconnect.isPending} onClick={() => disconnect.mutate()}>
            {t("channels.disconnect")}
          </Button>
        </Group>
      </LazyModal>
    </Card>
  );
}
