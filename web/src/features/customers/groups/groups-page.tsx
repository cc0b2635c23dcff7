import { Button, Skeleton } from "@mantine/core";
import { IconTrash, IconUpload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { can } from "~/api/access";
import { emptyGroup } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { PhoneGroup, PhoneGroupCounts } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { phoneGroupsQuery, sessionQuery } from "~/realtime/queries";
import { Ask } from "~/ui/ask";
import { GroupBadge } from "~/ui/group-badge";
import { LazyModal } from "~/ui/lazy";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { ErrorState } from "~/ui/states";
import { CustomersNav } from "../nav";
import classes from "./groups.module.css";
import { Numbers } from "./numbers";
import { Uploads } from "./report";
import { UploadForm } from "./upload-form";

/** The two groups of phone numbers: what is in them, and what was put into them. */
export function GroupsPage() {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data ?? undefined;
  const groups = useQuery(phoneGroupsQuery());
  const [chosen, setChosen] = useState<PhoneGroup>("priority");
  const [uploading, setUploading] = useState(false);
  const [emptying, setEmptying] = useState(false);
  const mayChange = can(session, "customer", "configure");
  const name = t(`groups.name.${chosen}`);
  const numbers = groups.data?.find((one) => one.group === chosen)?.numbers ?? 0;
  const empty = useMutation({
    mutationFn: () => emptyGroup(chosen),
    onSuccess: ({ removed }) => {
      setEmptying(false);
      void client.invalidateQueries({ queryKey: keys.phoneGroups() });
      notifyDone(t("groups.emptied", { count: removed, n: format.number(removed), group: name }));
    },
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
  });

  return (
    <section className={classes.page} aria-label={t("groups.title")}>
      <header className={classes.top}>
        <h1 className={classes.heading}>{t("groups.title")}</h1>
        <CustomersNav />
      </header>
      {groups.isError ? (
        <ErrorState text={texts.problem(ApiProblem.of(groups.error))} onRetry={() => void groups.refetch()} />
      ) : (
        <div className={classes.content}>
          <p className={classes.intro}>{t("groups.intro")}</p>
          <div className={classes.cards} role="radiogroup" aria-label={t("groups.choose")}>
            {groups.data
              ? groups.data.map((one) => (
                  <GroupCard
                    key={one.group}
                    counts={one}
                    chosen={one.group === chosen}
                    onChoose={() => setChosen(one.group)}
                  />
                ))
              : [0, 1].map((n) => <Skeleton key={n} height={104} radius="lg" />)}
          </div>
          {mayChange && (
            <div className={classes.actions}>
              <Button
                leftSection={<IconUpload size={16} aria-hidden="true" />}
                onClick={() => setUploading(true)}
              >
                {t("groups.upload")}
              </Button>
              <Button
                variant="subtle"
                color="red"
                disabled={numbers === 0}
                leftSection={<IconTrash size={16} aria-hidden="true" />}
                onClick={() => setEmptying(true)}
              >
                {t("groups.empty")}
              </Button>
            </div>
          )}
          <div className={classes.split}>
            <Numbers key={chosen} group={chosen} mayChange={mayChange} />
            <Uploads group={chosen} />
          </div>
        </div>
      )}
      <LazyModal
        opened={uploading}
        onClose={() => setUploading(false)}
        size="lg"
        title={t("groups.upload_title", { group: name })}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {uploading && <UploadForm group={chosen} onDone={() => setUploading(false)} />}
      </LazyModal>
      <Ask
        opened={emptying}
        title={t("groups.empty_title", { group: name })}
        text={t("groups.empty_text", { count: numbers, n: format.number(numbers) })}
        action={t("common.remove")}
        busy={empty.isPending}
        onDo={() => empty.mutate()}
        onClose={() => setEmptying(false)}
      />
    </section>
  );
}

function GroupCard(props: { counts: PhoneGroupCounts; chosen: boolean; onChoose(): void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { group, numbers, customers, expiring } = props.counts;
  return (
    <label className={classes.card} data-chosen={props.chosen || undefined}>
      <input
        type="radio"
        name="phone-group"
        className={classes.radio}
        checked={props.chosen}
        onChange={props.onChoose}
      />
      <GroupBadge group={group} />
      <strong className={classes.big}>
        {t("groups.numbers", { count: numbers, n: format.number(numbers) })}
      </strong>
      <span className={classes.small}>
        {t("groups.known", { count: customers, n: format.number(customers) })}
      </span>
      {expiring > 0 && (
        <span className={classes.small}>
          {t("groups.expiring", { count: expiring, n: format.number(expiring) })}
        </span>
      )}
    </label>
  );
}
