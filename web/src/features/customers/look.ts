/** How the list looks, and what of it a view keeps. Pure. */
import type { CustomerLayout, FilterField, Sort } from "~/api/types";
import { type Conditions, fromTree, toTree } from "./tree";

export const NEWEST_FIRST: Sort = { field: "last_interaction_at", descending: true };

/** How the list looks while nothing of it is kept: it lives as long as the app is open. */
export interface Look {
  q: string;
  conditions: Conditions;
  columns: { key: string; width?: number }[];
  sort: Sort;
  /** The view that it began as, and how that looked then. */
  view?: string;
  base?: CustomerLayout;
}

export const lookOf = (layout: CustomerLayout, view?: string): Look => ({
  q: "",
  // What stands deeper than the rows can show was not made here; the list then begins with everybody.
  conditions: fromTree(layout.filter) ?? { basic: {}, items: [] },
  columns: layout.columns.map(({ key, width }) => ({ key, width })),
  sort: layout.sort ?? NEWEST_FIRST,
  view,
  base: view === undefined ? undefined : layout,
});

/** What is kept of a look. */
export const layoutOf = (look: Look, fields: readonly FilterField[]): CustomerLayout => ({
  columns: look.columns.map(({ key, width }) => (width === undefined ? { key } : { key, width })),
  filter: toTree(look.conditions, fields),
  sort: look.sort,
});

/** May a view be opened here? Conditions that the rows cannot show would be left out, and the list would show more. */
export const isShowable = (layout: CustomerLayout) => fromTree(layout.filter) !== null;

/** Does the list look otherwise than the view it began as? */
export function isChanged(look: Look, layout: CustomerLayout, fields: readonly FilterField[]): boolean {
  return plain(layoutOf(look, fields)) !== plain(layoutOf(lookOf(layout), fields));
}

/** Was the view changed by somebody since it was opened, while nobody changed anything here? Then the list follows it. */
export const isOutdated = (look: Look, layout: CustomerLayout, fields: readonly FilterField[]) =>
  look.base !== undefined && plain(look.base) !== plain(layout) && !isChanged(look, look.base, fields);

const plain = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
