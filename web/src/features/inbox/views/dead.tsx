import { IconAlertTriangle } from "@tabler/icons-react";
import type { SavedView } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./views.module.css";

/** Which conditions of the view name something that is not there any more. They are still asked for. */
export function DeadConditions({ view }: { view: SavedView }) {
  const { t } = useTranslation();
  if (view.dead.length === 0) return null;
  const said = view.dead.map((dead) => {
    const name = dead.name ?? t("views.dead.unnamed");
    return t(`views.dead.${dead.condition}_${dead.why}`, { name });
  });
  return (
    <div className={classes.dead} role="status">
      <IconAlertTriangle size={16} aria-hidden="true" />
      <div>
        {said.map((line) => (
          <div key={line}>{line}</div>
        ))}
        <div className={classes.deadNote}>{t("views.dead.note")}</div>
      </div>
    </div>
  );
}
