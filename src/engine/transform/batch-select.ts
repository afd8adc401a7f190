/** The rows of a batch as a SELECT over the Parquet files that they were staged into. */
import type { StructType } from "../../schema/data-type.ts";
import type { WrittenFile } from "../engine.ts";
import { nullColumns, pathsArgument, quoteName } from "../sql.ts";
import { rowsWithoutBounds } from "../without-bounds.ts";

/** Columns of that schema and in its order; no row where there is no file. */
export function batchSelect(schema: StructType, files: readonly Pick<WrittenFile, "path">[]): string {
  if (files.length === 0) return `SELECT ${nullColumns(schema)} WHERE false`;
  const names = schema.fields.map(({ name }) => quoteName(name)).join(", ");
  const paths = pathsArgument(files.map(({ path }) => path));
  // Large files of others may have been copied as they are, footers and all.
  return rowsWithoutBounds(`SELECT ${names} FROM read_parquet(${paths}, hive_partitioning = false)`, schema);
}
