import type { ReactNode } from "react";
import { useTranslation } from "~/i18n/use-translation";
import { Logo } from "~/ui/logo";
import classes from "./auth.module.css";

/** What stands around signing in and setting up. */
export function Frame({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <main className={classes.frame}>
      <div className={classes.brand}>
        <Logo size={44} />
        <div>
          <p className={classes.name}>{t("app.name")}</p>
          <p className={classes.tagline}>{t("app.tagline")}</p>
        </div>
      </div>
      <section className={classes.box} aria-labelledby="frame-title">
        <h1 id="frame-title" className={classes.title}>
          {title}
        </h1>
        {children}
      </section>
    </main>
  );
}
