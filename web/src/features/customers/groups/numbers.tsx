import { Button, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPhone, IconSearch, IconTrash } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { removeGroupNumber } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { GroupNumber, PhoneGroup } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { groupNumbersQuery } from "~/realtime/queries";
import { Ask } from "~/ui/ask";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { RowTool } from "~/ui/row-tool";
import { EmptyState, ErrorState } from "~/ui/states";
import classes from "./groups.module.css";

/** Quiet time before what is typed is asked. Milliseconds. */
const QUIET = 200;

/** The numbers of a group: searched, paged, each to be removed. */
export function Numbers({ group, mayChange }: { group: PhoneGroup; mayChange: boolean }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const [q] = useDebouncedValue(typed.trim(), QUIET);
  const [doomed, setDoomed] = useState<GroupNumber | null>(null);
  const query = useInfiniteQuery(groupNumbersQuery(group, q));
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const name = t(`groups.name.${group}`);
  const remove = useMutation({
    mutationFn: (number: GroupNumber) => removeGroupNumber(group, number.phone),
    onSuccess: () => {
      setDoomed(null);
      void client.invalidateQueries({ queryKey: keys.phoneGroups() });
      notifyDone(t("groups.removed", { group: name }));
    },
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });

  return (
    <div className={classes.numbers}>
      <TextInput
        type="search"
        size="xs"
        maw={260}
        aria-label={t("groups.search")}
        placeholder={t("groups.search")}
        leftSection={<IconSearch size={14} aria-hidden="true" />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {query.isError ? (
        <ErrorState text={texts.problem(ApiProblem.of(query.error))} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <Skeleton height={220} radius="lg" aria-label={t("common.loading")} />
      ) : rows.length === 0 ? (
        <EmptyState
          icon={<IconPhone size={32} stroke={1.25} aria-hidden="true" />}
          title={q === "" ? t("groups.none_title", { group: name }) : t("groups.none_found_title")}
          text={q === "" ? t("groups.none_text") : t("groups.none_found_text")}
        />
      ) : (
        <div className={classes.frame}>
          <table className={classes.table} aria-label={t("groups.table", { group: name })}>
            <thead>
              <tr>
                <th scope="col">{t("groups.phone")}</th>
                <th scope="col">{t("groups.customers")}</th>
                <th scope="col">{t("groups.expires")}</th>
                {mayChange && <td />}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.phone} data-testid="group-number">
                  <td className={classes.phone}>
                    {row.phone}
                    {row.in_both && <span className={classes.both}>{t("groups.in_both")}</span>}
                  </td>
                  <td>
                    {row.customers.map((customer) => customer.display_name).join(", ") || (
                      <span className={classes.small}>{t("groups.nobody")}</span>
                    )}
                  </td>
                  <td>{row.expires_at == null ? t("groups.never") : format.timeAndDate(row.expires_at)}</td>
                  {mayChange && (
                    <td className={classes.tool}>
                      <RowTool
                        label={t("groups.remove", { phone: row.phone })}
                        onClick={() => setDoomed(row)}
                      >
                        <IconTrash size={16} aria-hidden="true" />
                      </RowTool>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {query.hasNextPage && (
        <Button
          variant="default"
          size="xs"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t("common.more")}
        </Button>
      )}
      <Ask
        opened={doomed !== null}
        title={t("groups.remove_title", { phone: doomed?.phone, group: name })}
        text={t("groups.remove_text", { group: name })}
        action={t("common.remove")}
        busy={remove.isPending}
        onDo={() => doomed && remove.mutate(doomed)}
        onClose={() => setDoomed(null)}
      />
    </div>
  );
}
