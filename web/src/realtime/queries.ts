/** Reading: one definition for each family of keys. What live events touch is read through the replay. */
import {
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  type QueryKey,
  queryOptions,
} from "@tanstack/react-query";
import { client, value } from "~/api/client";
import { keys, type ListKey } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type {
  AutoReply,
  Conversation,
  FilterNode,
  Message,
  MessagesPage,
  Page,
  PhoneGroup,
  Session,
  Sort,
} from "~/api/types";
import { live } from "./instance";

/** Kept current by events: never read again just because time passed. */
const LIVE = Number.POSITIVE_INFINITY;

async function replayed<T>(key: QueryKey, read: () => Promise<T>): Promise<T> {
  const from = live.replay.position();
  const data = await read();
  return live.replay.since(from, key, data, live.me);
}

async function replayedPage<T, P extends Page<T>>(
  key: QueryKey,
  param: unknown,
  read: () => Promise<P>,
): Promise<P> {
  const page = await replayed(key, async () => ({ pages: [await read()], pageParams: [param] }));
  return page.pages[0] as P;
}

export const setupQuery = queryOptions({
  queryKey: keys.setup(),
  queryFn: () => value(client.GET("/api/setup")),
  staleTime: 60_000,
});

/** The session, or null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: keys.session(),
  queryFn: async (): Promise<Session | null> => {
    try {
      return await value(client.GET("/api/session"));
    } catch (error) {
      if (ApiProblem.of(error).code === "not_signed_in") return null;
      throw error;
    }
  },
  staleTime: LIVE,
});

/** What of a list travels: the server knows its views itself. */
const asked = ({ filter, channel, label, q, view, sort }: ListKey) =>
  view
    ? { view, channel, label, q }
    : // Closed threads have nothing that ends.
      { filter, channel, label, q, sort: filter === "closed" ? undefined : sort };

export const conversationsQuery = (params: ListKey) =>
  infiniteQueryOptions({
    queryKey: keys.conversations(params),
    queryFn: ({ pageParam, signal, queryKey }) =>
      replayedPage(queryKey, pageParam, () =>
        value(
          client.GET("/api/conversations", {
            params: { query: { ...asked(params), cursor: pageParam ?? undefined, limit: 50 } },
            signal,
          }),
        ),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    staleTime: LIVE,
    // What ends does so without an event.
    refetchInterval: params.sort === "closing" ? 60_000 : false,
  });

export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: keys.conversation(id),
    queryFn: ({ signal, queryKey }) =>
      replayed(queryKey, () =>
        value(client.GET("/api/conversations/{id}", { params: { path: { id } }, signal })),
      ),
    staleTime: LIVE,
  });

/**
 * Ask for what an opened conversation shows, before it is drawn. A row of a list is the whole conversation, and as
 * current. Kept when all of it is there; a failure is the page's to show.
 */
export async function prefetchConversation(to: QueryClient, id: string): Promise<void> {
  const known = rowOf(to, id);
  if (known) to.setQueryData<Conversation>(keys.conversation(id), (have) => have ?? known);
  await Promise.all([
    known ? undefined : to.prefetchQuery(conversationQuery(id)),
    to.prefetchInfiniteQuery(messagesQuery(id)),
    to.prefetchQuery(decisionQuery(id)),
    to.prefetchQuery(scheduledQuery(id)),
  ]);
}

function rowOf(client: QueryClient, id: string): Conversation | undefined {
  for (const [, data] of client.getQueriesData<InfiniteData<Page<Conversation>>>({
    queryKey: ["conversations"],
  })) {
    const found = data?.pages.flatMap((page) => page.items).find((c) => c.id === id);
    if (found) return found;
  }
  return undefined;
}

export const countsQuery = () =>
  queryOptions({
    queryKey: keys.counts(),
    queryFn: ({ signal }) => value(client.GET("/api/conversations/counts", { signal })),
    staleTime: LIVE,
  });

export const viewsQuery = () =>
  queryOptions({
    queryKey: keys.views(),
    queryFn: async ({ signal }) => (await value(client.GET("/api/views", { signal }))).items,
    staleTime: LIVE,
  });

/** How many conversations each view has, by its id. */
export const viewCountsQuery = () =>
  queryOptions({
    queryKey: keys.viewCounts(),
    queryFn: async ({ signal }) => {
      const { items } = await value(client.GET("/api/views/counts", { signal }));
      return Object.fromEntries(items.map((item) => [item.id, item.count]));
    },
    staleTime: LIVE,
  });

/** What the member did to many conversations lately, the newest first. */
export const bulkJobsQuery = () =>
  queryOptions({
    queryKey: keys.bulkJobs(),
    queryFn: ({ signal, queryKey }) =>
      replayed(queryKey, async () => (await value(client.GET("/api/bulk-jobs", { signal }))).items),
    staleTime: LIVE,
  });

