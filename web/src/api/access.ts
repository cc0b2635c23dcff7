/** What the signed-in member may do. The server decides; this only greys out what it would refuse. */
import type { Grant, Session } from "./types";

export function can(session: Session | undefined, object: Grant["object"], action: Grant["action"]): boolean {
  return session?.grants.some((g) => g.object === object && g.action === action) ?? false;
}
