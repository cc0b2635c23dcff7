import type { Code, Problem } from "./types";

/** Codes that the browser makes itself: the server could not be reached, or answered what nobody expects. */
export type ClientCode = "network" | "unexpected";

/** Everything that can go wrong with a call, as an error to be thrown. */
export class ApiProblem extends Error {
  constructor(
    readonly code: Code | ClientCode,
    readonly params: Readonly<Record<string, unknown>> = {},
    /** HTTP status; 0 when there was no answer. */
    readonly status = 0,
  ) {
    super(code);
    this.name = "ApiProblem";
  }

  /** From an answer's body; a body that is not a problem becomes `unexpected`. */
  static from(body: unknown, status: number): ApiProblem {
    const problem = body as Partial<Problem> | null | undefined;
    if (typeof problem?.code === "string") {
      return new ApiProblem(problem.code, (problem.params ?? {}) as Record<string, unknown>, status);
    }
    return new ApiProblem("unexpected", { status }, status);
  }

  /** From anything that was thrown. */
  static of(error: unknown): ApiProblem {
    return error instanceof ApiProblem ? error : new ApiProblem("network");
  }
}
