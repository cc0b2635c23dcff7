import { useCallback } from "react";
import { problemText, reasonText } from "./texts";
import { useTranslation } from "./use-translation";

/** Texts of problems and reasons in the reader's language. */
export function useTexts() {
  const { t, i18n } = useTranslation();
  const language = i18n.language === "en" ? "en" : "vi";
  const problem = useCallback(
    (coded: { code: string; params?: unknown }) => problemText(coded, t, language, Date.now()),
    [t, language],
  );
  const reason = useCallback(
    (coded: { code: string; params?: unknown }) => reasonText(coded, t, language, Date.now()),
    [t, language],
  );
  return { problem, reason };
}
