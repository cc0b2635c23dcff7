import { useCallback } from "react";
import { useFormat } from "~/i18n/use-format";
import { useTranslation } from "~/i18n/use-translation";

/** The text for a spreadsheet that cannot be read, with its row and column; nothing when the problem is another one. */
export function useSheetProblem() {
  const { t } = useTranslation();
  const format = useFormat();
  return useCallback(
    (params: Readonly<Record<string, unknown>>): string | undefined => {
      const { reason, row, column, max } = params;
      if (typeof reason !== "string" || !reason.startsWith("sheet_")) return undefined;
      const number = (n: unknown) => (typeof n === "number" ? format.number(n) : undefined);
      return t(`sheet.wrong.${reason}` as "sheet.wrong.sheet_broken", {
        row: number(row),
        column,
        max: number(max),
        defaultValue: t("sheet.wrong.sheet_broken"),
      });
    },
    [t, format],
  );
}
