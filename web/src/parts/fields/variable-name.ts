import { useQuery } from "@tanstack/react-query";
import { fieldOf, isVariable, variableKey } from "~/api/variables";
import { useTranslation } from "~/i18n/use-translation";
import { customerFieldsQuery } from "~/realtime/queries";

/** What a variable of texts is called: of a field its name, of what is not known here its own words. */
export function useVariableName(): (variable: string) => string {
  const { t } = useTranslation();
  const fields = useQuery(customerFieldsQuery()).data;
  return (variable) => {
    if (isVariable(variable)) return t(`replies.variables.${variableKey(variable)}`);
    const key = fieldOf(variable);
    return fields?.find((field) => field.key === key)?.label ?? variable;
  };
}
