import { useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useRef } from "react";
import { InboxPage } from "~/features/inbox/inbox-page";
import { type InboxSearch, inboxRoute } from "./tree";

export function Inbox() {
  const at = inboxRoute.useSearch({ select: (search) => search.at });
  // The same object as long as it says the same, so that a list is not drawn anew when a row is opened.
  const search = inboxRoute.useSearch({ select: listOf, structuralSharing: true });
  const navigate = useNavigate();
  const { conversationId } = useParams({ strict: false });
  // Where the way leads, known while what is shown there is still waited for: the next key counts from there.
  const chosen = useLocation({ select: ({ pathname }) => /^\/inbox\/([^/]+)/.exec(pathname)?.[1] });
  const shown = useRef(chosen);
  shown.current = chosen;
  const open = useCallback(
    (id: string | undefined, to: InboxSearch, replace = false) =>
      void (id
        ? navigate({ to: "/inbox/$conversationId", params: { conversationId: id }, search: to, replace })
        : navigate({ to: "/inbox", search: to, replace })),
    [navigate],
  );
  // Another list leaves the open conversation where it is.
  const onParams = useCallback((params: InboxSearch) => open(shown.current, params, true), [open]);
  const onOpen = useCallback((id: string | undefined) => open(id, search), [open, search]);
  return (
    <InboxPage
      params={search}
      chosen={chosen}
      conversation={conversationId}
      at={at}
      onArrived={() => open(conversationId, search, true)}
      onParams={onParams}
      onOpen={onOpen}
    />
  );
}

/** What a list is asked for by. */
const listOf = ({ at: _, ...search }: InboxSearch) => search;
