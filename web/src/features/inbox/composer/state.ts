/**
 * What the composer shows. The server says which state it is in; here it only gets what its words need.
 *
 * Nothing is computed here: which state follows from which facts stands in the server's rule book
 * (`rulebook::ComposerState`), so that it is the same in every browser and after a reload.
 */
import type { components } from "~/api/schema.gen";
import type { Decision, DecisionView, Reason } from "~/api/types";

type Schemas = components["schemas"];

/** The server's states, and two of a browser that has not heard it. */
export type ComposerKind =
  /** The server has not answered yet (A-S0). */
  | "loading"
  /** The server could not be asked; it decides when the message is sent. */
  | "unsure"
  | Schemas["ComposerState"];

/** What stands behind a decision, for the line under the composer and for "Vì sao?". */
export interface Counted {
  /** What the message counts as. */
  class: NonNullable<Decision["class"]> | null;
  costVnd: number;
  reply: Decision["reply"];
  /** Messages left in bought packs, when they pay. */
  extraLeft: number | null;
  /** Messages of this class that are left before this one; `total` null: of how many is not known. */
  left: { remain: number; total: number | null } | null;
  /** Until when what is left may be used. */
  until: number | null;
  /** What stands behind all this. */
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

export interface ComposerState extends Counted {
  kind: ComposerKind;
  /** May text be sent? When not, what was typed is kept. */
  enabled: boolean;
  /** The month's allowance as the platform told it last; `stale`: it could not be confirmed since. */
  counter: { used: number; total: number; asOf: number; stale: boolean } | null;
  /** First instant at which sending is possible again without anybody doing something. */
  allowedAt: number | null;
  /** The reason that decided, for texts. */
  reason: Reason | null;
  /** What else the server says of this composer; null before it has said anything. */
  room: Schemas["Composer"] | null;
}

const silent: ComposerState = {
  kind: "loading",
  enabled: false,
  class: null,
  costVnd: 0,
  reply: null,
  counter: null,
  extraLeft: null,
  allowedAt: null,
  reason: null,
  left: null,
  until: null,
  why: null,
  room: null,
};

/** The state that the server names; `failed`: it could not be asked. */
export function composerState(view: DecisionView | null | undefined, failed = false): ComposerState {
  if (!view) return failed ? { ...silent, kind: "unsure", enabled: true } : silent;
  const { composer: room, package: pool } = view;
  return {
    ...counted(view),
    kind: room.state,
    enabled: room.enabled,
    counter: pool ? { used: pool.used, total: pool.total, asOf: pool.as_of, stale: room.quota_stale } : null,
    allowedAt: view.allowed_at ?? null,
    reason: view.reasons.at(-1) ?? null,
    room,
  };
}

/** What a decision says of the message it is about. */
export function counted(decision: Decision): Counted {
  return {
    class: decision.class ?? null,
    costVnd: decision.cost_vnd,
    reply: decision.reply ?? null,
    extraLeft: decision.class === "extra" ? numberOf(decision, "extra_left", "remain") : null,
    ...remaining(decision),
    why: {
      reasons: decision.reasons,
      changesAt: decision.changes_at ?? null,
      edition: decision.edition,
    },
  };
}

/** What is left of the pool that would pay, and until when. */
function remaining(decision: Decision): Pick<Counted, "left" | "until"> {
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

/** Which pop-up a refusal wants (P1 and P2). */
export type Popup = "not_linked" | "no_money";

const popups: Partial<Record<string, Popup>> = {
  popup_not_linked: "not_linked",
  popup_no_money: "no_money",
} satisfies Partial<Record<Schemas["ComposerState"], Popup>>;

/** The pop-up for a problem with which a send was refused, here or by the platform: the server names the state. */
export function popupOf(problem: { params?: unknown } | null | undefined): Popup | null {
  const { composer } = (problem?.params ?? {}) as { composer?: string };
  return popups[composer ?? ""] ?? null;
}

/** What a member who may not configure the account can report in this state; null: nothing is the matter with it. */
export function matterOf(state: Pick<ComposerState, "kind" | "reason">): Schemas["ReportReason"] | null {
  switch (state.kind) {
    case "free_consultation_used_up":
      return state.reason?.code === "zca_not_linked" ? "not_linked" : "quota_used_up";
    case "locked_no_money":
      return "no_money";
    case "reconnect":
      return "reconnect";
    default:
      return null;
  }
}
