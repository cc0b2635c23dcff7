/** What the server might say of a composer, for tests. */
import type { Decision, DecisionView } from "~/api/types";

type Sample = Partial<Omit<Decision, "reasons">> & {
  reasons?: Record<string, Record<string, unknown>>;
  composer: Partial<DecisionView["composer"]> & Pick<DecisionView["composer"], "state" | "enabled">;
};

export function sampleView({ composer, reasons = {}, ...decision }: Sample): DecisionView {
  return {
    verdict: composer.enabled ? "allow" : "deny",
    class: null,
    cost_vnd: 0,
    reply: null,
    package: null,
    reasons: Object.entries(reasons).map(([code, params]) => ({ code, params })) as Decision["reasons"],
    edition: "messaging-2024-11",
    decided_at: 1_000,
    changes_at: null,
    allowed_at: null,
    ...decision,
    composer: {
      may_configure: false,
      may_take: false,
      trial: false,
      quota_stale: false,
      ways: [],
      links: { pricing: "https://prices.example/", top_up: "https://money.example/" },
      ...composer,
    },
  };
}
