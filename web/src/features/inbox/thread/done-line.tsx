import { useQuery } from "@tanstack/react-query";
import type { Done, Message } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import { membersQuery } from "~/realtime/queries";
import classes from "./thread.module.css";

/** What was done to the conversation, as a grey line: who, what, when. */
export function DoneLine({ message, done }: { message: Message; done: Done }) {
  const { t } = useTranslation();
  const format = useFormat();
  const members = useQuery(membersQuery()).data;
  const nameOf = (id: string | undefined) =>
    members?.find((member) => member.id === id)?.display_name ?? t("thread.former_member");
  const who = nameOf(message.member_id);
  const until = done.until ? format.asOf(done.until) : "";
  const words = (): string => {
    switch (done.what) {
      case "snoozed":
        return until ? t("thread.done.snoozed_until", { who, until }) : t("thread.done.snoozed", { who });
      case "back":
        return done.kind === "closing" ? t("thread.done.back_closing") : t("thread.done.back_time");
      case "assigned":
        return done.assignee_id === message.member_id
          ? t("thread.done.took", { who })
          : t("thread.done.assigned", { who, assignee: nameOf(done.assignee_id) });
      case "open":
        return t("thread.done.open", { who });
      case "pending":
        return t("thread.done.pending", { who });
      case "closed":
        return t("thread.done.closed", { who });
      case "follow_removed":
        return t(done.kind === "noted" ? "thread.done.follow_noted" : "thread.done.follow_removed", { who });
      default:
        return t("thread.done.unassigned", { who });
    }
  };
  return (
    <p className={classes.system} data-testid="done-line">
      {words()} ·{" "}
      <time dateTime={new Date(message.sent_at).toISOString()}>{format.time(message.sent_at)}</time>
    </p>
  );
}
