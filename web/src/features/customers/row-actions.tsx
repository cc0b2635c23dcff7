import { ActionIcon } from "@mantine/core";
import { IconLink, IconMessageCircle, IconUserMinus } from "@tabler/icons-react";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import type { CustomerRow } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { RemoveFollow } from "./remove-follow";

/** "Thao tác": open the conversation, take its link, end the follow. */
export function RowActions(props: { row: CustomerRow; onOpen(conversation: string): void }) {
  const { t } = useTranslation();
  const router = useRouter();
  const { row } = props;
  const thread = row.threads[0];
  const name = row.customer.display_name;
  const [removing, setRemoving] = useState(false);
  const follows = row.customer.identities.some((identity) => identity.is_follower !== false);
  const copy = async () => {
    if (!thread) return;
    const { href } = router.buildLocation({
      to: "/inbox/$conversationId",
      params: { conversationId: thread.id },
      search: { filter: "all" },
    });
    try {
      await navigator.clipboard.writeText(`${location.origin}${href}`);
      notifyDone(t("customers.link_copied", { name }));
    } catch {
      notifyProblem(t("customers.link_not_copied"));
    }
  };
  return (
    <span>
      <ActionIcon
        variant="subtle"
        color="gray"
        disabled={!thread}
        aria-label={t("customers.open", { name })}
        data-hint={t("customers.open", { name })}
        onClick={() => thread && props.onOpen(thread.id)}
      >
        <IconMessageCircle size={17} aria-hidden="true" />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        disabled={!thread}
        aria-label={t("customers.link", { name })}
        data-hint={t("customers.link", { name })}
        onClick={() => void copy()}
      >
        <IconLink size={17} aria-hidden="true" />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        disabled={!follows}
        aria-label={t("customers.remove.of", { name })}
        aria-haspopup="dialog"
        data-hint={t("customers.remove.of", { name })}
        onClick={() => setRemoving(true)}
      >
        <IconUserMinus size={17} aria-hidden="true" />
      </ActionIcon>
      <RemoveFollow row={row} opened={removing} onClose={() => setRemoving(false)} />
    </span>
  );
}
