/**
 * What the composer shows, made of the server's decision alone.
 *
 * This is the only place that reads a decision; the composer, its notice and the line under it read the state.
 * The rules themselves stand in the server's rule book and are never computed here.
 */
import type { Decision, Reason } from "~/api/types";

export type ComposerKind =
  /** The decision is not there yet (A-S0). */
  | "loading"
  /** A free reply: nothing to say (A-S1). */
  | "reply_free"
  /** A free greeting to a follower. */
  | "welcome"
  /** The next message comes off the month's allowance (A-S2). */
  | "next_is_consultation"
  /** The allowance is used; the next message costs money (A-S3, and the way to A-S4 and A-S5). */
  | "quota_used_up"
  /** The account that pays is empty (A-S6). */
  | "locked_no_money"
  /** The customer has not interacted for too long (A-S7). */
  | "window_closed"
  | "never_interacted"
  /** Blocked, restricted or unfollowed (A-S8). */
  | "blocked"
  /** The account must be connected again (A-S9). */
  | "reconnect"
  /** Refused for a reason this version has no picture for. */
  | "denied"
  /** The decision could not be read; the server decides when the message is sent. */
  | "unsure";

export interface ComposerState {
  kind: ComposerKind;
  /** May text be sent? When not, what was typed is kept. */
  enabled: boolean;
  /** What the message counts as. */
  class: NonNullable<Decision["class"]> | null;
  costVnd: number;
  reply: Decision["reply"];
  /** The month's allowance, shown where it is about to be used. */
  counter: { used: number; total: number; asOf: number } | null;
  /** Messages left in bought packs, when they pay. */
  extraLeft: number | null;
  /** Pressing send will be answered by the pop-up "not linked". */
  notLinked: boolean;
  /** First instant at which sending is possible again without anybody doing something. */
  allowedAt: number | null;
  /** The reason that decided, for texts. */
  reason: Reason | null;
  /** Messages of this class that are left before this one; `total` null: of how many is not known. */
  left: { remain: number; total: number | null } | null;
  /** Until when what is left may be used. */
  until: number | null;
  /** What stands behind all this, for "Vì sao?". */
  why: Why | null;
}

export interface Why {
  /** In the order in which they were weighed; the last one decided. Never empty. */
  reasons: readonly Reason[];
  /** When the same facts give another answer. */
  changesAt: number | null;
  /** The rule book that decided. */
  edition: string;
}

const nothing: ComposerState = {
  kind: "loading",
  enabled: false,
  class: null,
  costVnd: 0,
  reply: null,
  counter: null,
  extraLeft: null,
  notLinked: false,
  allowedAt: null,
  reason: null,
  left: null,
  until: null,
  why: null,
};

const allowed: Record<NonNullable<Decision["class"]>, ComposerKind> = {
  reply: "reply_free",
  welcome: "welcome",
  package: "next_is_consultation",
  extra: "next_is_consultation",
  paid: "quota_used_up",
};

const denied: Record<string, ComposerKind> = {
  channel_disconnected: "reconnect",
  blocked: "blocked",
  not_follower: "blocked",
  interaction_too_old: "window_closed",
  never_interacted: "never_interacted",
  // The writer may press send, and is then told what to link (A-S3 before A-S4).
  zca_not_linked: "quota_used_up",
  zca_out_of_money: "locked_no_money",
};

/** The state for a decision; `failed`: it could not be read. */
export function composerState(decision: Decision | null | undefined, failed = false): ComposerState {
  if (!decision) return failed ? { ...nothing, kind: "unsure", enabled: true } : nothing;
  const reason = decision.reasons.at(-1) ?? null;
  const sure = decision.verdict === "allow" && decision.class != null;
  const kind: ComposerKind =
    sure && decision.class ? allowed[decision.class] : (denied[reason?.code ?? ""] ?? "denied");
  const notLinked = reason?.code === "zca_not_linked" && !sure;
  const consults = kind === "next_is_consultation" || kind === "quota_used_up" || kind === "locked_no_money";
  const { package: pool } = decision;
  return {
    kind,
    enabled: sure || notLinked,
    class: decision.class ?? null,
    costVnd: decision.cost_vnd,
    reply: decision.reply ?? null,
    counter: consults && pool ? { used: pool.used, total: pool.total, asOf: pool.as_of } : null,
    extraLeft: decision.class === "extra" ? numberOf(decision, "extra_left", "remain") : null,
    notLinked,
    allowedAt: decision.allowed_at ?? null,
    reason,
    ...remaining(decision),
    why: {
      reasons: decision.reasons,
      changesAt: decision.changes_at ?? null,
      edition: decision.edition,
    },
  };
}

/** What is left of the pool that would pay, and until when. */
function remaining(decision: Decision): Pick<ComposerState, "left" | "until"> {
  const { reply, package: pool } = decision;
  switch (decision.class) {
    case "reply":
      return {
        left: reply?.remain == null ? null : { remain: reply.remain, total: reply.total ?? null },
        until: reply?.until ?? null,
      };
    case "package":
      return {
        left: pool
          ? { remain: Math.max(0, pool.total - pool.used - pool.reserved), total: pool.total }
          : null,
        until: pool?.until ?? null,
      };
    case "extra": {
      const remain = numberOf(decision, "extra_left", "remain");
      return { left: remain === null ? null : { remain, total: null }, until: null };
    }
    case "welcome": {
      const used = numberOf(decision, "welcome_left", "used");
      const total = numberOf(decision, "welcome_left", "total");
      return { left: used === null || total === null ? null : { remain: total - used, total }, until: null };
    }
    default:
      return { left: null, until: null };
  }
}

function numberOf(decision: Decision, code: string, param: string): number | null {
  const params = decision.reasons.find((r) => r.code === code)?.params as Record<string, unknown> | undefined;
  const value = params?.[param];
  return typeof value === "number" ? value : null;
}

/** Which pop-up a refusal wants (features: P1 and P2). */
export type Popup = "not_linked" | "no_money";

const PLATFORM_NOT_LINKED = -320;
const PLATFORM_NO_MONEY = -321;

/** The pop-up for a code of the platform. */
export function popupOfPlatformCode(code: number | null | undefined): Popup | null {
  if (code === PLATFORM_NOT_LINKED) return "not_linked";
  if (code === PLATFORM_NO_MONEY) return "no_money";
  return null;
}

/** The pop-up for a problem that a send was answered with. */
export function popupOfProblem(problem: { code: string; params?: unknown }): Popup | null {
  const params = (problem.params ?? {}) as { decision?: Decision; platform_code?: number };
  if (problem.code === "platform_refused") return popupOfPlatformCode(params.platform_code);
  if (problem.code !== "send_not_allowed") return null;
  switch (params.decision?.reasons.at(-1)?.code) {
    case "zca_not_linked":
      return "not_linked";
    case "zca_out_of_money":
      return "no_money";
    default:
      return null;
  }
}
