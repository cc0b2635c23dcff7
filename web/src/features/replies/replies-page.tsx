import { Badge, Button, Skeleton, TextInput } from "@mantine/core";
import { IconMessage2Bolt, IconPaperclip, IconPencil, IconSearch, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { can, canAll } from "~/api/access";
import { removeReply } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { CannedReply } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { repliesQuery, sessionQuery } from "~/realtime/queries";
import { Ask } from "~/ui/ask";
import { FitMarks } from "~/ui/fit-marks";
import { findAll } from "~/ui/fuzzy";
import { LazyModal } from "~/ui/lazy";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { SettingsPage } from "~/ui/page";
import { RowTool } from "~/ui/row-tool";
import { EmptyState, ErrorState } from "~/ui/states";
import classes from "~/ui/table.module.css";
import { ReplyEditor } from "./editor";

/** Canned replies: everybody's and one's own. */
export function RepliesPage() {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data ?? undefined;
  const replies = useQuery(repliesQuery());
  const [typed, setTyped] = useState("");
  const [edited, setEdited] = useState<CannedReply | "new" | null>(null);
  const [doomed, setDoomed] = useState<CannedReply | null>(null);
  const mayCreate = can(session, "canned_reply", "create");
  const changed = () => {
    void client.invalidateQueries({ queryKey: keys.replies() });
    void client.invalidateQueries({ queryKey: ["filled-replies"] });
  };
  const remove = useMutation({
    mutationFn: (reply: CannedReply) => removeReply(reply.id),
    onSuccess: (_, reply) => {
      changed();
      notifyDone(t("replies.removed", { name: reply.shortcut }));
      setDoomed(null);
    },
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
  const found = findAll(typed, replies.data ?? [], (r) => [r.shortcut, r.title, r.text]);
  const add = mayCreate && <Button onClick={() => setEdited("new")}>{t("replies.add")}</Button>;

  return (
    <SettingsPage title={t("replies.title")} intro={t("replies.intro")} action={add}>
      {replies.isPending && <Skeleton height={240} radius="lg" />}
      {replies.isError && (
        <ErrorState
          text={texts.problem(ApiProblem.of(replies.error))}
          onRetry={() => void replies.refetch()}
        />
      )}
      {replies.data?.length === 0 && (
        <EmptyState
          icon={<IconMessage2Bolt size={32} stroke={1.25} aria-hidden="true" />}
          title={t("replies.empty_title")}
          text={t("replies.empty_text")}
          action={add}
        />
      )}
      {replies.data && replies.data.length > 0 && (
        <>
          <TextInput
            mb="sm"
            type="search"
            aria-label={t("replies.search")}
            placeholder={t("replies.search")}
            leftSection={<IconSearch size={16} aria-hidden="true" />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {found.length === 0 && <p className={classes.muted}>{t("replies.nothing")}</p>}
          <ul className={classes.list} hidden={found.length === 0}>
            {found.map((reply) => (
              <li key={reply.id} className={classes.row}>
                <div className={classes.body}>
                  <span className={classes.head}>
                    <span className={classes.strong}>/{reply.shortcut}</span>
                    <span>{reply.title}</span>
                    <Badge size="xs" variant="default" tt="none">
                      {reply.personal ? t("replies.personal") : t("replies.shared")}
                    </Badge>
                    <FitMarks fit={reply.fit} />
                    {reply.files.length > 0 && (
                      <Badge
                        size="xs"
                        variant="default"
                        tt="none"
                        leftSection={<IconPaperclip size={10} aria-hidden="true" />}
                      >
                        {t("replies.files", { count: reply.files.length })}
                      </Badge>
                    )}
                  </span>
                  <p className={classes.muted}>{reply.text}</p>
                </div>
                <span className={classes.side}>{t("replies.used", { count: reply.used_count })}</span>
                {reply.editable && (
                  <div className={classes.actions}>
                    <RowTool
                      label={t("replies.edit", { name: reply.shortcut })}
                      onClick={() => setEdited(reply)}
                    >
                      <IconPencil size={16} aria-hidden="true" />
                    </RowTool>
                    <RowTool
                      label={t("replies.remove", { name: reply.shortcut })}
                      onClick={() => setDoomed(reply)}
                    >
                      <IconTrash size={16} aria-hidden="true" />
                    </RowTool>
                  </div>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      <LazyModal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={edited === "new" ? t("replies.add") : t("replies.edit_title")}
        size="lg"
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {edited && (
          <ReplyEditor
            reply={edited === "new" ? null : edited}
            mayShare={canAll(session, "canned_reply", "create")}
            onSaved={() => {
              changed();
              setEdited(null);
            }}
            onCancel={() => setEdited(null)}
          />
        )}
      </LazyModal>
      <Ask
        opened={doomed !== null}
        title={t("replies.remove_title", { name: doomed?.shortcut })}
        text={t("replies.remove_text")}
        action={t("common.remove")}
        busy={remove.isPending}
        onDo={() => doomed && remove.mutate(doomed)}
        onClose={() => setDoomed(null)}
      />
    </SettingsPage>
  );
}
