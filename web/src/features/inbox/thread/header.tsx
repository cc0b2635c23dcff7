import { ActionIcon, Badge, Button, Select, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconCheck, IconLayoutSidebarRight, IconRotateClockwise } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { changeConversation } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Conversation } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { live } from "~/realtime/instance";
import { channelsQuery, membersQuery } from "~/realtime/queries";
import { useShortcuts } from "~/ui/keys";
import { notifyProblem } from "~/ui/notify";
import { Person } from "~/ui/person";
import classes from "./thread.module.css";

export function ThreadHeader(props: {
  conversation: Conversation;
  narrow: boolean;
  panelOpen: boolean;
  onBack(): void;
  onPanel(): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const { conversation, narrow } = props;
  const { customer } = conversation;
  const channel = useQuery(channelsQuery()).data?.find((c) => c.id === conversation.channel_id);
  const members = useQuery(membersQuery()).data ?? [];
  const closed = conversation.status === "closed";

  const change = useMutation({
    mutationFn: (body: Parameters<typeof changeConversation>[1]) => changeConversation(conversation.id, body),
    onSuccess: (answer) => live.upsert("conversation.upserted", answer),
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
  const toggle = () => change.mutate({ status: closed ? "open" : "closed" });
  useShortcuts({ close: toggle, customer: props.onPanel });

  const assignable = members.filter((m) => m.status === "active" || m.id === conversation.assignee_id);
  return (
    <header className={classes.header}>
      {narrow && (
        <ActionIcon variant="subtle" color="gray" aria-label={t("common.back")} onClick={props.onBack}>
          <IconArrowLeft size={20} aria-hidden="true" />
        </ActionIcon>
      )}
      <button
        type="button"
        className={classes.person}
        onClick={props.onPanel}
        aria-label={t("thread.open_customer", { name: customer.display_name })}
        aria-expanded={props.panelOpen}
      >
        <Person name={customer.display_name} src={customer.avatar_url} size={34} />
        <span className={classes.personText}>
          <span className={classes.personName}>{customer.display_name}</span>
          <span className={classes.personChannel}>{channel?.name}</span>
        </span>
      </button>
      {closed && !narrow && (
        <Badge variant="light" color="gray" size="sm">
          {t("thread.closed_badge")}
        </Badge>
      )}
      {!narrow && (
        <Select
          aria-label={t("thread.assignee")}
          size="xs"
          w={170}
          searchable
          value={conversation.assignee_id ?? ""}
          onChange={(id) => change.mutate({ assignee_id: id || null })}
          data={[
            { value: "", label: t("thread.unassigned") },
            ...assignable.map((m) => ({ value: m.id, label: m.display_name })),
          ]}
        />
      )}
      {narrow ? (
        <ActionIcon
          variant="default"
          aria-label={closed ? t("thread.reopen") : t("thread.close")}
          loading={change.isPending}
          onClick={toggle}
        >
          {closed ? (
            <IconRotateClockwise size={16} aria-hidden="true" />
          ) : (
            <IconCheck size={16} aria-hidden="true" />
          )}
        </ActionIcon>
      ) : (
        <Button
          size="xs"
          variant="default"
          leftSection={
            closed ? (
              <IconRotateClockwise size={14} aria-hidden="true" />
            ) : (
              <IconCheck size={14} aria-hidden="true" />
            )
          }
          loading={change.isPending}
          onClick={toggle}
        >
          {closed ? t("thread.reopen") : t("thread.close")}
        </Button>
      )}
      <Tooltip label={t("customer.panel")}>
        <ActionIcon
          variant={props.panelOpen ? "light" : "subtle"}
          color={props.panelOpen ? undefined : "gray"}
          aria-label={t("customer.panel")}
          aria-pressed={props.panelOpen}
          onClick={props.onPanel}
        >
          <IconLayoutSidebarRight size={18} aria-hidden="true" />
        </ActionIcon>
      </Tooltip>
    </header>
  );
}
