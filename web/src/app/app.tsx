import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRouter, RouterProvider } from "@tanstack/react-router";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import { queryClient } from "~/realtime/instance";
import { routeTree } from "~/routes/tree";
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
queryClient.getQueryCache().subscribe((event) => {
  if (event.type !== "updated" || event.action.type !== "error") return;
  if (ApiProblem.of(event.action.error).code !== "not_signed_in") return;
  if (!queryClient.getQueryData(keys.session())) return;
  queryClient.setQueryData(keys.session(), null);
  void router.navigate({ to: "/sign-in", search: { to: router.state.location.href, expired: true } });
});

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <Notifications position="top-right" limit={3} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
