import { useParams } from "@tanstack/react-router";
import { InboxPage } from "~/features/inbox/inbox-page";
import { inboxRoute } from "./tree";

export function Inbox() {
  const search = inboxRoute.useSearch();
  const navigate = inboxRoute.useNavigate();
  const { conversationId } = useParams({ strict: false });
  return (
    <InboxPage
      params={search}
      conversation={conversationId}
      onParams={(params) => void navigate({ to: ".", search: params, replace: true })}
      onOpen={(id) =>
        void (id
          ? navigate({ to: "/inbox/$conversationId", params: { conversationId: id }, search })
          : navigate({ to: "/inbox", search }))
      }
    />
  );
}
