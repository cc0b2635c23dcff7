/**
 * The one way to the server: a client typed by the generated description.
 *
 * Invariants: a call either gives the value or throws an [`ApiProblem`]; every call carries the header
 * that another site cannot set.
 */
import createClient from "openapi-fetch";
import { ApiProblem } from "./problem";
import type { paths } from "./schema.gen";

export const client = createClient<paths>({
  baseUrl: window.location.origin,
  headers: { "x-loa": "1" },
  // Looked up late, so that a test can put its own in place.
  fetch: (request) => globalThis.fetch(request),
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The value of an answer, or the problem it carries as an exception. */
export async function value<T>(call: Promise<Answer<T>>): Promise<T> {
  const answer = await settled(call);
  return answer.data as T;
}

/** Like [`value`] for calls that answer nothing. */
export async function done(call: Promise<Answer<unknown>>): Promise<void> {
  await settled(call);
}

async function settled<T>(call: Promise<Answer<T>>): Promise<Answer<T>> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch {
    throw new ApiProblem("network");
  }
  if (!answer.response.ok) throw ApiProblem.from(answer.error, answer.response.status);
  return answer;
}
