/** The page's query cache and its live connection; there is one of each. */
import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "~/api/problem";
import { Live } from "./live";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // Without an answer it is worth another try; a refusal stays a refusal.
      retry: (failures, error) => {
        const { status } = ApiProblem.of(error);
        return failures < 2 && (status === 0 || status >= 502);
      },
      refetchOnWindowFocus: false,
    },
  },
});

export const live = new Live(queryClient);
