import { Select } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { changeConversation } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Conversation } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { live } from "~/realtime/instance";
import { membersQuery } from "~/realtime/queries";
import { useShortcuts } from "~/ui/keys";
import { notifyProblem } from "~/ui/notify";

/** Change status or assignee; the answer is shown at once. */
export function useChangeConversation(id: string) {
  const texts = useTexts();
  return useMutation({
    mutationFn: (body: Parameters<typeof changeConversation>[1]) => changeConversation(id, body),
    onSuccess: (answer) => live.upsert("conversation.upserted", answer),
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
}

/** Who answers this conversation. */
export function AssigneeSelect({ conversation, width }: { conversation: Conversation; width?: number }) {
  const { t } = useTranslation();
  const change = useChangeConversation(conversation.id);
  const members = useQuery(membersQuery()).data ?? [];
  const field = useRef<HTMLInputElement>(null);
  useShortcuts({ assign: () => field.current?.focus() });
  const assignable = members.filter((m) => m.status === "active" || m.id === conversation.assignee_id);
  return (
    <Select
      ref={field}
      aria-label={t("thread.assignee")}
      size="xs"
      w={width}
      searchable
      value={conversation.assignee_id ?? ""}
      onChange={(id) => change.mutate({ assignee_id: id || null })}
      data={[
        { value: "", label: t("thread.unassigned") },
        ...assignable.map((m) => ({ value: m.id, label: m.display_name })),
      ]}
    />
  );
}
