/**
 * How a member likes this device to be: density, sounds, do-not-disturb. Kept by the browser, one set a member; every
 * tab follows the others.
 *
 * How to add one: a field with its beginning in `usual`, and a control that calls `setPreference`.
 */
import { useSyncExternalStore } from "react";
import { recall, remember, whenOwned } from "./remember";
import { hearTabs, tellTabs } from "./tabs";

export type Density = "roomy" | "compact";

/** Do not disturb: not, until it is turned off, or until an instant (milliseconds). */
export type Quiet = false | true | number;

export interface Preferences {
  density: Density;
  /** A sound for new messages. */
  sound: boolean;
  /** Notifications of the desktop; the browser's own permission comes on top. */
  desktop: boolean;
  /** Which conversations are told of: mine and those that nobody has, or all. */
  about: "mine" | "all";
  quiet: Quiet;
}

export const usual: Preferences = {
  density: "roomy",
  sound: true,
  desktop: false,
  about: "mine",
  quiet: false,
};

const PLACE = "preferences";

const read = (): Preferences => ({ ...usual, ...recall<Partial<Preferences>>(PLACE, {}) });

let now = read();
const watchers = new Set<() => void>();

function show(next: Preferences): void {
  now = next;
  for (const watch of watchers) watch();
}

whenOwned(() => show(read()));
hearTabs("preferences", () => show(read()));

export function setPreference<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
  const next = { ...now, [name]: value };
  remember(PLACE, next);
  show(next);
  tellTabs("preferences", null);
}

const watch = (watcher: () => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

export const preferences = (): Preferences => now;

export const usePreferences = (): Preferences => useSyncExternalStore(watch, preferences);

/** Is it quiet at this instant? */
export const isQuiet = (quiet: Quiet, at: number): boolean =>
  quiet === true || (quiet !== false && at < quiet);

export const toggleDensity = (): void =>
  setPreference("density", now.density === "compact" ? "roomy" : "compact");
