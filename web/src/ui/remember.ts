/**
 * Small things a browser remembers for the member who is signed in: pane sizes, open panels, what is unsent. Each
 * member of a shared computer has their own. Losing them costs nothing but comfort.
 */

let owner = "";
const watchers = new Set<() => void>();

const full = (name: string) => (owner ? `loa.${owner}.${name}` : `loa.${name}`);

/** From now on everything is remembered for this member. The same one again changes nothing. */
export function own(member: string): void {
  if (owner === member) return;
  owner = member;
  for (const watch of watchers) watch();
}

/** Run when another member's things take the place. */
export function whenOwned(watch: () => void): () => void {
  watchers.add(watch);
  return () => watchers.delete(watch);
}

function read<T>(key: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(key);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

export const recall = <T>(name: string, otherwise: T): T => read(full(name), otherwise);

/** Everything remembered under names that begin so. */
export function recallAll<T>(prefix: string): T[] {
  const start = full(prefix);
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(start))
      .flatMap((key) => read<T | null>(key, null) ?? []);
  } catch {
    return [];
  }
}

export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(full(name), JSON.stringify(value));
  } catch {
    // A full or forbidden store forgets; nothing depends on it.
  }
}

export function forget(name: string): void {
  try {
    localStorage.removeItem(full(name));
  } catch {
    // See above.
  }
}
