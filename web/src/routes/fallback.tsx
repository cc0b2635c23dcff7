import { Button } from "@mantine/core";
import { IconCompass, IconRefresh } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { ApiProblem } from "~/api/problem";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { EmptyState, ErrorState } from "~/ui/states";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={<IconCompass size={36} stroke={1.25} aria-hidden="true" />}
      title={t("common.not_found_title")}
      text={t("common.not_found_text")}
      action={
        <Button component={Link} to="/inbox" variant="default">
          {t("common.to_inbox")}
        </Button>
      }
    />
  );
}

/** A page that could not be loaded, or broke while it was drawn. */
export function Crashed({ error, reset }: { error: unknown; reset(): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  if (error instanceof ApiProblem) return <ErrorState text={texts.problem(error)} onRetry={reset} />;
  return (
    <EmptyState
      icon={<IconRefresh size={36} stroke={1.25} aria-hidden="true" />}
      title={t("common.crash_title")}
      text={t("common.crash_text")}
      action={<Button onClick={() => window.location.reload()}>{t("common.reload")}</Button>}
    />
  );
}
