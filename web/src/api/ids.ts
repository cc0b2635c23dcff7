/** A new id of the wanted kind, made here so that asking the server twice does nothing twice. */
export function newId(prefix: "viw" | "blk" | "gup"): string {
  return `${prefix}_${crypto.randomUUID().replaceAll("-", "")}`;
}
