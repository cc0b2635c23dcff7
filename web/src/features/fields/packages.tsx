import { Button, Select, Skeleton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { forgetPackage, sayPackage } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { Capabilities, PackageView } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { packagesQuery } from "~/realtime/queries";
import { notifyProblem } from "~/ui/notify";
import { Card } from "~/ui/page";
import { ErrorState } from "~/ui/states";
import classes from "./packages.module.css";

const CAPABILITIES = [
  "custom_fields",
  "table_fields",
  "list_columns",
  "bulk_labels",
  "chatbot_conditions",
] as const satisfies readonly (keyof Capabilities)[];

const word = (allowed: boolean | null | undefined) =>
  allowed === true ? "yes" : allowed === false ? "no" : "unknown";

/** What each of the platform's packages allows: the rule book's word, or the administrator's. */
export function Packages() {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const query = useQuery(packagesQuery());
  const put = ({ items }: { items: PackageView[] }) => client.setQueryData(keys.packages(), items);
  const say = (error: unknown) => notifyProblem(texts.problem(ApiProblem.of(error)));
  const save = useMutation({
    mutationFn: (item: PackageView) => sayPackage(item.name, item.capabilities),
    onSuccess: put,
    onError: say,
  });
  const forget = useMutation({ mutationFn: forgetPackage, onSuccess: put, onError: say });
  return (
    <Card title={t("packages.title")} text={t("packages.text")}>
      {query.isPending && <Skeleton height={160} radius="lg" />}
      {query.isError && (
        <ErrorState text={texts.problem(ApiProblem.of(query.error))} onRetry={() => void query.refetch()} />
      )}
      {query.data && (
        <div className={classes.scroller}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t("packages.name")}</th>
                {CAPABILITIES.map((capability) => (
                  <th key={capability} scope="col">
                    {t(`packages.capability.${capability}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {query.data.map((item) => (
                <tr key={item.name}>
                  <th scope="row">
                    {item.name}
                    {item.accounts.length > 0 && (
                      <span className={classes.accounts}>{item.accounts.join(", ")}</span>
                    )}
                    {item.said_here && (
                      <Button size="compact-xs" variant="subtle" onClick={() => forget.mutate(item.name)}>
                        {t("packages.forget")}
                      </Button>
                    )}
                  </th>
                  {CAPABILITIES.map((capability) => (
                    <td key={capability}>
                      <Select
                        size="xs"
                        w={98}
                        allowDeselect={false}
                        aria-label={t("packages.says", {
                          name: item.name,
                          capability: t(`packages.capability.${capability}`),
                        })}
                        value={word(item.capabilities[capability])}
                        onChange={(to) =>
                          save.mutate({
                            ...item,
                            capabilities: {
                              ...item.capabilities,
                              [capability]: to === "yes" ? true : to === "no" ? false : null,
                            },
                          })
                        }
                        data={[
                          { value: "yes", label: t("packages.yes") },
                          { value: "no", label: t("packages.no") },
                          { value: "unknown", label: t("packages.unknown") },
                        ]}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}
