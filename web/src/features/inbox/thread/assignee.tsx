import { Button } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { changeConversation } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Conversation, Member } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { membersQuery, sessionQuery } from "~/realtime/queries";
import { useShortcuts } from "~/ui/keys";
import { notifyProblem } from "~/ui/notify";
import { Picker } from "~/ui/picker";

/** A member, or nobody. */
type Choice = Member | null;

/** Change status or assignee; the answer is shown at once. */
export function useChangeConversation(id: string) {
  const texts = useTexts();
  return useMutation({
    // The head stays from one conversation to the next: what one waits for, the next does not.
    mutationKey: ["change-conversation", id],
    mutationFn: (body: Parameters<typeof changeConversation>[1]) => changeConversation(id, body),
    onSuccess: (answer) => live.upsert("conversation.upserted", answer),
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
}

/** Who answers this conversation; pressed, everybody who can. */
export function Assignee({ conversation, width }: { conversation: Conversation; width?: number }) {
  const { t } = useTranslation();
  const change = useChangeConversation(conversation.id);
  const members = useQuery(membersQuery()).data;
  const me = useQuery(sessionQuery).data?.member.id;
  // Which conversation the window is about; it does not stay open over the next.
  const [asking, setAsking] = useState<string | null>(null);
  useShortcuts({ assign: () => setAsking(conversation.id) });
  const { assignee_id } = conversation;
  const now = members?.find((m) => m.id === assignee_id)?.display_name;
  const name = assignee_id ? (now ?? t("thread.former_member")) : t("thread.unassigned");
  const items = useMemo<Choice[]>(() => {
    const able = (members ?? []).filter((m) => m.status === "active" || m.id === assignee_id);
    const others = able.filter((m) => m.id !== me);
    return [...able.filter((m) => m.id === me), ...others, ...(assignee_id ? [null] : [])];
  }, [members, me, assignee_id]);
  return (
    <>
      <Button
        variant="default"
        size="xs"
        w={width}
        fullWidth={width === undefined}
        justify="space-between"
        fw={400}
        rightSection={<IconSelector size={14} aria-hidden="true" />}
        aria-label={t("thread.assignee_is", { name: members ? name : "" })}
        aria-haspopup="dialog"
        onClick={() => setAsking(conversation.id)}
      >
        {members ? name : ""}
      </Button>
      <Picker
        opened={asking === conversation.id}
        onClose={() => setAsking(null)}
        label={t("thread.assign", { name: conversation.customer.display_name })}
        placeholder={t("thread.assign_find")}
        nothing={t("thread.assign_nothing")}
        items={items}
        keyOf={(choice) => choice?.id ?? "nobody"}
        texts={(choice) => [choice?.display_name ?? t("thread.unassigned")]}
        checked={(choice) => (choice?.id ?? null) === (assignee_id ?? null)}
        render={(choice) => choice?.display_name ?? t("thread.unassigned")}
        onPick={(choice) => {
          setAsking(null);
          change.mutate({ assignee_id: choice?.id ?? null });
        }}
      />
    </>
  );
}
