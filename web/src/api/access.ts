/** What the signed-in member may do. The server decides; this only greys out what it would refuse. */
import type { Grant, Session } from "./types";

export function can(session: Session | undefined, object: Grant["object"], action: Grant["action"]): boolean {
  return session?.grants.some((g) => g.object === object && g.action === action) ?? false;
}

/** May they do it to what is everybody's, and not only to their own? */
export function canAll(
  session: Session | undefined,
  object: Grant["object"],
  action: Grant["action"],
): boolean {
  return (
    session?.grants.some((g) => g.object === object && g.action === action && g.scope === "all") ?? false
  );
}
