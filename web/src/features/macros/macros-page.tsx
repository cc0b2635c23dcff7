import { Badge, Button, Skeleton } from "@mantine/core";
import { IconBolt, IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { can, canAll } from "~/api/access";
import { removeMacro } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { Macro } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { macrosQuery, sessionQuery } from "~/realtime/queries";
import { Ask } from "~/ui/ask";
import { LazyModal } from "~/ui/lazy";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { SettingsPage } from "~/ui/page";
import { RowTool } from "~/ui/row-tool";
import { EmptyState, ErrorState } from "~/ui/states";
import classes from "~/ui/table.module.css";
import { MacroEditor } from "./editor";
import { kindOf } from "./kinds";

/** Macros: everybody's and one's own. */
export function MacrosPage() {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data ?? undefined;
  const macros = useQuery(macrosQuery());
  const [edited, setEdited] = useState<Macro | "new" | null>(null);
  const [doomed, setDoomed] = useState<Macro | null>(null);
  const changed = () => {
    void client.invalidateQueries({ queryKey: keys.macros() });
    void client.invalidateQueries({ queryKey: ["macro-preview"] });
  };
  const remove = useMutation({
    mutationFn: (macro: Macro) => removeMacro(macro.id),
    onSuccess: (_, macro) => {
      changed();
      notifyDone(t("macros.removed", { name: macro.name }));
      setDoomed(null);
    },
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
  const add = can(session, "macro", "create") && (
    <Button onClick={() => setEdited("new")}>{t("macros.add")}</Button>
  );

  return (
    <SettingsPage title={t("macros.title")} intro={t("macros.intro")} action={add}>
      {macros.isPending && <Skeleton height={240} radius="lg" />}
      {macros.isError && (
        <ErrorState text={texts.problem(ApiProblem.of(macros.error))} onRetry={() => void macros.refetch()} />
      )}
      {macros.data?.length === 0 && (
        <EmptyState
          icon={<IconBolt size={32} stroke={1.25} aria-hidden="true" />}
          title={t("macros.empty_title")}
          text={t("macros.empty_text")}
          action={add}
        />
      )}
      {macros.data && macros.data.length > 0 && (
        <ul className={classes.list}>
          {macros.data.map((macro) => (
            <li key={macro.id} className={classes.row}>
              <div className={classes.body}>
                <span className={classes.head}>
                  <span className={classes.strong}>{macro.name}</span>
                  <Badge size="xs" variant="default" tt="none">
                    {macro.personal ? t("replies.personal") : t("replies.shared")}
                  </Badge>
                </span>
                <p className={classes.muted}>
                  {macro.actions.map((action) => t(`macros.actions.${kindOf(action)}`)).join(" → ")}
                </p>
              </div>
              <span className={classes.side}>{t("macros.used", { count: macro.used_count })}</span>
              {macro.editable && (
                <div className={classes.actions}>
                  <RowTool label={t("macros.edit", { name: macro.name })} onClick={() => setEdited(macro)}>
                    <IconPencil size={16} aria-hidden="true" />
                  </RowTool>
                  <RowTool label={t("macros.remove", { name: macro.name })} onClick={() => setDoomed(macro)}>
                    <IconTrash size={16} aria-hidden="true" />
                  </RowTool>
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
      <LazyModal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={edited === "new" ? t("macros.add") : t("macros.edit_title")}
        size="lg"
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {edited && (
          <MacroEditor
            macro={edited === "new" ? null : edited}
            mayShare={canAll(session, "macro", "create")}
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
        title={t("macros.remove_title", { name: doomed?.name })}
        text={t("macros.remove_text")}
        action={t("common.remove")}
        busy={remove.isPending}
        onDo={() => doomed && remove.mutate(doomed)}
        onClose={() => setDoomed(null)}
      />
    </SettingsPage>
  );
}
