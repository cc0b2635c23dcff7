import { ActionIcon, Button } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { can } from "~/api/access";
import { changeCustomer } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { Customer } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { live } from "~/realtime/instance";
import { sessionQuery } from "~/realtime/queries";
import classes from "./fields.module.css";
import { FieldInput } from "./input";
import { type ShownField, useShownFields } from "./shown";
import { FieldValue, isMasked } from "./value";

/** What is known of a customer by field, each to be changed where it stands. Fields without a value wait behind a button. */
export function CustomerFields({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const session = useQuery(sessionQuery).data ?? undefined;
  const fields = useShownFields();
  const [all, setAll] = useState(false);
  const [edited, setEdited] = useState<string | null>(null);
  const mayEdit = can(session, "customer", "edit");
  const known = fields.filter((field) => field.key in customer.fields);
  const shown = all ? fields : known;
  const hidden = fields.length - known.length;
  return (
    <>
      {shown.length > 0 && (
        <dl className={classes.list}>
          {shown.map((field) => (
            <Field
              key={field.key}
              field={field}
              customer={customer}
              mayEdit={mayEdit}
              edited={edited === field.key}
              onEdit={(on) => setEdited(on ? field.key : null)}
            />
          ))}
        </dl>
      )}
      {hidden > 0 && mayEdit && (
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {all ? t("fields.only_known") : t("fields.show_all", { count: hidden })}
        </Button>
      )}
    </>
  );
}

function Field(props: {
  field: ShownField;
  customer: Customer;
  mayEdit: boolean;
  edited: boolean;
  onEdit(on: boolean): void;
}) {
  const { t } = useTranslation();
  const { field, customer, edited, onEdit } = props;
  const button = useRef<HTMLButtonElement>(null);
  const value = customer.fields[field.key];
  // The focus goes back to where it was when the field was opened.
  const wasEdited = useRef(false);
  useEffect(() => {
    if (wasEdited.current && !edited) button.current?.focus();
    wasEdited.current = edited;
  }, [edited]);
  return (
    <div className={edited ? `${classes.field} ${classes.edited}` : classes.field}>
      <dt>{field.label}</dt>
      <dd>
        {edited ? (
          <Editor field={field} customer={customer} onDone={() => onEdit(false)} />
        ) : (
          <>
            <span className={value === undefined ? classes.none : classes.value}>
              <FieldValue field={field} value={value} />
            </span>
            {props.mayEdit && (
              <ActionIcon
                ref={button}
                size="sm"
                variant="subtle"
                color="gray"
                aria-label={t("fields.edit_value", { field: field.label })}
                onClick={() => onEdit(true)}
              >
                <IconPencil size={14} aria-hidden="true" />
              </ActionIcon>
            )}
          </>
        )}
      </dd>
    </div>
  );
}

function Editor(props: { field: ShownField; customer: Customer; onDone(): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const { field, customer, onDone } = props;
  const stored = customer.fields[field.key];
  // What is not shown whole is written anew, never over its dots.
  const [value, setValue] = useState<unknown>(isMasked(stored) ? null : (stored ?? null));
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("input, textarea")?.focus();
  }, []);
  const save = useMutation({
    mutationFn: () => changeCustomer(customer.id, { fields: { [field.key]: value === "" ? null : value } }),
    onSuccess: (answer) => {
      live.upsert("customer.upserted", answer);
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      onDone();
    } else if (event.key === "Enter" && !event.shiftKey && event.target instanceof HTMLTextAreaElement) {
      event.preventDefault();
      save.mutate();
    }
  };
  return (
    <form ref={form} className={classes.form} onSubmit={submit} onKeyDown={onKeyDown}>
      <FieldInput
        field={field}
        value={value}
        onChange={setValue}
        error={save.isError ? texts.problem(ApiProblem.of(save.error)) : undefined}
      />
      <div className={classes.buttons}>
        <Button size="compact-xs" type="submit" loading={save.isPending}>
          {t("common.save")}
        </Button>
        <Button size="compact-xs" variant="default" onClick={onDone}>
          {t("common.cancel")}
        </Button>
      </div>
    </form>
  );
}
