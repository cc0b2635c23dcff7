import { ActionIcon } from "@mantine/core";
import { IconArrowLeft, IconLayoutSidebarRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Conversation } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import { channelsQuery, sessionQuery } from "~/realtime/queries";
import { GroupBadge } from "~/ui/group-badge";
import { useShortcuts } from "~/ui/keys";
import { Person } from "~/ui/person";
import { OffHours } from "../later/off-hours";
import { Viewers } from "../presence/viewers";
import { Assignee, useChangeConversation } from "./assignee";
import { StatusMenu } from "./status";
import classes from "./thread.module.css";

export function ThreadHeader(props: {
  conversation: Conversation;
  narrow: boolean;
  panelOpen: boolean;
  onBack(): void;
  onPanel(): void;
}) {
  const { t } = useTranslation();
  const { conversation, narrow } = props;
  const { customer } = conversation;
  const row = t("thread.open_customer", { name: customer.display_name });
  const open = customer.group ? t("groups.row", { group: t(`groups.name.${customer.group}`), row }) : row;
  const channel = useQuery(channelsQuery()).data?.find((c) => c.id === conversation.channel_id);

  const change = useChangeConversation(conversation.id);
  const me = useQuery(sessionQuery).data?.member.id;
  const take = () => {
    if (!me || conversation.assignee_id === me) return false;
    change.mutate({ assignee_id: me });
  };
  useShortcuts({ customer: props.onPanel, assign_me: take });

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
        aria-label={open}
        aria-expanded={props.panelOpen}
      >
        <Person name={customer.display_name} src={customer.avatar_url} size={34} />
        <span className={classes.personText}>
          <span className={classes.personLine}>
            <span className={classes.personName}>{customer.display_name}</span>
            {customer.group && <GroupBadge group={customer.group} small />}
          </span>
          <span className={classes.personChannel}>{channel?.name}</span>
        </span>
      </button>
      <OffHours channel={conversation.channel_id} />
      <Viewers conversation={conversation.id} size={24} />
      {!narrow && <Assignee conversation={conversation} width={170} />}
      <StatusMenu conversation={conversation} narrow={narrow} />
      <ActionIcon
        data-hint={t("customer.panel")}
        variant={props.panelOpen ? "light" : "subtle"}
        color={props.panelOpen ? undefined : "gray"}
        aria-label={t("customer.panel")}
        aria-pressed={props.panelOpen}
        onClick={props.onPanel}
      >
        <IconLayoutSidebarRight size={18} aria-hidden="true" />
      </ActionIcon>
    </header>
  );
}
