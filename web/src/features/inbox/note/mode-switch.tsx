import { useTranslation } from "~/i18n/use-translation";
import classes from "./note.module.css";

/** A reply to the customer, or a private note. */
export function ModeSwitch(props: { mode: "reply" | "note"; onMode(mode: "reply" | "note"): void }) {
  const { t } = useTranslation();
  return (
    <fieldset className={classes.switch} aria-label={t("note.switch")}>
      {(["reply", "note"] as const).map((mode) => (
        <button
          key={mode}
          type="button"
          className={classes.tab}
          aria-pressed={props.mode === mode}
          data-note={mode === "note" || undefined}
          onClick={() => props.onMode(mode)}
        >
          {t(`note.mode.${mode}`)}
        </button>
      ))}
    </fieldset>
  );
}
