/** Sizes of panes, remembered for each member on each device. Panes are moved by mouse, or by the arrow keys on their edge. */
import { useSyncExternalStore } from "react";
import { forget, recall, remember } from "./remember";

export type Layout = Record<string, number>;

const PLACES = ["panes", "panes-customer"] as const;

export type Place = (typeof PLACES)[number];

export const layoutOf = (place: Place, otherwise: Layout): Layout => recall(place, otherwise);

export const keepLayout = (place: Place, layout: Layout): void => remember(place, layout);

let version = 0;
const watchers = new Set<() => void>();

/** Back to the sizes that Loa begins with. */
export function resetPanes(): void {
  for (const place of PLACES) forget(place);
  version += 1;
  for (const watch of watchers) watch();
}

/** Changes when the sizes are set back; as a `key` it lets panes begin anew. */
export function usePanesVersion(): number {
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => version,
  );
}
