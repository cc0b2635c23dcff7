/** Which rows of the list are selected. Pure; the list shows it. */
export interface Selection {
  ids: ReadonlySet<string>;
  /** All that match, also those that are not loaded: as many as the server counted. */
  all: { count: number } | null;
  /** Where a range begins. */
  anchor: string | null;
}

export const NONE: Selection = { ids: new Set(), all: null, anchor: null };

export const isEmpty = (selection: Selection) => selection.ids.size === 0 && selection.all === null;

export const has = (selection: Selection, id: string) => selection.all !== null || selection.ids.has(id);

/** How many are selected. */
export const size = (selection: Selection) => selection.all?.count ?? selection.ids.size;

/** In or out. Of all that match, one that goes out leaves those that are loaded. */
export function toggle(selection: Selection, id: string, rows: readonly string[]): Selection {
  const ids = new Set(selection.all ? rows : selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, all: null, anchor: id };
}

/** Everything from the anchor to this row is selected too. */
export function extend(selection: Selection, id: string, rows: readonly string[]): Selection {
  const to = rows.indexOf(id);
  if (to < 0) return selection;
  const from = selection.anchor ? rows.indexOf(selection.anchor) : -1;
  const range = from < 0 ? [id] : rows.slice(Math.min(from, to), Math.max(from, to) + 1);
  return {
    ids: new Set([...selection.ids, ...range]),
    all: selection.all,
    anchor: from < 0 ? id : selection.anchor,
  };
}

/** Every row that is loaded. */
export function page(selection: Selection, rows: readonly string[]): Selection {
  return { ids: new Set(rows), all: null, anchor: selection.anchor ?? rows[0] ?? null };
}
