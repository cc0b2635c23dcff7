import { ActionIcon, Button, Checkbox, Group, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Holiday } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import { hoursSuggestionsQuery } from "~/realtime/queries";
import classes from "./hours.module.css";
import { missingHolidays } from "./plan";
import { Ranges } from "./ranges";

/** Days on which other hours hold, or none. */
export function Holidays(props: {
  holidays: readonly Holiday[];
  disabled: boolean;
  errorAt(path: string): string | undefined;
  onChange(holidays: Holiday[]): void;
}) {
  const { t } = useTranslation();
  const { holidays, disabled, errorAt, onChange } = props;
  const suggested = useQuery({ ...hoursSuggestionsQuery(), enabled: !disabled }).data?.holidays ?? [];
  const missing = missingHolidays(holidays, suggested);
  const put = (index: number, day: Holiday) =>
    onChange(holidays.map((have, at) => (at === index ? day : have)));
  const add = () => {
    const today = new Date();
    const date = `${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, "0")}-${String(
      today.getDate(),
    ).padStart(2, "0")}`;
    onChange([...holidays, { date, yearly: false, name: t("hours.holiday_new"), ranges: [] }]);
  };
  return (
    <div className={classes.holidays}>
      {holidays.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("hours.no_holidays")}
        </Text>
      )}
      {holidays.map((day, index) => {
        const label = day.name || day.date;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a holiday is edited in place; its date and name change.
          <fieldset key={index} className={classes.holiday}>
            <legend className={classes.hidden}>{label}</legend>
            <TextInput
              type="date"
              size="xs"
              aria-label={t("hours.holiday_date", { name: label })}
              value={day.date}
              disabled={disabled}
              error={errorAt(`holidays.${index}.date`)}
              onChange={(event) => put(index, { ...day, date: event.currentTarget.value })}
            />
            <TextInput
              size="xs"
              className={classes.holidayName}
              aria-label={t("hours.holiday_name", { n: index + 1 })}
              value={day.name}
              disabled={disabled}
              error={errorAt(`holidays.${index}.name`)}
              onChange={(event) => put(index, { ...day, name: event.currentTarget.value })}
            />
            <Checkbox
              size="xs"
              label={t("hours.yearly")}
              checked={day.yearly}
              disabled={disabled}
              onChange={(event) => put(index, { ...day, yearly: event.currentTarget.checked })}
            />
            {!disabled && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={t("hours.remove_holiday", { name: label })}
                onClick={() => onChange(holidays.filter((_, at) => at !== index))}
              >
                <IconTrash size={14} aria-hidden="true" />
              </ActionIcon>
            )}
            <Ranges
              label={label}
              ranges={day.ranges}
              disabled={disabled}
              errorAt={(at) => errorAt(`holidays.${index}.ranges.${at}`)}
              onChange={(ranges) => put(index, { ...day, ranges })}
            />
          </fieldset>
        );
      })}
      {!disabled && (
        <Group gap="xs">
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden="true" />}
            onClick={add}
          >
            {t("hours.add_holiday")}
          </Button>
          {missing.length > 0 && (
            <Button variant="subtle" size="xs" onClick={() => onChange([...holidays, ...missing])}>
              {t("hours.add_suggested", { count: missing.length })}
            </Button>
          )}
        </Group>
      )}
    </div>
  );
}
