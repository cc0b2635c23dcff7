import { ActionIcon } from "@mantine/core";
import { IconHourglassHigh } from "@tabler/icons-react";
import type { ListParams } from "~/api/keys";
import { useTranslation } from "~/i18n/use-translation";
import { useShortcuts } from "~/ui/keys";

/** In which order the list stands: the latest first, or what closes next first. */
export function OrderToggle(props: { params: ListParams; onParams(params: ListParams): void }) {
  const { t } = useTranslation();
  const { params, onParams } = props;
  const closing = params.sort === "closing";
  const toggle = () => {
    // Nothing ends in closed conversations, and a view has its own order.
    if (params.filter === "closed" || params.view) return false;
    onParams({ ...params, sort: closing ? undefined : "closing" });
  };
  useShortcuts({ order: toggle });
  return (
    <ActionIcon
      data-hint={t("inbox.order_closing_hint")}
      variant={closing ? "light" : "default"}
      size={36}
      aria-label={t("inbox.order_closing")}
      aria-pressed={closing}
      disabled={params.filter === "closed" || params.view !== undefined}
      onClick={toggle}
    >
      <IconHourglassHigh size={18} stroke={1.6} aria-hidden="true" />
    </ActionIcon>
  );
}
