import { Switch } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { can } from "~/api/access";
import { saveInboxSettings } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { inboxSettingsQuery, sessionQuery } from "~/realtime/queries";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { Card, SettingsPage } from "~/ui/page";

/** What the business decides about its inbox. */
export function InboxSettingsPage() {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data;
  const settings = useQuery(inboxSettingsQuery()).data;
  const save = useMutation({
    mutationFn: saveInboxSettings,
    onSuccess: (answer) => {
      client.setQueryData(keys.inboxSettings(), answer);
      notifyDone(t("common.saved"));
    },
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
  const may = can(session ?? undefined, "workspace", "configure");
  return (
    <SettingsPage title={t("inbox_settings.title")}>
      <Card title={t("inbox_settings.reopen")}>
        <Switch
          label={t("inbox_settings.courtesy")}
          description={may ? t("inbox_settings.courtesy_text") : t("common.only_admin")}
          checked={save.variables?.courtesy_stays_closed ?? settings?.courtesy_stays_closed ?? false}
          disabled={!settings || !may || save.isPending}
          onChange={(event) => save.mutate({ courtesy_stays_closed: event.currentTarget.checked })}
        />
      </Card>
    </SettingsPage>
  );
}
