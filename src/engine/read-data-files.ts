/** Reads data files of a table as its columns: by name, absent ones null, also fields of structs that the table got later. */
import type { StructType } from "../schema/data-type.ts";
import { duckdbType, pathsArgument, quoteText } from "./sql.ts";

/** A table function; `schema`: the columns that stand in data files, without partition columns. */
export function readDataFiles(paths: readonly string[], schema: StructType): string {
  const shape = schema.fields
    .map(
      (field) =>
        `${quoteText(field.name)}: {name: ${quoteText(field.name)}, type: ${quoteText(duckdbType(field.type))}, default_value: NULL}`,
    )
    .join(", ");
  return `read_parquet(${pathsArgument(paths)}, hive_partitioning = false, schema = MAP {${shape}})`;
}