/** Which messages of a thread; null for the newest. */
export type ThreadPlace = { before: string } | { after: string } | { around: string } | null;

/** The pages of a thread that are loaded follow each other, the newest first; they need not begin at the newest. */
export const messagesQuery = (conversation: string) =>
  infiniteQueryOptions({
    queryKey: keys.messages(conversation),
    queryFn: ({ pageParam, signal, queryKey }) =>
      replayedPage<Message, MessagesPage>(queryKey, pageParam, () =>
        value(
          client.GET("/api/conversations/{id}/messages", {
            params: { path: { id: conversation }, query: { ...pageParam, limit: 50 } },
            signal,
          }),
        ),
      ),
    initialPageParam: null as ThreadPlace,
    getNextPageParam: (page): ThreadPlace => (page.next ? { before: page.next } : null),
    getPreviousPageParam: (page): ThreadPlace => (page.newer ? { after: page.newer } : null),
    staleTime: LIVE,
  });

/** Show another part of a thread: what is loaded gives way when the new part is there. */
export async function moveThread(
  to: QueryClient,
  conversation: string,
  place: ThreadPlace,
): Promise<MessagesPage> {
  const queryKey = keys.messages(conversation);
  const page = await replayedPage<Message, MessagesPage>(queryKey, place, () =>
    value(
      client.GET("/api/conversations/{id}/messages", {
        params: { path: { id: conversation }, query: { ...place, limit: 50 } },
      }),
    ),
  );
  await to.cancelQueries({ queryKey });
  to.setQueryData(queryKey, { pages: [page], pageParams: [place] });
  return page;
}

