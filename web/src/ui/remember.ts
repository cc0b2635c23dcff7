/** Small things a browser remembers: pane sizes, open panels. Losing them costs nothing. */
export function recall<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(`loa.${name}`);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(`loa.${name}`, JSON.stringify(value));
  } catch {
    // A full or forbidden store forgets; nothing depends on it.
  }
}

export function forget(name: string): void {
  try {
    localStorage.removeItem(`loa.${name}`);
  } catch {
    // See above.
  }
}
