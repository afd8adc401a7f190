/** The columns of the rows that are merged. */
import { LandfallError } from "../../base/landfall-error.ts";
import type { StructType } from "../../schema/data-type.ts";
import type { RowSource } from "../source/row-source.ts";

/**
 * Without those that the table fills and no row says: a clause leaves them out, too.
 *
 * @throws LandfallError QUERY_INVALID for one that some rows say and others leave out: a clause sets it for all its rows or for none
 */
export function mergedColumns({
  schema,
  rows,
  leftOut,
}: Pick<RowSource, "schema" | "rows" | "leftOut">): StructType {
  const fields = schema.fields.filter(({ name }) => {
    const without = leftOut?.get(name.toLowerCase())?.rows ?? 0;
    if (without === 0) return leftOut?.has(name.toLowerCase()) !== true || rows !== 0;
    if (without === rows) return false;
    throw new LandfallError("QUERY_INVALID", {
      message: `The table fills the column ${name}, and of the rows that are merged ${without} leave it out and others do not.`,
      hint: "Give it in all rows, or in none.",
    });
  });
  return { type: "struct", fields };
}