/** Messages that are looked for, the newest first. */
export const foundMessagesQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: keys.foundMessages(q),
    queryFn: ({ pageParam, signal }) =>
      value(
        client.GET("/api/search", {
          params: { query: { q, cursor: pageParam ?? undefined, limit: 30 } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    staleTime: 10_000,
    enabled: q.length > 0,
    retry: false,
  });

export const decisionQuery = (conversation: string) =>
  queryOptions({
    queryKey: keys.decision(conversation),
    queryFn: ({ signal }) =>
      value(
        client.GET("/api/conversations/{id}/decision", { params: { path: { id: conversation } }, signal }),
      ),
    // The rules know when their answer changes; `useDecision` asks again then.
    staleTime: 60_000,
    refetchOnWindowFocus: true,
  });

/** What the decision would be at a later time, if nothing happens until then. */
export const decisionAtQuery = (conversation: string, at: number) =>
  queryOptions({
    queryKey: keys.decisionAt(conversation, at),
    queryFn: ({ signal }) =>
      value(
        client.GET("/api/conversations/{id}/decision", {
          params: { path: { id: conversation }, query: { at } },
          signal,
        }),
      ),
    staleTime: 5_000,
  });

/** What waits in a thread to be sent later, and what came back. */
export const scheduledQuery = (conversation: string) =>
  queryOptions({
    queryKey: keys.scheduled(conversation),
    queryFn: ({ signal, queryKey }) =>
      replayed(
        queryKey,
        async () =>
          (
            await value(
              client.GET("/api/conversations/{id}/scheduled", {
                params: { path: { id: conversation } },
                signal,
              }),
            )
          ).items,
      ),
    staleTime: LIVE,
  });

/** Opening hours, and what is open now. */
export const hoursQuery = () =>
  queryOptions({
    queryKey: keys.hours(),
    queryFn: ({ signal }) => value(client.GET("/api/hours", { signal })),
    staleTime: 300_000,
    refetchOnWindowFocus: true,
  });

export const hoursSuggestionsQuery = () =>
  queryOptions({
    queryKey: keys.hoursSuggestions(),
    queryFn: ({ signal }) => value(client.GET("/api/hours/suggestions", { signal })),
    staleTime: LIVE,
  });

export const autoReplyQuery = (channel: string) =>
  queryOptions({
    queryKey: keys.autoReply(channel),
    queryFn: ({ signal }) =>
      value(client.GET("/api/channels/{id}/auto-reply", { params: { path: { id: channel } }, signal })),
  });

export const autoReplyPreviewQuery = (channel: string, text: string, language: AutoReply["language"]) =>
  queryOptions({
    queryKey: [...keys.autoReply(channel), "preview", text, language],
    queryFn: ({ signal }) =>
      value(
        client.POST("/api/channels/{id}/auto-reply/preview", {
          params: { path: { id: channel } },
          body: { enabled: true, text, language },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    retry: false,
  });

export const draftQuery = (conversation: string) =>
  queryOptions({
    queryKey: keys.draft(conversation),
    queryFn: ({ signal }) =>
      value(client.GET("/api/conversations/{id}/draft", { params: { path: { id: conversation } }, signal })),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

export const customerQuery = (id: string) =>
  queryOptions({
    queryKey: keys.customer(id),
    queryFn: ({ signal, queryKey }) =>
      replayed(queryKey, () =>
        value(client.GET("/api/customers/{id}", { params: { path: { id } }, signal })),
      ),
    staleTime: LIVE,
  });

/** What ending a customer's follow would do, for each of their channels. */
export const followOffersQuery = (customer: string) =>
  queryOptions({
    queryKey: keys.followOffers(customer),
    queryFn: async ({ signal }) =>
      (
        await value(
          client.GET("/api/customers/{id}/remove-follow", { params: { path: { id: customer } }, signal }),
        )
      ).items,
    staleTime: 60_000,
  });

/** Customers who fulfil a filter. The next question is answered over the rows of the last. */
export const customersQuery = (query: { q: string; filter: FilterNode; sort: Sort }) =>
  infiniteQueryOptions({
    queryKey: keys.customers(query),
    queryFn: ({ pageParam, signal }) =>
      value(
        client.POST("/api/customers/query", {
          body: { ...query, q: query.q || undefined, cursor: pageParam ?? undefined, limit: 50 },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
    retry: false,
  });

export const customerLayoutQuery = () =>
  queryOptions({
    queryKey: keys.customerLayout(),
    queryFn: ({ signal }) => value(client.GET("/api/customers/layout", { signal })),
    staleTime: LIVE,
  });

/** The fields that the business made, in their order. */
export const customerFieldsQuery = () =>
  queryOptions({
    queryKey: keys.customerFields(),
    queryFn: async ({ signal }) => (await value(client.GET("/api/customers/fields", { signal }))).items,
    staleTime: LIVE,
  });

/** What the packages of the accounts allow together. */
export const capabilitiesQuery = () =>
  queryOptions({
    queryKey: keys.capabilities(),
    queryFn: ({ signal }) => value(client.GET("/api/customers/capabilities", { signal })),
    staleTime: 60_000,
  });

export const packagesQuery = () =>
  queryOptions({
    queryKey: keys.packages(),
    queryFn: async ({ signal }) => (await value(client.GET("/api/customers/packages", { signal }))).items,
  });

export const customerViewsQuery = () =>
  queryOptions({
    queryKey: keys.customerViews(),
    queryFn: async ({ signal }) => (await value(client.GET("/api/customers/views", { signal }))).items,
    staleTime: LIVE,
  });

export const customerSettingsQuery = () =>
  queryOptions({
    queryKey: keys.customerSettings(),
    queryFn: ({ signal }) => value(client.GET("/api/customers/settings", { signal })),
  });

/** Whom a job passed over or kept, and why; the first hundred. */
export const bulkToldQuery = (job: string, state: string) =>
  queryOptions({
    queryKey: keys.bulkTold(job, state),
    queryFn: ({ signal }) =>
      value(
        client.GET("/api/bulk-jobs/{id}/items", {
          params: { path: { id: job }, query: { told: true, limit: 100 } },
          signal,
        }),
      ),
  });

/** The two phone groups in numbers. */
export const phoneGroupsQuery = () =>
  queryOptions({
    queryKey: keys.phoneGroups(),
    queryFn: async ({ signal }) => (await value(client.GET("/api/customers/groups", { signal }))).items,
    staleTime: 5_000,
  });

/** Numbers of a group, those that contain `q`. */
export const groupNumbersQuery = (group: PhoneGroup, q: string) =>
  infiniteQueryOptions({
    queryKey: keys.groupNumbers(group, q),
    queryFn: ({ pageParam, signal }) =>
      value(
        client.GET("/api/customers/groups/{group}/numbers", {
          params: {
            path: { group },
            query: { q: q || undefined, cursor: pageParam ?? undefined, limit: 50 },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });

export const groupUploadsQuery = (group: PhoneGroup) =>
  queryOptions({
    queryKey: keys.groupUploads(group),
    queryFn: async ({ signal }) =>
      (
        await value(
          client.GET("/api/customers/groups/{group}/uploads", { params: { path: { group } }, signal }),
        )
      ).items,
    staleTime: 5_000,
  });

export const groupUploadQuery = (group: PhoneGroup, id: string) =>
  queryOptions({
    queryKey: keys.groupUpload(group, id),
    queryFn: ({ signal }) =>
      value(
        client.GET("/api/customers/groups/{group}/uploads/{id}", { params: { path: { group, id } }, signal }),
      ),
  });

/** What may be asked of customers: labels, members and fields come and go. */
export const filterFieldsQuery = () =>
  queryOptions({
    queryKey: keys.filterFields(),
    queryFn: async ({ signal }) =>
      (await value(client.GET("/api/customers/filter-fields", { signal }))).items,
    staleTime: 15_000,
  });

export const channelsQuery = () =>
  queryOptions({
    queryKey: keys.channels(),
    queryFn: ({ signal, queryKey }) =>
      replayed(queryKey, async () => (await value(client.GET("/api/channels", { signal }))).items),
    staleTime: LIVE,
  });

/** What can be written to customers of an account. The rules change by date, stickers with what customers send. */
export const offerQuery = (channel: string) =>
  queryOptions({
    queryKey: keys.offer(channel),
    queryFn: ({ signal }) =>
      value(client.GET("/api/channels/{id}/offer", { params: { path: { id: channel } }, signal })),
    staleTime: 10 * 60_000,
  });

/** The platform application, or null when none is set up. */
export const zaloAppQuery = () =>
  queryOptions({
    queryKey: keys.zaloApp(),
    queryFn: async ({ signal }) => {
      try {
        return await value(client.GET("/api/channels/zalo/app", { signal }));
      } catch (error) {
        if (ApiProblem.of(error).status === 404) return null;
        throw error;
      }
    },
  });

export const membersQuery = () =>
  queryOptions({
    queryKey: keys.members(),
    queryFn: ({ signal, queryKey }) =>
      replayed(queryKey, async () => (await value(client.GET("/api/members", { signal }))).items),
    staleTime: LIVE,
  });

/** All labels in their order, archived ones too. */
export const labelsQuery = () =>
  queryOptions({
    queryKey: keys.labels(),
    queryFn: ({ signal, queryKey }) =>
      replayed(queryKey, async () => (await value(client.GET("/api/labels", { signal }))).items),
    staleTime: LIVE,
  });

export const labelUsageQuery = () =>
  queryOptions({
    queryKey: keys.labelUsage(),
    queryFn: ({ signal }) => value(client.GET("/api/labels/usage", { signal })),
  });

export const repliesQuery = () =>
  queryOptions({
    queryKey: keys.replies(),
    queryFn: async ({ signal }) => (await value(client.GET("/api/canned-replies", { signal }))).items,
  });

/** Canned replies as they read in a conversation: asked for when they are wanted, and again after a while. */
export const filledRepliesQuery = (conversation: string) =>
  queryOptions({
    queryKey: keys.filledReplies(conversation),
    queryFn: async ({ signal }) =>
      (
        await value(
          client.GET("/api/conversations/{id}/canned-replies", {
            params: { path: { id: conversation } },
            signal,
          }),
        )
      ).items,
    staleTime: 15_000,
  });

export const macrosQuery = () =>
  queryOptions({
    queryKey: keys.macros(),
    queryFn: async ({ signal }) => (await value(client.GET("/api/macros", { signal }))).items,
    staleTime: 15_000,
  });

/** What a macro would do now. */
export const macroPreviewQuery = (id: string, conversation: string) =>
  queryOptions({
    queryKey: keys.macroPreview(id, conversation),
    queryFn: ({ signal }) =>
      value(
        client.POST("/api/macros/{id}/preview", {
          params: { path: { id } },
          body: { conversation_id: conversation },
          signal,
        }),
      ),
    staleTime: 2_000,
    gcTime: 10_000,
  });

export const rawEventsQuery = () =>
  infiniteQueryOptions({
    queryKey: keys.rawEvents(),
    queryFn: ({ pageParam, signal }) =>
      value(
        client.GET("/api/operator/events", {
          params: { query: { cursor: pageParam ?? undefined, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
  });

/** Notices to the signed-in member, the newest first; the first page says how many are not read. */
export const notificationsQuery = () =>
  infiniteQueryOptions({
    queryKey: keys.notifications(),
    queryFn: ({ pageParam, signal }) =>
      value(
        client.GET("/api/notifications", {
          params: { query: { cursor: pageParam ?? undefined, limit: 20 } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    staleTime: LIVE,
  });

/** What used an account's quota in the last so many days, today included; `from` and `to` are days in Vietnam. */
export const quotaHistoryQuery = (channel: string, days: number, from: string) =>
  queryOptions({
    queryKey: [...keys.quotaHistory(channel, days), from] as const,
    queryFn: ({ signal }) =>
      value(
        client.GET("/api/channels/{id}/quota-history", {
          params: { path: { id: channel }, query: { from } },
          signal,
        }),
      ),
    staleTime: 10_000,
  });

/** What the business decides about its inbox. */
export const inboxSettingsQuery = () =>
  queryOptions({
    queryKey: keys.inboxSettings(),
    queryFn: ({ signal }) => value(client.GET("/api/inbox/settings", { signal })),
    staleTime: 60_000,
  });

/** A few conversations for the command palette. */
export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: keys.search(q),
    queryFn: ({ signal }) =>
      value(client.GET("/api/conversations", { params: { query: { filter: "all", q, limit: 8 } }, signal })),
    staleTime: 10_000,
    enabled: q.length > 0,
  });
