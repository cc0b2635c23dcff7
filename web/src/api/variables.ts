/** Variables of canned replies and macros, as the server has them, and their keys in the catalogue. */
type Underscored<S extends string> = S extends `${infer A}.${infer B}` ? `${A}_${B}` : S;

/** In the order in which they are offered. The server refuses all others. */
export const VARIABLES = [
  "customer.name",
  "customer.first_name",
  "customer.phone",
  "customer.salutation",
  "customer.birthday",
  "customer.address",
  "agent.name",
  "agent.first_name",
  "channel.name",
  "workspace.name",
  "now.date",
  "now.time",
] as const;

export type Variable = (typeof VARIABLES)[number];

/** What the names of variables begin with that stand for fields of customers. */
const FIELD = "customer.field.";

/** The variable of a field, by the field's key. */
export const fieldVariable = (key: string) => `${FIELD}${key}`;

/** The key of the field that a variable stands for. */
export function fieldOf(variable: string): string | undefined {
  return variable.startsWith(FIELD) ? variable.slice(FIELD.length) : undefined;
}

export function isVariable(name: string): name is Variable {
  return (VARIABLES as readonly string[]).includes(name);
}

/** Last word of the key of its name; the catalogue takes a dot for a step. */
export function variableKey(variable: Variable): Underscored<Variable> {
  return variable.replace(".", "_") as Underscored<Variable>;
}

/** As it is written into a text. */
export function written(variable: string): string {
  return `{{${variable}}}`;
}
