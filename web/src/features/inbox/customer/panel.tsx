import { ActionIcon, Badge, Button, Skeleton, Textarea } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { changeCustomer } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Conversation, Customer, Identity, ReplyLeft } from "~/api/types";
import { useFormat, useNow } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { CustomerFields } from "~/parts/fields/customer-fields";
import { live } from "~/realtime/instance";
import { channelsQuery, customerQuery } from "~/realtime/queries";
import { GroupBadge } from "~/ui/group-badge";
import { notifyDone } from "~/ui/notify";
import { Person } from "~/ui/person";
import { ErrorState } from "~/ui/states";
import { EpisodeFacts } from "./episode";
import { CustomerLabels } from "./labels";
import classes from "./panel.module.css";

export function CustomerPanel(props: {
  conversation: Conversation;
  /** Stands under the name in a narrow window, where the head has no room for it. */
  children?: ReactNode;
  onClose(): void;
}) {
  const { conversation, onClose } = props;
  const { t } = useTranslation();
  const texts = useTexts();
  const { customer } = conversation;
  const query = useQuery(customerQuery(customer.id));
  return (
    <aside className={classes.panel} aria-label={t("customer.panel")}>
      <header className={classes.head}>
        <Person name={customer.display_name} src={customer.avatar_url} size={56} />
        <h2 className={classes.name}>{customer.display_name}</h2>
        <ActionIcon
          className={classes.close}
          variant="subtle"
          color="gray"
          aria-label={t("customer.close")}
          onClick={onClose}
        >
          <IconX size={18} aria-hidden="true" />
        </ActionIcon>
      </header>
      <Replies
        reply={conversation.reply}
        closed={conversation.is_blocked || removedAt(query.data, conversation) !== undefined}
      />
      <Standing conversation={conversation} removed={removedAt(query.data, conversation)} />
      <EpisodeFacts conversation={conversation} />
      <CustomerLabels conversation={conversation} />
      {props.children && <div className={classes.section}>{props.children}</div>}
      {query.data ? (
        <Facts key={query.data.id} customer={query.data} />
      ) : query.isError ? (
        <ErrorState text={texts.problem(ApiProblem.of(query.error))} onRetry={() => void query.refetch()} />
      ) : (
        <div className={classes.section}>
          <Skeleton height={12} width="60%" />
          <Skeleton height={12} width="80%" mt="sm" />
          <Skeleton height={72} mt="md" />
        </div>
      )}
    </aside>
  );
}

/** The free replies of this customer, live. A window that ended is not shown as open. */
function Replies({ reply, closed }: { reply: ReplyLeft | null | undefined; closed: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow(10_000);
  const open = reply && reply.until >= now;
  const until = open ? format.timeAndDate(reply.until) : "";
  const text = !open
    ? t(closed ? "customer.replies_closed" : "customer.replies_none")
    : reply.remain != null && reply.total != null
      ? t("customer.replies", { remain: reply.remain, total: reply.total, until })
      : t("customer.replies_unlimited", { until });
  const empty = open && reply.remain === 0;
  return (
    <p className={classes.replies} data-tone={empty ? "attention" : undefined} data-testid="free-replies">
      {text}
    </p>
  );
}

/** When a member ended the follow on the account of this conversation; they may follow again. */
function removedAt(customer: Customer | undefined, conversation: Conversation): number | undefined {
  return customer?.identities.find((i) => i.channel_id === conversation.channel_id)?.follow_removed_at;
}

function Standing({ conversation, removed }: { conversation: Conversation; removed?: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={classes.badges}>
      {conversation.customer.group && <GroupBadge group={conversation.customer.group} />}
      <Badge variant="light" color={conversation.is_follower ? "jade" : "gray"} tt="none">
        {conversation.is_follower == null
          ? t("customer.follower_unknown")
          : conversation.is_follower
            ? t("customer.follower")
            : removed
              ? t("customer.follow_removed", { at: format.asOf(removed) })
              : t("customer.not_follower")}
      </Badge>
      {conversation.is_blocked && (
        <Badge variant="light" color="red" tt="none">
          {t("customer.blocked")}
        </Badge>
      )}
    </div>
  );
}

function Facts({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const channels = useQuery(channelsQuery()).data;
  return (
    <>
      <dl className={classes.facts}>
        <Fact label={t("customer.phone")}>
          {customer.phone ? <a href={`tel:${customer.phone}`}>{customer.phone}</a> : t("customer.no_phone")}
        </Fact>
        <Fact label={t("customer.since")}>{format.timeAndDate(customer.created_at)}</Fact>
      </dl>
      <section className={classes.section} aria-label={t("fields.section")}>
        <h3 className={classes.heading}>{t("fields.section")}</h3>
        <CustomerFields customer={customer} />
      </section>
      <Note customer={customer} />
      <section className={classes.section} aria-label={t("customer.identities")}>
        <h3 className={classes.heading}>{t("customer.identities")}</h3>
        {customer.identities.map((identity) => (
          <IdentityFacts
            key={identity.id}
            identity={identity}
            channel={channels?.find((c) => c.id === identity.channel_id)?.name ?? identity.channel_id}
          />
        ))}
      </section>
    </>
  );
}

function IdentityFacts({ identity, channel }: { identity: Identity; channel: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const when = (at: number | null | undefined) => (at == null ? t("customer.never") : format.timeAndDate(at));
  return (
    <div className={classes.identity}>
      <span>{t("customer.identity", { channel, id: identity.external_id })}</span>
      <dl className={classes.facts}>
        <Fact label={t("customer.last_message")}>{when(identity.last_message_at)}</Fact>
        <Fact label={t("customer.last_interaction")}>{when(identity.last_interaction_at)}</Fact>
      </dl>
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Note({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const [typed, setTyped] = useState<string | null>(null);
  const stored = customer.note ?? "";
  const save = useMutation({
    mutationFn: (note: string) => changeCustomer(customer.id, { note }),
    onSuccess: (answer) => {
      live.upsert("customer.upserted", answer);
      setTyped(null);
      notifyDone(t("customer.note_saved"));
    },
  });
  const changed = typed !== null && typed !== stored;
  return (
    <div className={classes.section}>
      <Textarea
        label={t("customer.note")}
        placeholder={t("customer.note_placeholder")}
        autosize
        minRows={2}
        maxRows={8}
        value={typed ?? stored}
        onChange={(event) => setTyped(event.currentTarget.value)}
        error={save.isError ? texts.problem(ApiProblem.of(save.error)) : undefined}
      />
      {changed && (
        <Button
          size="xs"
          loading={save.isPending}
          onClick={() => save.mutate(typed)}
          className={classes.save}
        >
          {t("common.save")}
        </Button>
      )}
    </div>
  );
}
