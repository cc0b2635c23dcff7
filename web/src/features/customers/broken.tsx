import { Alert } from "@mantine/core";
import type { CustomerListView } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./customers.module.css";

/** What a view asks for and is gone: each by its name. */
export function Broken({ view }: { view: CustomerListView }) {
  const { t } = useTranslation();
  const { language } = useFormat();
  if (view.broken.length === 0) return null;
  return (
    <Alert
      color="yellow"
      title={t("customer_views.broken.title")}
      className={classes.broken}
      classNames={{ title: classes.brokenTitle }}
      role="alert"
    >
      <ul className={classes.reasons}>
        {view.broken.map(({ why, field, option }) => (
          <li key={`${why} ${field.vi} ${option?.vi}`}>
            {t(`customer_views.broken.${why}`, { field: field[language], option: option?.[language] })}
          </li>
        ))}
      </ul>
      {t("customer_views.broken.mend")}
    </Alert>
  );
}
