import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { useLiveState } from "~/realtime/live";
import classes from "./shell.module.css";

/** A connection that comes back sooner is not worth a word. Milliseconds. */
const WORTH_SAYING = 3_000;

export function ConnectionBanner() {
  const { t } = useTranslation();
  const state = useLiveState(live);
  const [shown, setShown] = useState(false);
  const up = state === "live";
  useEffect(() => {
    if (up) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), WORTH_SAYING);
    return () => clearTimeout(timer);
  }, [up]);
  return (
    <div role="status" aria-live="polite" data-testid="connection">
      {shown && (
        <div className={classes.banner}>
          {t("connection.lost")}
          <Button size="compact-xs" variant="default" onClick={() => live.retryNow()}>
            {t("connection.now")}
          </Button>
        </div>
      )}
    </div>
  );
}
