import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { reportChannel } from "~/api/calls";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { Report, ReportReason } from "~/api/types";
import { useNow } from "~/i18n/use-format";

export interface ReportManagers {
  busy: boolean;
  /** The server's answer, until managers may be told again. */
  told: Report | null;
  problem: ApiProblem | null;
  run(): void;
}

/**
 * "Báo quản lý": managers hear that an account needs somebody. The server tells them at most once an hour about one
 * matter; what it answered stands until then, in every conversation of the account.
 */
export function useReport(channel: string, reason: ReportReason | null): ReportManagers {
  const client = useQueryClient();
  const now = useNow(30_000);
  const key = keys.report(channel, reason ?? "none");
  const known = useQuery<Report | null>({
    queryKey: key,
    queryFn: () => null,
    enabled: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 3_600_000,
  }).data;
  const report = useMutation({
    mutationFn: (why: ReportReason) => reportChannel(channel, { reason: why }),
    onSuccess: (answer) => client.setQueryData(key, answer),
  });
  return {
    busy: report.isPending,
    told: known && known.again_at > now ? known : null,
    problem: report.isError ? ApiProblem.of(report.error) : null,
    run: () => {
      if (reason && !report.isPending) report.mutate(reason);
    },
  };
}
