import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconChecks, IconCircleCheck, IconUser, IconX } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { type BulkList, beginBulk, countForBulk } from "~/api/calls";
import { newId } from "~/api/ids";
import type { ListParams } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { BulkAction } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { membersQuery, sessionQuery } from "~/realtime/queries";
import { useShortcuts } from "~/ui/keys";
import { notifyProblem } from "~/ui/notify";
import classes from "./bulk.module.css";
import { type Selection, size } from "./selection";

/** What is shown, as the server is asked for all of it. */
export function wholeList({ filter, view, channel, label, q, sort }: ListParams): BulkList {
  if (view) return { view, channel, label, q };
  return { filter, channel, label, q, sort: filter === "closed" ? "latest" : (sort ?? "latest") };
}

/** What can be done to the selected conversations. */
export function BulkBar(props: {
  selection: Selection;
  params: ListParams;
  /** More match than are loaded. */
  more: boolean;
  onSelection(selection: Selection): void;
  onClear(): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const { selection, params } = props;
  const members = useQuery(membersQuery()).data ?? [];
  const me = useQuery(sessionQuery).data?.member.id;
  const first = useRef<HTMLButtonElement>(null);
  const [assigning, setAssigning] = useState(false);
  useShortcuts({
    bulk: () => {
      first.current?.focus();
      setAssigning(true);
    },
  });
  const refused = (error: unknown) => notifyProblem(texts.problem(ApiProblem.of(error)));

  const count = useMutation({
    mutationFn: () => countForBulk(wholeList(params)),
    onSuccess: (answer) => {
      if (answer.count > answer.max) notifyProblem(t("bulk.too_many", { max: format.number(answer.max) }));
      else props.onSelection({ ...selection, all: { count: answer.count } });
    },
    onError: refused,
  });
  const begin = useMutation({
    mutationFn: (action: BulkAction) =>
      beginBulk({
        id: newId("blk"),
        action,
        ...(selection.all ? { list: wholeList(params) } : { ids: [...selection.ids] }),
      }),
    onSuccess: (job) => {
      live.upsert("bulk_job.upserted", job);
      props.onClear();
    },
    onError: refused,
  });
  const run = begin.mutate;
  const others = members.filter((m) => m.status === "active" && m.id !== me);

  return (
    <section className={classes.bar} aria-label={t("bulk.label")}>
      <div className={`${classes.line} ${classes.top}`}>
        <span className={classes.what} role="status">
          {t("bulk.selected", { count: size(selection), n: format.number(size(selection)) })}
        </span>
        {props.more && !selection.all && (
          <Button size="compact-xs" variant="subtle" loading={count.isPending} onClick={() => count.mutate()}>
            {t("bulk.select_all")}
          </Button>
        )}
        <ActionIcon
          data-hint={t("bulk.clear")}
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={t("bulk.clear")}
          onClick={props.onClear}
        >
          <IconX size={15} aria-hidden="true" />
        </ActionIcon>
      </div>
      <div className={classes.line}>
        <Menu opened={assigning} onChange={setAssigning} position="top-start" withinPortal>
          <Menu.Target>
            <Button
              ref={first}
              size="compact-sm"
              variant="default"
              leftSection={<IconUser size={14} aria-hidden="true" />}
            >
              {t("bulk.assign")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown className={classes.menu}>
            {me && (
              <Menu.Item onClick={() => run({ do: "assign", assignee_id: me })}>{t("bulk.to_me")}</Menu.Item>
            )}
            <Menu.Item onClick={() => run({ do: "assign", assignee_id: null })}>
              {t("bulk.to_nobody")}
            </Menu.Item>
            <Menu.Divider />
            {others.map((m) => (
              <Menu.Item key={m.id} onClick={() => run({ do: "assign", assignee_id: m.id })}>
                {m.display_name}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Menu position="top-start" withinPortal>
          <Menu.Target>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconCircleCheck size={14} aria-hidden="true" />}
            >
              {t("bulk.status")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {(["closed", "open", "pending"] as const).map((status) => (
              <Menu.Item key={status} onClick={() => run({ do: "status", status })}>
                {t(`bulk.to_status.${status}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconChecks size={14} aria-hidden="true" />}
          onClick={() => run({ do: "read" })}
        >
          {t("bulk.read")}
        </Button>
      </div>
    </section>
  );
}
