import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { clearOutbox } from "~/features/inbox/outbox";
import { Shell } from "~/features/shell/shell";
import { sessionQuery } from "~/realtime/queries";
import { own } from "~/ui/remember";
import { useLeave } from "./enter";
import { deskRoute } from "./tree";

export function Desk() {
  const { session } = deskRoute.useRouteContext();
  const current = useQuery(sessionQuery).data ?? session;
  const leave = useLeave();
  // Before anything below asks what this browser remembers.
  own(current.member.id);
  return (
    <Shell
      session={current}
      onSignedOut={() => {
        clearOutbox();
        leave();
      }}
    >
      <Outlet />
    </Shell>
  );
}
