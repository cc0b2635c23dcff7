/** Texts for what travels as a code with parameters: problems, reasons, refusals of the platform. Pure. */
import type { TFunction } from "i18next";
import * as format from "./format";

interface Coded {
  code: string;
  params?: unknown;
}

const BYTES = new Set(["max_bytes", "size"]);
const INSTANTS = new Set(["retry_at", "until", "as_of", "last_interaction_at", "refused_at", "removed_at"]);
const MONEY = new Set(["price_vnd"]);

/** What people call types of files; the server lists media types or these very words. */
const TYPES: Record<string, string> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/gif": "gif",
  "application/pdf": "pdf",
  "application/msword": "doc",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "text/csv": "csv",
};

/** Parameters as they are read: sizes, instants and money in the reader's form, lists joined. */
function readable(
  coded: Coded,
  t: TFunction,
  language: format.Language,
  now: number,
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries((coded.params ?? {}) as Record<string, unknown>)) {
    const size = BYTES.has(name) || (name === "max" && coded.code === "file_too_large");
    if (typeof value === "number" && size) out[name] = format.bytes(value, language, t);
    else if (typeof value === "number" && INSTANTS.has(name)) out[name] = format.asOf(value, language, now);
    else if (typeof value === "number" && MONEY.has(name)) out[name] = format.money(value, language, t);
    else if (name === "platform_code") out[name] = value;
    else if (typeof value === "number") out[name] = format.number(value, language);
    else if (Array.isArray(value)) out[name] = value.map((x) => TYPES[String(x)] ?? String(x)).join(", ");
    else if (typeof value === "string" || typeof value === "boolean") out[name] = value;
  }
  return out;
}

function text(
  group: "errors" | "reasons",
  coded: Coded,
  fallback: "errors.unexpected",
  t: TFunction,
  language: format.Language,
  now: number,
): string {
  const key = `${group}.${coded.code}`;
  const params = readable(coded, t, language, now);
  // The catalogue is checked against the server's table; the fallback is for a server newer than this page.
  return t(key as "errors.unexpected", { ...params, defaultValue: t(fallback) });
}

/** The text of a problem. */
export function problemText(problem: Coded, t: TFunction, language: format.Language, now: number): string {
  const decisive = decisiveReason(problem);
  if (decisive) return reasonText(decisive, t, language, now);
  const { reason } = (problem.params ?? {}) as { reason?: string };
  if (problem.code === "platform_refused" && reason && reason !== "other") {
    // The server has read the platform's code already; without a reading the platform's words are shown.
    const key = `refusals.${reason}` as "refusals.other";
    return t(key, { defaultValue: text("errors", problem, "errors.unexpected", t, language, now) });
  }
  if ((problem.code === "invalid_field" || problem.code === "conflict") && reason) {
    // A reason that has no words of its own is said by the problem.
    const params = readable(problem, t, language, now);
    const key = `invalid.${reason}` as "invalid.too_long";
    return t(key, {
      ...params,
      defaultValue: text("errors", problem, "errors.unexpected", t, language, now),
    });
  }
  return text("errors", problem, "errors.unexpected", t, language, now);
}

/** The text of a decision's reason. A refused message says which limit it breaks. */
export function reasonText(reason: Coded, t: TFunction, language: format.Language, now: number): string {
  const params = (reason.params ?? {}) as Record<string, unknown>;
  if (reason.code === "message_refused" && typeof params.problem === "string") {
    return text("errors", { code: params.problem, params }, "errors.unexpected", t, language, now);
  }
  return text("reasons", reason, "errors.unexpected", t, language, now);
}

/** A refused send carries the whole decision; its last reason is what the writer must read. */
function decisiveReason(problem: Coded): Coded | undefined {
  if (problem.code !== "send_not_allowed") return undefined;
  const { decision } = (problem.params ?? {}) as { decision?: { reasons?: Coded[] } };
  return decision?.reasons?.at(-1);
}
