import { Button, Loader, MultiSelect, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconSearch, IconUsers } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { forgetCustomerLayout, keepCustomerLayout } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { CustomerLayout, FilterField, Sort } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import {
  channelsQuery,
  customerLayoutQuery,
  customersQuery,
  filterFieldsQuery,
  labelsQuery,
  membersQuery,
} from "~/realtime/queries";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { EmptyState, ErrorState } from "~/ui/states";
import { Builder } from "./builder";
import { ColumnPicker } from "./column-picker";
import { type Around, COLUMNS, sortOf } from "./columns";
import classes from "./customers.module.css";
import { CustomersNav } from "./nav";
import { CustomerTable } from "./table";
import { BASIC, type Conditions, fromTree, newRow, toTree } from "./tree";

/** Quiet time before what is typed is asked. Milliseconds. */
const QUIET = 200;

const NEWEST_FIRST: Sort = { field: "last_interaction_at", descending: true };

/** How the list looks while nothing of it is kept: it lives as long as the app is open. */
interface Look {
  q: string;
  conditions: Conditions;
  columns: { key: string; width?: number }[];
  sort: Sort;
}

const lookOf = (layout: CustomerLayout): Look => ({
  q: "",
  // What stands deeper than the rows can show was not made here; the list then begins with everybody.
  conditions: fromTree(layout.filter) ?? { basic: {}, items: [] },
  columns: layout.columns.map(({ key, width }) => ({ key, width })),
  sort: layout.sort ?? NEWEST_FIRST,
});

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
  const columns = useMemo(
    () =>
      look.columns.flatMap(({ key, width }) => {
        const column = COLUMNS.find((c) => c.key === key);
        return column ? [{ column, width: width ?? column.width }] : [];
      }),
    [look.columns],
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const onMore = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [isFetchingNextPage, fetchNextPage]);

  const say = (error: unknown) => notifyProblem(texts.problem(ApiProblem.of(error)));
  const keep = useMutation({
    mutationFn: () => keepCustomerLayout({ columns: look.columns, filter: tree, sort }),
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
        <ColumnPicker
          shown={look.columns.map(({ key }) => key)}
          onChange={(shown) =>
            set({
              columns: shown.map((key) => look.columns.find((c) => c.key === key) ?? { key }),
            })
          }
        />
        <Button size="xs" variant="subtle" loading={forget.isPending} onClick={() => forget.mutate()}>
          {t("customers.forget")}
        </Button>
        <Button size="xs" loading={keep.isPending} onClick={() => keep.mutate()}>
          {t("customers.keep")}
        </Button>
      </header>
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
              data={field.options.map((option) => ({
                value: option.id,
                label: option.label[format.language],
              }))}
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
      {problem ? (
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
        />
      )}
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
