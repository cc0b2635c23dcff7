/**
 * Every address outside Loa that the app leads to. A link whose address has no source is left out rather than
 * guessed; addresses that customers send are not here (see `safeAddress`).
 *
 * How to add one: a line with where the address comes from.
 */
export const outside = {
  /** A place on a map that needs no key and no account: openstreetmap.org, "Linking to OpenStreetMap". */
  map: (latitude: number, longitude: number) =>
    `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`,
} as const;
