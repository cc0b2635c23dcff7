import type { Channel } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./quota.module.css";

/** "37/1000 · cập nhật lúc 14:20"; grey when the platform could not confirm it since. */
export function QuotaValue({ quota }: { quota: NonNullable<Channel["quota"]> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { used, total, as_of, stale } = quota;
  return (
    <span
      className={classes.value}
      data-stale={stale || undefined}
      title={stale ? t("channels.quota_stale") : undefined}
    >
      {t("channels.quota_value", { used, total, time: format.asOf(as_of) })}
    </span>
  );
}
