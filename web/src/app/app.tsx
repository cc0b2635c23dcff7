import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRouter, RouterProvider } from "@tanstack/react-router";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import { TranslationProvider } from "~/i18n/use-translation";
import { queryClient } from "~/realtime/instance";
import { routeTree } from "~/routes/tree";
import { HintLayer } from "~/ui/hint";
import { cssVariables, theme } from "~/ui/theme";

export const router = createRouter({
  routeTree,
  context: { client: queryClient },
  defaultPreload: "intent",
  // The query cache decides what is fresh.
  defaultPreloadStaleTime: 0,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

// A session that ended anywhere leads to signing in, and back to where one was.
function expire(): void {
  const path = router.state.location.pathname;
  if (path === "/sign-in" || path === "/setup") return;
  queryClient.setQueryData(keys.session(), null);
  void router.navigate({ to: "/sign-in", search: { to: router.state.location.href, expired: true } });
}

let signedIn = false;
queryClient.getQueryCache().subscribe((event) => {
  if (event.type !== "updated") return;
  if (event.action.type === "error" && ApiProblem.of(event.action.error).code === "not_signed_in") {
    if (signedIn) expire();
  } else if (event.query.queryKey[0] === keys.session()[0] && event.action.type === "success") {
    const now = event.query.state.data != null;
    // Signing out by hand sets the value itself; only an answer of the server ends a session by surprise.
    if (signedIn && !now && !event.action.manual) expire();
    signedIn = now;
  }
});

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <TranslationProvider>
          <Notifications position="top-right" limit={3} />
          <RouterProvider router={router} />
          <HintLayer />
        </TranslationProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
