/** What the documents and flags must know of an option beside its type. */

/** How an option's value is written; decides its word in the docs and how a flag's text is read. */
export type OptionKind =
  | "text"
  | "choice"
  | "boolean"
  | "count"
  | "size"
  | "duration"
  | "list"
  | "map"
  | "ddl"
  | "rules"
  | "location"
  | "trigger";

/** The metadata of one option of a shape. */
export function option(kind: OptionKind, description: string): { kind: OptionKind; description: string } {
  return { kind, description };
}
