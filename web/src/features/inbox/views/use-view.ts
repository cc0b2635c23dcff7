import { useQuery } from "@tanstack/react-query";
import type { ListKey, ListParams } from "~/api/keys";
import type { SavedView } from "~/api/types";
import { viewsQuery } from "~/realtime/queries";

/** The view that is shown, and the list as it is asked for; null while the views are not known yet. */
export function useView(params: ListParams): {
  view: SavedView | undefined;
  /** There is no such view, or not any more. */
  gone: boolean;
  list: ListKey | null;
} {
  const views = useQuery(viewsQuery()).data;
  if (!params.view) return { view: undefined, gone: false, list: params };
  const view = views?.find((v) => v.id === params.view);
  if (!view) return { view: undefined, gone: views !== undefined, list: null };
  return {
    view,
    gone: false,
    list: { ...params, sort: undefined, criteria: view.criteria, order: view.sort },
  };
}
