import { Link } from "@tanstack/react-router";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./customers.module.css";

/** From the list of customers to their groups and back. */
export function CustomersNav() {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("groups.tabs")} className={classes.nav}>
      <Link to="/customers" activeOptions={{ exact: true }} className={classes.navLink}>
        {t("groups.list")}
      </Link>
      <Link to="/customers/groups" className={classes.navLink}>
        {t("groups.title")}
      </Link>
    </nav>
  );
}
