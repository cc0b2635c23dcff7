import { IconBan, IconStarFilled } from "@tabler/icons-react";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./group-badge.module.css";

/** The group of a customer's phone number: a label of the system, with a sign of its own so that it is told from labels. */
export function GroupBadge(props: { group: "priority" | "restricted"; small?: boolean }) {
  const { t } = useTranslation();
  const Sign = props.group === "priority" ? IconStarFilled : IconBan;
  return (
    <span
      className={classes.badge}
      data-group={props.group}
      data-small={props.small || undefined}
      data-testid="group-badge"
    >
      <Sign size={props.small ? 10 : 13} aria-hidden="true" />
      {t(`groups.name.${props.group}`)}
    </span>
  );
}
