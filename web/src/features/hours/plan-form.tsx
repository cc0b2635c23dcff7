import { Alert, Autocomplete, Button, Group, Skeleton, Switch } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { saveHours } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { Hours, HoursPlan } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { hoursSuggestionsQuery } from "~/realtime/queries";
import { notifyDone } from "~/ui/notify";
import { Card } from "~/ui/page";
import { Holidays } from "./holidays";
import classes from "./hours.module.css";
import { copyDay, fingerprint, partsOf, withDay } from "./plan";
import { Ranges } from "./ranges";

const DAYS = [0, 1, 2, 3, 4, 5, 6] as const;

/** All zones that this browser knows; the server checks the name again. */
const zones = (): string[] =>
  typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];

/** The hours of the workspace (`channel` null) or of one channel. Mounted anew for each (`key`). */
export function PlanForm(props: {
  channel: string | null;
  kept: HoursPlan | null;
  /** What a channel starts from that gets its own. */
  inherited: HoursPlan | null;
  disabled: boolean;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const { channel, kept, disabled } = props;
  const [plan, setPlan] = useState(kept);
  const suggestions = useQuery(hoursSuggestionsQuery());
  const start = props.inherited ?? suggestions.data?.plan ?? null;
  const save = useMutation({
    mutationFn: () => saveHours(channel, plan),
    onSuccess: (hours: Hours) => {
      client.setQueryData(keys.hours(), hours);
      // What a customer would get speaks of the new hours.
      void client.invalidateQueries({ queryKey: ["auto-reply"] });
      notifyDone(t("common.saved"));
    },
  });
  const problem = save.error ? ApiProblem.of(save.error) : null;
  const params = (problem?.params ?? {}) as { field?: string; reason?: string };
  const wrong = problem?.code === "invalid_field" ? params : {};
  const errorAt = (path: string): string | undefined =>
    wrong.field === path
      ? t(`hours.reasons.${wrong.reason ?? ""}` as "hours.reasons.overlap", {
          defaultValue: problem ? texts.problem(problem) : "",
        })
      : undefined;
  const change = (next: HoursPlan | null) => {
    save.reset();
    setPlan(next);
  };
  const dirty = fingerprint(plan) !== fingerprint(kept);
  // What stands at no field of its own is said above the buttons.
  const elsewhere = problem && !/^(zone|week\.|holidays\.)/.test(wrong.field ?? "");

  return (
    <>
      <Card title={t("hours.week_title")} text={t(channel ? "hours.week_text_channel" : "hours.week_text")}>
        <Switch
          label={t(channel ? "hours.own" : "hours.enabled")}
          checked={plan !== null}
          disabled={disabled || (plan === null && start === null)}
          onChange={(event) => change(event.currentTarget.checked ? (kept ?? start) : null)}
        />
        {suggestions.isPending && plan === null && <Skeleton height={20} />}
        {plan && (
          <>
            <ul className={classes.week} aria-label={t("hours.week_title")}>
              {DAYS.map((day) => {
                const label = t(`hours.days.${day}`);
                const ranges = plan.week[day] ?? [];
                const before = plan.week[(day + 6) % 7] ?? [];
                return (
                  <li key={day} className={classes.day}>
                    <span className={classes.dayName}>{label}</span>
                    <div className={classes.dayBody}>
                      <Ranges
                        label={label}
                        ranges={ranges}
                        disabled={disabled}
                        errorAt={(at) => errorAt(`week.${day}.${at}`)}
                        onChange={(next) => change(withDay(plan, day, next))}
                      />
                      <div className={classes.bar} aria-hidden="true">
                        {partsOf(ranges, before).map((part) => (
                          <span
                            key={`${part.from}-${part.to}`}
                            style={{ left: `${part.from * 100}%`, width: `${(part.to - part.from) * 100}%` }}
                          />
                        ))}
                      </div>
                    </div>
                    {!disabled && (
                      <Button
                        data-hint={t("hours.copy_day", { day: label })}
                        variant="subtle"
                        color="gray"
                        size="compact-xs"
                        aria-label={t("hours.copy_day", { day: label })}
                        onClick={() => change(copyDay(plan, day))}
                      >
                        <IconCopy size={14} aria-hidden="true" />
                      </Button>
                    )}
                  </li>
                );
              })}
            </ul>
            <Autocomplete
              label={t("hours.zone")}
              className={classes.zone}
              data={zones()}
              limit={20}
              value={plan.zone}
              disabled={disabled}
              error={errorAt("zone")}
              onChange={(zone) => change({ ...plan, zone })}
            />
          </>
        )}
      </Card>
      {plan && (
        <Card title={t("hours.holidays_title")} text={t("hours.holidays_text")}>
          <Holidays
            holidays={plan.holidays}
            disabled={disabled}
            errorAt={errorAt}
            onChange={(holidays) => change({ ...plan, holidays })}
          />
        </Card>
      )}
      {!disabled && (
        <div className={classes.foot}>
          {elsewhere && (
            <Alert color="red" role="alert">
              {errorAt(wrong.field ?? "") ?? texts.problem(problem)}
            </Alert>
          )}
          {problem && !elsewhere && (
            <Alert color="red" role="alert">
              {t("hours.see_fields")}
            </Alert>
          )}
          <Group gap="xs">
            <Button loading={save.isPending} disabled={!dirty} onClick={() => save.mutate()}>
              {t("common.save")}
            </Button>
            {dirty && (
              <Button variant="default" onClick={() => change(kept)}>
                {t("hours.discard")}
              </Button>
            )}
          </Group>
        </div>
      )}
    </>
  );
}
