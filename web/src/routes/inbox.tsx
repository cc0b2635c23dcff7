import { useParams } from "@tanstack/react-router";
import { InboxPage } from "~/features/inbox/inbox-page";
import { type InboxSearch, inboxRoute } from "./tree";

export function Inbox() {
  const { at, ...search } = inboxRoute.useSearch();
  const navigate = inboxRoute.useNavigate();
  const { conversationId } = useParams({ strict: false });
  const open = (id: string | undefined, to: InboxSearch, replace = false) =>
    void (id
      ? navigate({ to: "/inbox/$conversationId", params: { conversationId: id }, search: to, replace })
      : navigate({ to: "/inbox", search: to, replace }));
  return (
    <InboxPage
      params={search}
      conversation={conversationId}
      at={at}
      onArrived={() => open(conversationId, search, true)}
      // Another list leaves the open conversation where it is.
      onParams={(params) => open(conversationId, params, true)}
      onOpen={(id) => open(id, search)}
    />
  );
}
