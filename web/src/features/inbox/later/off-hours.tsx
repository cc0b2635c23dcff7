import { Badge } from "@mantine/core";
import { IconMoon } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { keys } from "~/api/keys";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import { hoursQuery } from "~/realtime/queries";
import classes from "./later.module.css";

/** Longest delay a browser's timer takes. */
const LONGEST = 2 ** 31 - 1;

/** "Ngoài giờ", while a channel is closed; with the next opening. */
export function OffHours({ channel }: { channel: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const status = useQuery(hoursQuery()).data?.channels.find((c) => c.channel_id === channel);
  const changesAt = status?.changes_at;
  useEffect(() => {
    if (changesAt == null) return;
    const wait = changesAt - Date.now() + 1_000;
    if (wait > LONGEST) return;
    const timer = setTimeout(
      () => void client.invalidateQueries({ queryKey: keys.hours() }),
      Math.max(5_000, wait),
    );
    return () => clearTimeout(timer);
  }, [client, changesAt]);
  if (!status || status.open) return null;
  const label = status.opens_at
    ? t("later.off_hours_until", { time: format.timeAndDate(status.opens_at) })
    : t("later.off_hours");
  return (
    <Badge
      data-hint={label}
      variant="light"
      color="gray"
      size="sm"
      tt="none"
      leftSection={<IconMoon size={12} aria-hidden="true" />}
      aria-label={label}
    >
      <span className={classes.offHours}>{t("later.off_hours")}</span>
    </Badge>
  );
}
