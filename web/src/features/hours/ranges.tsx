import { ActionIcon, Button, Checkbox, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { HoursRange } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import classes from "./hours.module.css";
import { clockOf, isOvernight, nextRange, withClock, withOvernight } from "./plan";

/** The ranges of one day, with what is wrong at each. `label`: the day's name. */
export function Ranges(props: {
  label: string;
  ranges: readonly HoursRange[];
  disabled: boolean;
  errorAt(index: number): string | undefined;
  onChange(ranges: HoursRange[]): void;
}) {
  const { t } = useTranslation();
  const { label, ranges, disabled, onChange } = props;
  const put = (index: number, range: HoursRange) =>
    onChange(ranges.map((have, at) => (at === index ? range : have)));
  return (
    <div className={classes.ranges}>
      {ranges.map((range, index) => {
        const n = index + 1;
        const error = props.errorAt(index);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a range has nothing but its place.
          <fieldset key={index} className={classes.range} data-wrong={error ? true : undefined}>
            <legend className={classes.hidden}>{t("hours.range", { day: label, n })}</legend>
            <TextInput
              type="time"
              size="xs"
              aria-label={t("hours.from", { day: label, n })}
              value={clockOf(range.from)}
              disabled={disabled}
              error={Boolean(error)}
              onChange={(event) => put(index, withClock(range, "from", event.currentTarget.value))}
            />
            <span aria-hidden="true">–</span>
            <TextInput
              type="time"
              size="xs"
              aria-label={t("hours.to", { day: label, n })}
              value={clockOf(range.to)}
              disabled={disabled}
              error={Boolean(error)}
              onChange={(event) => put(index, withClock(range, "to", event.currentTarget.value))}
            />
            <Checkbox
              size="xs"
              label={t("hours.next_day")}
              checked={isOvernight(range)}
              disabled={disabled}
              onChange={(event) => put(index, withOvernight(range, event.currentTarget.checked))}
            />
            {!disabled && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={t("hours.remove_range", { day: label, n })}
                onClick={() => onChange(ranges.filter((_, at) => at !== index))}
              >
                <IconX size={14} aria-hidden="true" />
              </ActionIcon>
            )}
            {error && (
              <p role="alert" className={classes.error}>
                {error}
              </p>
            )}
          </fieldset>
        );
      })}
      {ranges.length === 0 && <span className={classes.closed}>{t("hours.closed_day")}</span>}
      {!disabled && (
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<IconPlus size={14} aria-hidden="true" />}
          aria-label={t("hours.add_range_to", { day: label })}
          onClick={() => onChange([...ranges, nextRange(ranges)])}
        >
          {t("hours.add_range")}
        </Button>
      )}
    </div>
  );
}
