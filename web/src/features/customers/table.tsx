import { Checkbox } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import type { CustomerRow, Sort } from "~/api/types";
import { useTranslation } from "~/i18n/use-translation";
import { isPressed, useShortcuts } from "~/ui/keys";
import { extend, has, isEmpty, NONE, page, type Selection, toggle } from "~/ui/selection";
import type { Around, Column, sortOf } from "./columns";
import classes from "./customers.module.css";

const ROW = 46;
const HEAD = 38;
/** A column is never narrower or wider. Pixels; the server keeps no others. */
const NARROWEST = 60;
const WIDEST = 800;
/** The column of the boxes. Pixels. */
const BOX = 40;
/** One press of an arrow on the edge of a column. Pixels. */
const STEP = 16;

/** The customers in columns. Only what is seen is drawn; the columns are as wide as their member wants them. */
export function CustomerTable(props: {
  rows: readonly CustomerRow[];
  columns: readonly { column: Column; width: number }[];
  around: Around;
  sortable(column: Column): ReturnType<typeof sortOf>;
  sort: Sort;
  onSort(sort: Sort): void;
  onWidth(key: string, width: number): void;
  /** There are more rows than these. */
  more: boolean;
  onMore(): void;
  selection: Selection;
  onSelection(selection: Selection): void;
}) {
  const { t } = useTranslation();
  const { rows, columns, around, more, onMore, selection, onSelection } = props;
  const ids = useMemo(() => rows.map((row) => row.customer.id), [rows]);
  const [at, setAt] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => rows[index]?.customer.id ?? index,
    overscan: 10,
    paddingStart: HEAD,
  });
  const shown = virtual.getVirtualItems();
  const end = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && end >= rows.length - 15) onMore();
  }, [more, end, rows.length, onMore]);
  const width = columns.reduce((sum, { width }) => sum + width, BOX);
  const template = [BOX, ...columns.map(({ width }) => width)].map((px) => `${px}px`).join(" ");
  const place = at === null ? -1 : ids.indexOf(at);
  const step = (by: number) => {
    const to = ids[place < 0 ? 0 : place + by];
    if (to === undefined) return undefined;
    virtual.scrollToIndex(ids.indexOf(to));
    setAt(to);
    return to;
  };
  useShortcuts({
    next: () => step(1) !== undefined,
    previous: () => step(-1) !== undefined,
    select: () => {
      if (at === null || place < 0) return false;
      onSelection(toggle(selection, at, ids));
    },
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const press = event.nativeEvent;
    const selects = isPressed("select_down", press) ? 1 : isPressed("select_up", press) ? -1 : 0;
    const walks = isPressed("walk_down", press) ? 1 : isPressed("walk_up", press) ? -1 : 0;
    if (selects !== 0) {
      const begun = isEmpty(selection) && at !== null && place >= 0 ? toggle(selection, at, ids) : selection;
      const to = step(selects);
      if (to !== undefined) onSelection(extend(begun, to, ids));
    } else if (isPressed("select_page", press)) onSelection(page(selection, ids));
    else if (walks !== 0) step(walks);
    else if (isPressed("dismiss", press) && !isEmpty(selection)) onSelection(NONE);
    else return;
    event.preventDefault();
  };
  const whole = ids.length > 0 && ids.every((id) => has(selection, id));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard.
    // biome-ignore lint/a11y/noStaticElementInteractions: the rows in it are walked and chosen by keys.
    <div ref={scroller} className={classes.scroller} tabIndex={0} onKeyDown={onKeyDown}>
      {/* biome-ignore-start lint/a11y/useSemanticElements: rows that are drawn where they are seen are no <tr>. */}
      {/* biome-ignore-start lint/a11y/useFocusableInteractive: what is in them has the focus. */}
      <div
        role="table"
        aria-label={t("customers.list")}
        aria-rowcount={more ? -1 : rows.length + 1}
        className={classes.table}
        style={{ height: virtual.getTotalSize(), width, minWidth: "100%" }}
      >
        <div role="row" className={classes.head} style={{ gridTemplateColumns: template, height: HEAD }}>
          <div role="cell" className={classes.check}>
            <Checkbox
              size="xs"
              aria-label={t("customers.choose.page")}
              checked={whole}
              indeterminate={!whole && !isEmpty(selection)}
              onChange={() => onSelection(whole ? NONE : page(selection, ids))}
            />
          </div>
          {columns.map(({ column, width }) => (
            <Head
              key={column.key}
              column={column}
              width={width}
              title={column.title(around)}
              field={props.sortable(column)}
              sort={props.sort}
              onSort={props.onSort}
              onWidth={props.onWidth}
            />
          ))}
        </div>
        {shown.map((item) => {
          const row = rows[item.index];
          return (
            row && (
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 2}
                data-testid="customer"
                data-at={row.customer.id === at || undefined}
                data-selected={has(selection, row.customer.id) || undefined}
                className={classes.row}
                style={{
                  gridTemplateColumns: template,
                  height: ROW,
                  transform: `translateY(${item.start}px)`,
                }}
              >
                <Box
                  name={row.customer.display_name}
                  checked={has(selection, row.customer.id)}
                  onSelect={(range) => {
                    setAt(row.customer.id);
                    onSelection((range ? extend : toggle)(selection, row.customer.id, ids));
                  }}
                />
                <Cells row={row} columns={columns} around={around} />
              </div>
            )
          );
        })}
      </div>
      {/* biome-ignore-end lint/a11y/useFocusableInteractive: see above. */}
      {/* biome-ignore-end lint/a11y/useSemanticElements: see above. */}
    </div>
  );
}

