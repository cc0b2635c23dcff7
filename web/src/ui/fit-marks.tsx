import { Badge } from "@mantine/core";
import { useTranslation } from "~/i18n/use-translation";

/** What the server says of a reply as messages. */
interface Fit {
  messages: number;
  length: number;
  max_length: number;
  as_reply: boolean;
  problem?: string;
}

/** What a canned reply would be as messages: how many, and whether they may go at all. */
export function FitMarks(props: {
  fit: Fit;
  /** Free replies left in the conversation; null: not counted. */
  left?: number | null;
}) {
  const { fit, left } = props;
  const { t } = useTranslation();
  if (fit.problem) {
    return (
      <Badge size="xs" variant="light" color="red" tt="none" title={t("replies.fit.never_title")}>
        {fit.problem === "text_too_long"
          ? t("replies.fit.too_long", { length: fit.length, max: fit.max_length })
          : t("replies.fit.bad_file")}
      </Badge>
    );
  }
  const beyond = left != null && fit.messages > left;
  if (!fit.as_reply || beyond) {
    return (
      <Badge size="xs" variant="light" color="brass" tt="none" title={t("replies.fit.consultation_title")}>
        {t("replies.fit.beyond", { count: fit.messages })}
      </Badge>
    );
  }
  if (fit.messages < 2) return null;
  return (
    <Badge size="xs" variant="light" color="gray" tt="none" title={t("replies.fit.reply_title")}>
      {t("replies.fit.messages", { count: fit.messages })}
    </Badge>
  );
}
