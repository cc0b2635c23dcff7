/**
 * Limits of the platform, learned from the server's refusals: the numbers live in its rule book, never here.
 * What was refused once is refused again before it is uploaded.
 */
import { ApiProblem } from "~/api/problem";
import { recall, remember } from "~/ui/remember";

export interface Limits {
  /** Longest text in characters. */
  text?: number;
  /** Largest file in bytes, by media type. */
  sizes: Record<string, number>;
  /** Types that were refused, with what is allowed instead. */
  refused: Record<string, unknown>;
}

export const noLimits: Limits = { sizes: {}, refused: {} };

/** What a refusal teaches. */
export function learn(limits: Limits, problem: ApiProblem, mediaType?: string): Limits {
  const { code, params } = problem;
  if (code === "text_too_long" && typeof params.max === "number" && params.max > 0) {
    return { ...limits, text: params.max };
  }
  if (mediaType && code === "file_too_large" && typeof params.max === "number") {
    return { ...limits, sizes: { ...limits.sizes, [mediaType]: params.max } };
  }
  if (mediaType && code === "unsupported_file") {
    return { ...limits, refused: { ...limits.refused, [mediaType]: params.allowed ?? "" } };
  }
  return limits;
}

/** The refusal that a file would meet, if that is known. */
export function precheck(limits: Limits, file: { type: string; size: number }): ApiProblem | null {
  const allowed = limits.refused[file.type];
  if (allowed !== undefined) return new ApiProblem("unsupported_file", { allowed });
  const max = limits.sizes[file.type];
  if (max !== undefined && file.size > max) return new ApiProblem("file_too_large", { size: file.size, max });
  return null;
}

export const recallLimits = () => recall<Limits>("limits", noLimits);
export const rememberLimits = (limits: Limits) => remember("limits", limits);