function Box(props: { name: string; checked: boolean; onSelect(range: boolean): void }) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the table.
    <div role="cell" className={classes.check}>
      <Checkbox
        size="xs"
        aria-label={t("customers.choose.row", { name: props.name })}
        checked={props.checked}
        onChange={(event) => props.onSelect((event.nativeEvent as MouseEvent).shiftKey)}
      />
    </div>
  );
}

const Cells = memo(function Cells(props: {
  row: CustomerRow;
  columns: readonly { column: Column; width: number }[];
  around: Around;
}) {
  return props.columns.map(({ column }) => (
    // biome-ignore lint/a11y/useSemanticElements: see the table.
    <div key={column.key} role="cell" className={classes.cell} data-column={column.key}>
      {column.cell(props.row, props.around)}
    </div>
  ));
});

function Head(props: {
  column: Column;
  width: number;
  title: string;
  /** The field that orders it. */
  field: string | undefined;
  sort: Sort;
  onSort(sort: Sort): void;
  onWidth(key: string, width: number): void;
}) {
  const { t } = useTranslation();
  const { column, width, title, field, sort } = props;
  const sorted = field !== undefined && sort.field === field;
  const from = useRef<{ x: number; width: number } | null>(null);
  const resize = (to: number) =>
    props.onWidth(column.key, Math.round(Math.max(NARROWEST, Math.min(WIDEST, to))));
  const onPointerDown = (event: PointerEvent) => {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, width };
  };
  const onPointerMove = (event: PointerEvent) => {
    if (from.current) resize(from.current.width + event.clientX - from.current.x);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? STEP : event.key === "ArrowLeft" ? -STEP : 0;
    if (by === 0) return;
    event.preventDefault();
    resize(width + by);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the table.
    // biome-ignore lint/a11y/useFocusableInteractive: its button has the focus.
    <div
      role="columnheader"
      className={classes.title}
      aria-sort={sorted ? (sort.descending ? "descending" : "ascending") : undefined}
    >
      {field === undefined ? (
        <span className={classes.titleText}>{title}</span>
      ) : (
        <button
          type="button"
          className={classes.sort}
          onClick={() =>
            props.onSort({ field, descending: sorted ? !sort.descending : field.endsWith("_at") })
          }
        >
          <span className={classes.titleText}>{title}</span>
          {sorted &&
            (sort.descending ? (
              <IconArrowDown size={13} aria-hidden="true" />
            ) : (
              <IconArrowUp size={13} aria-hidden="true" />
            ))}
        </button>
      )}
      {/* biome-ignore lint/a11y/useSemanticElements: an edge that moves is no line. */}
      <span
        role="separator"
        tabIndex={0}
        aria-orientation="vertical"
        aria-label={t("customers.resize", { column: title })}
        aria-valuenow={width}
        aria-valuemin={NARROWEST}
        aria-valuemax={WIDEST}
        className={classes.edge}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => {
          from.current = null;
        }}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}
