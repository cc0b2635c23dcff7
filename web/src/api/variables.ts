/** Variables of canned replies and macros, as the server has them, and their keys in the catalogue. */
import type { FilledReply } from "./types";

export type Variable = FilledReply["missing"][number];

type Underscored<S extends string> = S extends `${infer A}.${infer B}` ? `${A}_${B}` : S;

/** In the order in which they are offered. The server refuses all others. */
export const VARIABLES = [
  "customer.name",
  "customer.first_name",
  "customer.phone",
  "agent.name",
  "agent.first_name",
  "channel.name",
  "workspace.name",
  "now.date",
  "now.time",
] as const satisfies readonly Variable[];

/** Last word of the key of its name; the catalogue takes a dot for a step. */
export function variableKey(variable: Variable): Underscored<Variable> {
  return variable.replace(".", "_") as Underscored<Variable>;
}

/** As it is written into a text. */
export function written(variable: Variable): string {
  return `{{${variable}}}`;
}
