/** The fields of which something can be known of a customer: those of the system, then those that the business made. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { CustomerField, DateFormat } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import { customerFieldsQuery } from "~/realtime/queries";

export interface ShownField {
  /** Its name in values and filters. */
  key: string;
  label: string;
  kind: CustomerField["kind"];
  help?: string;
  keys: readonly string[];
  format: DateFormat;
  options?: readonly { id: string; label: string }[];
}

export function useShownFields(): ShownField[] {
  const { t } = useTranslation();
  const made = useQuery(customerFieldsQuery()).data;
  return useMemo(() => {
    const system = (key: string, label: string, kind: ShownField["kind"]): ShownField => ({
      key,
      label,
      kind,
      keys: [],
      format: "dd/MM/yyyy",
    });
    const genders = [
      { id: "male", label: t("fields.gender.male") },
      { id: "female", label: t("fields.gender.female") },
      { id: "other", label: t("fields.gender.other") },
    ];
    return [
      { ...system("gender", t("fields.system.gender"), "choice"), options: genders },
      system("birthday", t("fields.system.birthday"), "datetime"),
      system("address", t("fields.system.address"), "text"),
      system("external_id", t("fields.system.external_id"), "text"),
      ...(made ?? []).map(({ id, ...field }) => ({ ...field, key: id })),
    ];
  }, [made, t]);
}
