import { Button, Group, Skeleton, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useEffect, useRef } from "react";
import { readNotification, readNotifications } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { Notification as Notice } from "~/api/types";
import { useFormat, useNow } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { notificationsQuery } from "~/realtime/queries";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { isQuiet, preferences } from "~/ui/preferences";
import classes from "../shell.module.css";
import { isFresh } from "./decide";
import { ring } from "./sound";

/** How many notices are not read; the server stops counting at 100. */
export function useUnreadNotices(): number {
  return useInfiniteQuery(notificationsQuery()).data?.pages[0]?.unread ?? 0;
}

/**
 * The words of a notice; a kind of a newer server is only said to be there.
 *
 * How to add a kind: its words here, where it leads in [`place`], its texts under `notices`.
 */
export function noticeText({ kind, params }: Pick<Notice, "kind" | "params">, t: TFunction): string {
  if (kind === "mention") {
    const { by_name: name = "", text = "" } = params as Record<string, string | undefined>;
    return t("notices.mention", { name, text });
  }
  if (kind === "scheduled_returned") {
    const { reason, customer_name: name = "" } = params as Record<string, string | undefined>;
    const key = `notices.scheduled_returned.${reason}` as "notices.scheduled_returned.costs_more";
    return t(key, { name, defaultValue: t("notices.other") });
  }
  if (kind !== "channel_report") return t("notices.other");
  const { reason, by_name: name, channel_name: channel } = params as Record<string, string | undefined>;
  const key = `notices.channel_report.${reason}` as "notices.channel_report.no_money";
  return t(key, { name, channel, defaultValue: t("notices.other") });
}

/** Where a notice leads. */
export function place(notice: Notice) {
  if (notice.conversation_id) {
    return {
      to: "/inbox/$conversationId",
      params: { conversationId: notice.conversation_id },
      search: { filter: "all" },
    } as const;
  }
  if (notice.channel_id) return { to: "/settings/channels", hash: notice.channel_id } as const;
  return null;
}

/** A new notice is said at once, and rings where messages ring. */
export function useNoticeAlerts(): void {
  const { t } = useTranslation();
  const latest = useRef(t);
  latest.current = t;
  useEffect(() => {
    const told = new Set<string>();
    return live.listen((change) => {
      if (change.kind !== "notification.upserted") return;
      const notice = change.data;
      if (notice.read_at != null || told.has(notice.id) || !isFresh(notice.created_at, Date.now())) return;
      told.add(notice.id);
      notifyDone(noticeText(notice, latest.current));
      const likes = preferences();
      if (likes.sound && !isQuiet(likes.quiet, Date.now())) void ring();
    });
  }, []);
}

/** What a member should look at, the newest first. */
export function Notices({ onLeave }: { onLeave(): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const navigate = useNavigate();
  const query = useInfiniteQuery(notificationsQuery());
  const notices = query.data?.pages.flatMap((page) => page.items) ?? [];
  const unread = query.data?.pages[0]?.unread ?? 0;
  const read = useMutation({
    mutationFn: (id: string | null) => (id ? readNotification(id) : readNotifications()),
    onError: (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
    onSettled: () => client.invalidateQueries({ queryKey: keys.notifications() }),
  });
  const follow = (notice: Notice) => {
    if (notice.read_at == null) read.mutate(notice.id);
    const to = place(notice);
    if (!to) return;
    onLeave();
    void navigate(to);
  };
  return (
    <section aria-label={t("notices.title")} className={classes.notices}>
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600}>{t("notices.title")}</Text>
        {unread > 0 && (
          <Button size="compact-xs" variant="subtle" onClick={() => read.mutate(null)}>
            {t("notices.read_all")}
          </Button>
        )}
      </Group>
      {query.isPending ? (
        <Skeleton height={36} />
      ) : query.isError && notices.length === 0 ? (
        <Group justify="space-between" wrap="nowrap" role="alert">
          <Text size="sm">{texts.problem(ApiProblem.of(query.error))}</Text>
          <Button size="compact-xs" variant="default" onClick={() => void query.refetch()}>
            {t("common.retry")}
          </Button>
        </Group>
      ) : notices.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("notices.empty")}
        </Text>
      ) : (
        <ul className={classes.noticeList}>
          {notices.map((notice) => (
            <NoticeRow key={notice.id} notice={notice} onFollow={() => follow(notice)} />
          ))}
          {query.hasNextPage && (
            <li>
              <Button
                size="compact-xs"
                variant="subtle"
                loading={query.isFetchingNextPage}
                onClick={() => void query.fetchNextPage()}
              >
                {t("common.more")}
              </Button>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

function NoticeRow({ notice, onFollow }: { notice: Notice; onFollow(): void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const unread = notice.read_at == null;
  return (
    <li>
      <UnstyledButton className={classes.notice} data-unread={unread || undefined} onClick={onFollow}>
        <span className={classes.noticeText}>{noticeText(notice, t)}</span>
        <span className={classes.noticeTime}>
          {unread && <VisuallyHidden>{t("notices.unread")}</VisuallyHidden>}
          {format.stamp(notice.created_at, now)}
        </span>
      </UnstyledButton>
    </li>
  );
}
