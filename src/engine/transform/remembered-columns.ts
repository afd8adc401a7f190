/** What of the columns that `batch` had in the batch before still holds. Pure. */
import type { StructField, StructType } from "../../schema/data-type.ts";
import type { StageRequest } from "../engine.ts";
import { ownColumns } from "../own-columns.ts";

/**
 * The remembered columns but for those that the declaration speaks of: it has the last word, since no table holds rows under these types.
 * A hint below a column (`a.b INT`) leaves the column and its types as they are.
 */
export function rememberedColumns(request: StageRequest): StructType | undefined {
  const { batchSchema, hints, columns } = request;
  if (batchSchema === undefined) return undefined;
  const { tableSchema: _table, ...wishes } = request;
  const own = ownColumns({ ...wishes, computedColumns: [] }).map(({ field }) => field.name);
  const hinted = hints.flatMap(({ path }) => (path.length === 1 ? [path[0]!] : []));
  const stated = new Set(
    [...own, ...hinted, ...(columns?.fields ?? []).map(({ name }) => name)].map((name) => name.toLowerCase()),
  );
  const isKept = ({ name }: StructField): boolean => !stated.has(name.toLowerCase());
  return { type: "struct", fields: batchSchema.fields.filter(isKept) };
}
