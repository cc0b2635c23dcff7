import { Button, Loader, MultiSelect, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconSearch, IconUsers } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { forgetCustomerLayout, keepCustomerLayout } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { CustomerLayout, CustomerListView, FilterField } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { useShownFields } from "~/parts/fields/shown";
import { JobBar } from "~/parts/jobs/job-bar";
import {
  capabilitiesQuery,
  channelsQuery,
  customerLayoutQuery,
  customersQuery,
  customerViewsQuery,
  filterFieldsQuery,
  labelsQuery,
  membersQuery,
} from "~/realtime/queries";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { isEmpty, NONE } from "~/ui/selection";
import { EmptyState, ErrorState } from "~/ui/states";
import { Broken } from "./broken";
import { Builder } from "./builder";
import { ChooseBar } from "./choose-bar";
import { ColumnPicker } from "./column-picker";
import { type Around, BASIC_COLUMNS, COLUMNS, fieldColumn, sortOf } from "./columns";
import classes from "./customers.module.css";
import { isChanged, isOutdated, isShowable, type Look, layoutOf, lookOf } from "./look";
import { CustomersNav } from "./nav";
import { CustomerTable } from "./table";
import { BASIC, newRow, toTree } from "./tree";
import { ViewsBar } from "./views-bar";

/** Quiet time before what is typed is asked. Milliseconds. */
const QUIET = 200;

/** Customers of the accounts: filters, columns, what is kept of them for the next time. */
export function CustomersPage(props: { onOpen(conversation: string): void }) {
  const texts = useTexts();
  const fields = useQuery(filterFieldsQuery());
  const layout = useQuery(customerLayoutQuery());
  const failed = fields.error ?? layout.error;
  if (failed) {
    const again = () => {
      void fields.refetch();
      void layout.refetch();
    };
    return <ErrorState text={texts.problem(ApiProblem.of(failed))} onRetry={again} />;
  }
  if (!fields.data || !layout.data) return <Skeletons />;
  return <Loaded fields={fields.data} layout={layout.data} onOpen={props.onOpen} />;
}

/** The columns that there are. Without a package that has more they are the four; what was kept of others stays kept. */
function useColumns() {
  const made = useShownFields();
  const chooses = useQuery(capabilitiesQuery()).data?.list_columns !== false;
  const available = useMemo(
    () => [...COLUMNS, ...made.map(fieldColumn)].filter(({ key }) => chooses || BASIC_COLUMNS.includes(key)),
    [made, chooses],
  );
  return { available, chooses };
}

/** What was typed is there at once; a copy outlives the page, so that it is still there on the way back to it. */
function useLook(layout: CustomerLayout) {
  const client = useQueryClient();
  const key = keys.customerLook();
  const [look, setLook] = useState(() => client.getQueryData<Look>(key) ?? lookOf(layout));
  const set = useCallback((change: Partial<Look>) => setLook((have) => ({ ...have, ...change })), []);
  useEffect(() => {
    client.setQueryDefaults(keys.customerLook(), { gcTime: Number.POSITIVE_INFINITY });
    client.setQueryData(keys.customerLook(), look);
  }, [client, look]);
  return [look, set] as const;
}

