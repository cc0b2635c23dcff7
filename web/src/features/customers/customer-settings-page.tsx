import { Switch } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { can } from "~/api/access";
import { saveCustomerSettings } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { customerSettingsQuery, sessionQuery } from "~/realtime/queries";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { Card, SettingsPage } from "~/ui/page";

/** What the business decides about its list of customers. */
export function CustomerSettingsPage() {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data;
  const settings = useQuery(customerSettingsQuery()).data;
  const save = useMutation({
    mutationFn: saveCustomerSettings,
    onSuccess: (answer) => {
      client.setQueryData(keys.customerSettings(), answer);
      notifyDone(t("common.saved"));
    },
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });
  const may = can(session ?? undefined, "workspace", "configure");
  const n = format.number(settings?.zalo_limit ?? 0);
  return (
    <SettingsPage title={t("customer_settings.title")}>
      <Card title={t("customer_settings.bulk")}>
        <Switch
          label={t("customer_settings.strict", { n })}
          description={may ? t("customer_settings.strict_text", { n }) : t("common.only_admin")}
          checked={(save.isPending ? save.variables : settings)?.strict_zalo_limit ?? false}
          disabled={!settings || !may || save.isPending}
          onChange={(event) => save.mutate({ strict_zalo_limit: event.currentTarget.checked })}
        />
      </Card>
    </SettingsPage>
  );
}
