import { Badge, Button, Skeleton } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconForms, IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { can } from "~/api/access";
import { fieldUsage, orderFields, removeField } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { CustomerField } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { useShownFields } from "~/parts/fields/shown";
import { capabilitiesQuery, customerFieldsQuery, sessionQuery } from "~/realtime/queries";
import { Ask } from "~/ui/ask";
import { LazyModal } from "~/ui/lazy";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { Card, SettingsPage } from "~/ui/page";
import { RowTool } from "~/ui/row-tool";
import { EmptyState, ErrorState } from "~/ui/states";
import classes from "~/ui/table.module.css";
import { FieldEditor } from "./field-editor";
import { Packages } from "./packages";

/** "Trường thông tin khách hàng": those of the system, and those that the business makes. */
export function FieldsPage() {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data ?? undefined;
  const query = useQuery(customerFieldsQuery());
  const allowed = useQuery(capabilitiesQuery()).data;
  const system = useShownFields().filter((field) => !field.key.startsWith("fld_"));
  const [edited, setEdited] = useState<CustomerField | "new" | null>(null);
  const [doomed, setDoomed] = useState<CustomerField | null>(null);
  const usage = useQuery({
    queryKey: [...keys.customerFields(), "usage", doomed?.id],
    queryFn: () => fieldUsage(doomed?.id ?? ""),
    enabled: doomed !== null,
  });
  const mayConfigure = can(session, "customer", "configure");
  const say = (error: unknown) => notifyProblem(texts.problem(ApiProblem.of(error)));
  const refresh = () => client.invalidateQueries({ queryKey: keys.customerFields() });

  const order = useMutation({
    mutationFn: orderFields,
    onSuccess: ({ items }) => client.setQueryData(keys.customerFields(), items),
    onError: say,
  });
  const remove = useMutation({
    mutationFn: (field: CustomerField) => removeField(field.id),
    onSuccess: async (_, field) => {
      await refresh();
      notifyDone(t("fields.removed", { field: field.label }));
      setDoomed(null);
    },
    onError: say,
  });
  const move = (at: number, by: number) => {
    const ids = (query.data ?? []).map((field) => field.id);
    const [id] = ids.splice(at, 1);
    if (id) ids.splice(at + by, 0, id);
    order.mutate(ids);
  };
  const add = mayConfigure && (
    <Button disabled={allowed?.custom_fields === false} onClick={() => setEdited("new")}>
      {t("fields.add")}
    </Button>
  );

  return (
    <SettingsPage title={t("fields.title")} intro={t("fields.intro")} action={add}>
      {allowed?.custom_fields === false && (
        <p className={classes.error} role="status">
          {t("fields.no_package")}
        </p>
      )}
      <Card title={t("fields.made_title")} text={t("fields.made_text")}>
        {query.isPending && <Skeleton height={160} radius="lg" />}
        {query.isError && (
          <ErrorState text={texts.problem(ApiProblem.of(query.error))} onRetry={() => void query.refetch()} />
        )}
        {query.data?.length === 0 && (
          <EmptyState
            icon={<IconForms size={32} stroke={1.25} aria-hidden="true" />}
            title={t("fields.empty_title")}
            text={t("fields.empty_text")}
          />
        )}
        {query.data && query.data.length > 0 && (
          <ul className={classes.list}>
            {query.data.map((field, at) => (
              <li key={field.id} className={classes.row}>
                <div className={classes.body}>
                  <span className={classes.head}>
                    <span className={classes.strong}>{field.label}</span>
                    <Badge size="xs" variant="default" tt="none">
                      {t(`fields.kinds.${field.kind}`)}
                    </Badge>
                    {field.privacy !== "open" && (
                      <Badge size="xs" variant="light" color="orange" tt="none">
                        {t(`fields.privacy.${field.privacy}`)}
                      </Badge>
                    )}
                  </span>
                  <p className={classes.muted}>
                    {field.kind === "table" ? `${field.key} · ${field.keys.join(", ")}` : field.key}
                  </p>
                </div>
                {mayConfigure && (
                  <div className={classes.actions}>
                    <RowTool
                      label={t("labels.up", { name: field.label })}
                      disabled={at === 0 || order.isPending}
                      onClick={() => move(at, -1)}
                    >
                      <IconArrowUp size={16} aria-hidden="true" />
                    </RowTool>
                    <RowTool
                      label={t("labels.down", { name: field.label })}
                      disabled={at === query.data.length - 1 || order.isPending}
                      onClick={() => move(at, 1)}
                    >
                      <IconArrowDown size={16} aria-hidden="true" />
                    </RowTool>
                    <RowTool
                      label={t("fields.edit", { field: field.label })}
                      onClick={() => setEdited(field)}
                    >
                      <IconPencil size={16} aria-hidden="true" />
                    </RowTool>
                    <RowTool
                      label={t("fields.remove", { field: field.label })}
                      onClick={() => setDoomed(field)}
                    >
                      <IconTrash size={16} aria-hidden="true" />
                    </RowTool>
                  </div>
                )}
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card title={t("fields.system_title")} text={t("fields.system_text")}>
        <ul className={classes.list}>
          {system.map((field) => (
            <li key={field.key} className={classes.row}>
              <span className={classes.head}>
                {field.label}
                <Badge size="xs" variant="default" tt="none">
                  {t(`fields.kinds.${field.kind}`)}
                </Badge>
              </span>
            </li>
          ))}
        </ul>
      </Card>
      {mayConfigure && <Packages />}
      <LazyModal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={edited === "new" ? t("fields.add") : t("fields.edit_title")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {edited && (
          <FieldEditor
            field={edited === "new" ? null : edited}
            tables={allowed?.table_fields !== false}
            onDone={() => {
              void refresh();
              setEdited(null);
            }}
            onCancel={() => setEdited(null)}
          />
        )}
      </LazyModal>
      <Ask
        opened={doomed !== null}
        title={t("fields.remove_title", { field: doomed?.label })}
        text={
          usage.data
            ? t("fields.remove_text", { count: usage.data.customers })
            : t("fields.remove_text_unknown")
        }
        action={t("common.remove")}
        busy={remove.isPending}
        onDo={() => doomed && remove.mutate(doomed)}
        onClose={() => setDoomed(null)}
      />
    </SettingsPage>
  );
}