function Loaded(props: {
  fields: FilterField[];
  layout: CustomerLayout;
  onOpen(conversation: string): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const format = useFormat();
  const client = useQueryClient();
  const { fields, onOpen } = props;
  const [look, set] = useLook(props.layout);
  const { q, conditions, sort } = look;
  const tree = useMemo(() => toTree(conditions, fields), [conditions, fields]);
  const [asked] = useDebouncedValue(
    useMemo(() => ({ q: q.trim(), filter: tree, sort }), [q, tree, sort]),
    QUIET,
  );
  const views = useQuery(customerViewsQuery()).data ?? [];
  const current = views.find((view) => view.id === look.view);
  const changed = current !== undefined && isChanged(look, look.base ?? current.layout, fields);
  if (current && isOutdated(look, current.layout, fields)) {
    set({ ...lookOf(current.layout, current.id), q: look.q });
  }
  const open = (view: CustomerListView | undefined) => {
    if (view && !isShowable(view.layout)) return notifyProblem(t("filter.wrong.filter_too_deep"));
    setSelection(NONE);
    set(view ? lookOf(view.layout, view.id) : lookOf(props.layout));
  };
  const [selection, setSelection] = useState(NONE);
  const list = JSON.stringify([asked.q, asked.filter]);
  const [chosenFrom, setChosenFrom] = useState(list);
  // Who was chosen from another list is not chosen in this one.
  if (chosenFrom !== list) {
    setChosenFrom(list);
    setSelection(NONE);
  }
  // Its conditions are refused; the names of what is gone say more than the refusal.
  const isBroken = current !== undefined && !changed && current.broken.length > 0;
  const query = useInfiniteQuery(customersQuery(asked));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const total = query.data?.pages[0]?.total;

  const labels = useQuery(labelsQuery()).data;
  const members = useQuery(membersQuery()).data;
  const channels = useQuery(channelsQuery()).data;
  const around = useMemo<Around>(
    () => ({ t, format, labels: labels ?? [], members: members ?? [], channels: channels ?? [], onOpen }),
    [t, format, labels, members, channels, onOpen],
  );
  const { available, chooses } = useColumns();
  const columns = useMemo(
    () =>
      look.columns.flatMap(({ key, width }) => {
        const column = available.find((c) => c.key === key);
        return column ? [{ column, width: width ?? column.width }] : [];
      }),
    [look.columns, available],
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const onMore = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [isFetchingNextPage, fetchNextPage]);

  const say = (error: unknown) => notifyProblem(texts.problem(ApiProblem.of(error)));
  const keep = useMutation({
    mutationFn: () => keepCustomerLayout(layoutOf(look, fields)),
    onSuccess: () => notifyDone(t("customers.kept")),
    onError: say,
  });
  const forget = useMutation({
    mutationFn: forgetCustomerLayout,
    onSuccess: async () => {
      const fresh = await client.fetchQuery({ ...customerLayoutQuery(), staleTime: 0 });
      set(lookOf(fresh));
      notifyDone(t("customers.forgotten"));
    },
    onError: say,
  });
  const problem = query.error ? ApiProblem.of(query.error) : null;
  const wrong = problem && wrongKey(problem);
  const isFiltered = tree.all?.length !== 0 || asked.q !== "";
  const clear = () => set({ q: "", conditions: { basic: {}, items: [] } });

  return (
    <section className={classes.page} aria-label={t("customers.title")}>
      <header className={classes.top}>
        <h1 className={classes.heading}>{t("customers.title")}</h1>
        <CustomersNav />
        <span className={classes.count} role="status">
          {total !== undefined && t("customers.count", { count: total, n: format.number(total) })}
          {query.isFetching && <Loader size={12} ml="xs" aria-label={t("common.loading")} />}
        </span>
        <span className={classes.space} />
        {chooses && (
          <ColumnPicker
            columns={available}
            shown={look.columns.map(({ key }) => key)}
            onChange={(shown) =>
              set({
                columns: shown.map((key) => look.columns.find((c) => c.key === key) ?? { key }),
              })
            }
          />
        )}
        <Button size="xs" variant="subtle" loading={forget.isPending} onClick={() => forget.mutate()}>
          {t("customers.forget")}
        </Button>
        <Button size="xs" loading={keep.isPending} onClick={() => keep.mutate()}>
          {t("customers.keep")}
        </Button>
      </header>
      <ViewsBar current={current} changed={changed} layout={layoutOf(look, fields)} onOpen={open} />
      <div className={classes.bar}>
        <TextInput
          type="search"
          size="xs"
          w={220}
          aria-label={t("customers.search")}
          placeholder={t("customers.search")}
          leftSection={<IconSearch size={14} aria-hidden="true" />}
          value={q}
          onChange={(event) => set({ q: event.currentTarget.value })}
        />
        {BASIC.map((key) => {
          const field = fields.find((f) => f.key === key);
          if (!field) return null;
          const value = conditions.basic[key] ?? [];
          const change = (next: string[]) =>
            set({ conditions: { ...conditions, basic: { ...conditions.basic, [key]: next } } });
          const label = field.label[format.language];
          return key === "address" ? (
            <TextInput
              key={key}
              size="xs"
              w={140}
              aria-label={label}
              placeholder={label}
              value={value[0] ?? ""}
              onChange={(event) => change([event.currentTarget.value])}
            />
          ) : (
            <MultiSelect
              key={key}
              size="xs"
              miw={140}
              maw={260}
              searchable
              clearable
              aria-label={label}
              placeholder={value.length === 0 ? label : undefined}
              value={value}
              onChange={change}
              data={[
                ...field.options.map((option) => ({
                  value: option.id,
                  label: option.label[format.language],
                })),
                // What is gone is seen, so that it can be taken out.
                ...value
                  .filter((id) => !field.options.some((option) => option.id === id))
                  .map((id) => ({ value: id, label: t("filter.option_gone") })),
              ]}
            />
          );
        })}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden="true" />}
          onClick={() => {
            const field = fields[0];
            if (field) set({ conditions: { ...conditions, items: [...conditions.items, newRow(field)] } });
          }}
        >
          {t("customers.add_condition")}
        </Button>
        {isFiltered && (
          <Button size="xs" variant="subtle" color="gray" onClick={clear}>
            {t("customers.clear")}
          </Button>
        )}
      </div>
      <Builder
        items={conditions.items}
        fields={fields}
        onChange={(items) => set({ conditions: { ...conditions, items } })}
      />
      {isBroken ? (
        <Broken view={current} />
      ) : problem ? (
        <ErrorState
          text={wrong ? t(wrong) : texts.problem(problem)}
          onRetry={wrong ? undefined : () => void query.refetch()}
        />
      ) : query.isPending ? (
        <Skeletons />
      ) : rows.length === 0 ? (
        <EmptyState
          icon={<IconUsers size={32} stroke={1.25} aria-hidden="true" />}
          title={isFiltered ? t("customers.none_title") : t("customers.empty_title")}
          text={isFiltered ? t("customers.none_text") : t("customers.empty_text")}
          action={isFiltered ? <Button onClick={clear}>{t("customers.clear")}</Button> : undefined}
        />
      ) : (
        <CustomerTable
          rows={rows}
          columns={columns}
          around={around}
          sortable={(column) => sortOf(column, fields)}
          sort={sort}
          onSort={(to) => set({ sort: to })}
          onWidth={(key, width) =>
            set({ columns: look.columns.map((c) => (c.key === key ? { ...c, width } : c)) })
          }
          more={Boolean(hasNextPage)}
          onMore={onMore}
          selection={selection}
          onSelection={setSelection}
        />
      )}
      {!isEmpty(selection) && (
        <ChooseBar
          selection={selection}
          asked={asked}
          total={total ?? 0}
          loaded={rows.length}
          onSelection={setSelection}
          onClear={() => setSelection(NONE)}
        />
      )}
      <JobBar customers />
    </section>
  );
}

/** The text for conditions that the server did not understand. */
function wrongKey({ code, params }: ApiProblem): "filter.wrong.filter_wrong_value" | null {
  const reason = (params as { reason?: unknown } | undefined)?.reason;
  if (code !== "invalid_field" || typeof reason !== "string" || !reason.startsWith("filter_")) return null;
  return `filter.wrong.${reason}` as "filter.wrong.filter_wrong_value";
}

const LINES = [72, 64, 80, 58, 76, 68, 84, 62];

function Skeletons() {
  const { t } = useTranslation();
  return (
    <div className={classes.skeletons} role="status" aria-busy="true" aria-label={t("common.loading")}>
      {LINES.map((width) => (
        <Skeleton key={width} height={18} width={`${width}%`} />
      ))}
    </div>
  );
}
