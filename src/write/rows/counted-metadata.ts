/** How far the columns have come that a table counts. */
import type { Metadata } from "../../delta/actions.ts";
import { serializeSchema } from "../../delta/schema-json.ts";
import type { TableState } from "../../delta/table-state.ts";
import { nextIdentity, type IdentityColumn, type TableRules } from "../../schema/table-rules.ts";

/**
 * PROTOCOL.md, "Identity Columns": the value that was given last stands in the column's metadata. Undefined where none was given.
 *
 * @param given how many rows got their value of a column from the table
 */
export function countedMetadata(
  { metadata, schema }: Pick<TableState, "metadata" | "schema">,
  { identities }: Pick<TableRules, "identities">,
  given: (identity: IdentityColumn) => number,
): Metadata | undefined {
  const marks = new Map(
    identities.flatMap((identity) => {
      const counted = BigInt(given(identity));
      const mark = nextIdentity(identity) + identity.step * (counted - 1n);
      return counted === 0n ? [] : [[identity.name, mark] as const];
    }),
  );
  if (marks.size === 0) return undefined;
  const fields = schema.fields.map((field) => {
    const mark = marks.get(field.name);
    return mark === undefined
      ? field
      : { ...field, metadata: { ...field.metadata, "delta.identity.highWaterMark": mark } };
  });
  return { ...metadata, schemaString: serializeSchema({ type: "struct", fields }) };
}
