/**
 * Addresses of the app. A route holds its address, its search, what it needs loaded, and which page shows it;
 * pages stand in features.
 *
 * How to add a page: a component in a feature, a route here, a line in the palette.
 */
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import type { Filter, Session } from "~/api/types";
import { prefetchConversation, sessionQuery, setupQuery } from "~/realtime/queries";
import { Crashed, NotFound } from "./fallback";

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: Crashed,
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/inbox", search: { filter: "all" } });
  },
});

/** Where to go after signing in; only addresses of this app. */
function inside(path: unknown): string | undefined {
  return typeof path === "string" && /^\/(?![/\\])/.test(path) ? path : undefined;
}

export const signInRoute = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search): { to?: string; expired?: boolean } => ({
    to: inside(search.to),
    expired: search.expired === true || undefined,
  }),
  loader: async ({ context: { client } }) => {
    const setup = await client.ensureQueryData(setupQuery);
    if (setup.required) throw redirect({ to: "/setup" });
    return setup;
  },
  component: lazyRouteComponent(() => import("./sign-in"), "SignIn"),
});

export const setupRoute = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  loader: async ({ context: { client } }) => {
    const setup = await client.fetchQuery(setupQuery);
    if (!setup.required) throw redirect({ to: "/sign-in" });
  },
  component: lazyRouteComponent(() => import("./setup"), "SetUp"),
});

/** Everything behind signing in. */
export const deskRoute = createRoute({
  getParentRoute: () => root,
  id: "desk",
  beforeLoad: async ({ context: { client }, location }): Promise<{ session: Session }> => {
    const session = await client.ensureQueryData(sessionQuery);
    if (!session) throw redirect({ to: "/sign-in", search: { to: location.href } });
    return { session };
  },
  component: lazyRouteComponent(() => import("./desk"), "Desk"),
});

const FILTERS: readonly Filter[] = ["all", "mine", "unassigned", "unread", "pending", "snoozed", "closed"];

export interface InboxSearch {
  filter: Filter;
  channel?: string;
  label?: string;
  q?: string;
  sort?: "closing";
  view?: string;
  /** A message of the chosen conversation to be shown. */
  at?: string;
}

export const inboxRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: "/inbox",
  validateSearch: (search): InboxSearch => ({
    filter: FILTERS.find((f) => f === search.filter) ?? "all",
    channel: typeof search.channel === "string" ? search.channel : undefined,
    label: typeof search.label === "string" ? search.label : undefined,
    q: typeof search.q === "string" && search.q !== "" ? search.q : undefined,
    sort: search.sort === "closing" ? "closing" : undefined,
    view: typeof search.view === "string" && search.view.startsWith("viw_") ? search.view : undefined,
    at: typeof search.at === "string" && /^msg_[0-9a-f]{32}$/.test(search.at) ? search.at : undefined,
  }),
  component: lazyRouteComponent(() => import("./inbox"), "Inbox"),
});

/** So long a press may seem to do nothing. Milliseconds. */
const UNSEEN = 60;

const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** The chosen conversation; the page of the parent shows it, so that the list stays where it is. */
const conversationRoute = createRoute({
  getParentRoute: () => inboxRoute,
  path: "$conversationId",
  // Most answers are here before an eye could see that they were not: the pane is drawn once, with its messages. A
  // slow one is waited for in the pane.
  loader: ({ context: { client }, params }) =>
    Promise.race([prefetchConversation(client, params.conversationId), sleep(UNSEEN)]),
});

const customersRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: "/customers",
  component: lazyRouteComponent(() => import("./customers"), "Customers"),
});

const groupsRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: "/customers/groups",
  component: lazyRouteComponent(() => import("./groups"), "Groups"),
});

const settingsRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings"), "Settings"),
});

const settingsHome = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/settings/channels" });
  },
});

export const channelsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "channels",
  validateSearch: (search): { connected?: string; error?: string } => ({
    connected: typeof search.connected === "string" ? search.connected : undefined,
    error: typeof search.error === "string" ? search.error : undefined,
  }),
  component: lazyRouteComponent(() => import("./settings"), "Channels"),
});

export const quotaHistoryRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "channels/$channelId/quota",
  component: lazyRouteComponent(() => import("./quota-history"), "QuotaHistory"),
});

const inboxSettingsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "inbox",
  component: lazyRouteComponent(() => import("./settings"), "InboxSettings"),
});

const customerSettingsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "customers",
  component: lazyRouteComponent(() => import("./settings"), "CustomerSettings"),
});

const hoursRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "hours",
  component: lazyRouteComponent(() => import("./settings"), "Hours"),
});

const membersRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "members",
  component: lazyRouteComponent(() => import("./settings"), "Members"),
});

const profileRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "profile",
  component: lazyRouteComponent(() => import("./settings"), "Profile"),
});

const labelsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "labels",
  component: lazyRouteComponent(() => import("./settings"), "Labels"),
});

const fieldsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "fields",
  component: lazyRouteComponent(() => import("./settings"), "Fields"),
});

const repliesRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "replies",
  component: lazyRouteComponent(() => import("./settings"), "Replies"),
});

const macrosRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "macros",
  component: lazyRouteComponent(() => import("./settings"), "Macros"),
});

const operatorRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "operator",
  component: lazyRouteComponent(() => import("./settings"), "Operator"),
});

export const routeTree = root.addChildren([
  home,
  signInRoute,
  setupRoute,
  deskRoute.addChildren([
    customersRoute,
    groupsRoute,
    inboxRoute.addChildren([conversationRoute]),
    settingsRoute.addChildren([
      settingsHome,
      channelsRoute,
      quotaHistoryRoute,
      customerSettingsRoute,
      inboxSettingsRoute,
      hoursRoute,
      membersRoute,
      labelsRoute,
      fieldsRoute,
      repliesRoute,
      macrosRoute,
      profileRoute,
      operatorRoute,
    ]),
  ]),
]);
