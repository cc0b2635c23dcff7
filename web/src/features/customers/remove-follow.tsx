import { Alert, Button, Group, Radio, Skeleton, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { removeFollow } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { CustomerRow, FollowOffer } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { channelsQuery, followOffersQuery } from "~/realtime/queries";
import { LazyModal } from "~/ui/lazy";
import { notifyDone } from "~/ui/notify";
import classes from "./customers.module.css";

/** "Xóa quan tâm": asks once, and says plainly what Zalo does and does not do for it. */
export function RemoveFollow(props: { row: CustomerRow; opened: boolean; onClose(): void }) {
  const { t } = useTranslation();
  const { row, opened, onClose } = props;
  return (
    <LazyModal
      opened={opened}
      onClose={onClose}
      title={t("customers.remove.title")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <Question row={row} opened={opened} onClose={onClose} />
    </LazyModal>
  );
}

const REASONS = ["not_following", "in_progress", "outcome_unknown"] as const;

function Question({ row, opened, onClose }: { row: CustomerRow; opened: boolean; onClose(): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const { display_name: name, id } = row.customer;
  const offers = useQuery({ ...followOffersQuery(id), enabled: opened });
  const channels = useQuery(channelsQuery()).data;
  const following = row.customer.identities.filter((identity) => identity.is_follower !== false);
  const [picked, setPicked] = useState<string>();
  const channel = following.find((i) => i.channel_id === picked)?.channel_id ?? following[0]?.channel_id;
  const account = channels?.find((c) => c.id === channel)?.name ?? "";
  const offer = offers.data?.find((o) => o.channel_id === channel);
  // One wish while the window stands open: pressed again after a lost answer it is the same one, and is done once.
  const [wish] = useState(() => crypto.randomUUID());
  const remove = useMutation({
    mutationFn: (on: string) => removeFollow(id, { channel_id: on, id: wish }),
    onSuccess: ({ outcome }) => {
      if (outcome === "unknown") return;
      notifyDone(t(outcome === "noted" ? "customers.remove.noted" : "customers.remove.done", { name }));
      onClose();
    },
  });
  const unknown = remove.data?.outcome === "unknown";
  const failed = remove.error && says(ApiProblem.of(remove.error));
  const problem = offers.error ? texts.problem(ApiProblem.of(offers.error)) : null;

  function says(error: ApiProblem): string {
    const { reason } = error.params as { reason?: unknown };
    const known = REASONS.find((r) => r === reason);
    if (known) return t(`customers.remove.${known}`, { name });
    if (error.code === "platform_unavailable") return t("customers.remove.unavailable");
    return texts.problem(error);
  }

  return (
    <Stack gap="sm">
      <p className={classes.says}>{t("customers.remove.text", { name, account })}</p>
      {following.length > 1 && (
        <Radio.Group label={t("customers.remove.where")} value={channel ?? ""} onChange={setPicked}>
          <Stack gap={6} mt={6}>
            {following.map((identity) => (
              <Radio
                key={identity.channel_id}
                value={identity.channel_id}
                label={channels?.find((c) => c.id === identity.channel_id)?.name ?? identity.external_id}
              />
            ))}
          </Stack>
        </Radio.Group>
      )}
      {offers.isPending && <Skeleton height={64} />}
      {offer && !offer.at_platform && <ByHand offer={offer} />}
      {unknown && (
        <p className={classes.byHand} role="alert">
          {t("customers.remove.unknown")}
        </p>
      )}
      {(failed || problem) && (
        <Alert color="red" role="alert">
          {failed ?? problem}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button variant="default" data-autofocus onClick={onClose}>
          {t("common.cancel")}
        </Button>
        <Button
          color="red"
          loading={remove.isPending}
          disabled={!offer || !channel || unknown}
          onClick={() => channel && remove.mutate(channel)}
        >
          {t(offer && !offer.at_platform ? "customers.remove.note" : "customers.remove.action")}
        </Button>
      </Group>
    </Stack>
  );
}

/** Zalo offers no call for it: it has to be done in its console too. */
function ByHand({ offer }: { offer: FollowOffer }) {
  const { t } = useTranslation();
  return (
    <div className={classes.byHand} role="note">
      <strong>{t("customers.remove.by_hand_title")}</strong>
      <p>{t("customers.remove.by_hand")}</p>
      {offer.console_url && (
        <a href={offer.console_url} target="_blank" rel="noreferrer">
          {t("customers.remove.console")}
        </a>
      )}
    </div>
  );
}
