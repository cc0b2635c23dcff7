/** What the signed-in member may do. The server decides; this only greys out what it would refuse. */
import type { Grant, Session } from "./types";

/** Words of the server's grants that this app asks about. */
export type GrantObject = "conversation" | "customer" | "channel" | "member" | "workspace";

export function can(session: Session | undefined, object: GrantObject, action: Grant["action"]): boolean {
  // The description leaves the object's words open, hence the comparison as text.
  return session?.grants.some((g) => String(g.object) === object && g.action === action) ?? false;
}
