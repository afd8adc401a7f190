/** A table keeps the partitioning that it was made with (protocol, "Change Metadata"): a declaration that asks for another is told so. */
import { LandfallError } from "../base/landfall-error.ts";
import type { TableState } from "../delta/table-state.ts";

/**
 * Compares what the declaration asks for with the table as it stands. A declaration that says nothing takes the table's own.
 *
 * @param options.partitionBy the declared partition columns, outermost first; names that differ by case are the same column
 * @throws LandfallError TABLE_SCHEMA_CONFLICT naming both; a retry does not help
 */
export function checkPartitioning(options: {
  readonly partitionBy: readonly string[];
  readonly state: TableState;
  readonly table: string;
}): void {
  const { partitionBy, state, table } = options;
  if (partitionBy.length === 0 || sameNames(partitionBy, state.partitionColumns)) return;
  const standing =
    state.partitionColumns.length === 0
      ? "is not partitioned"
      : `is partitioned by ${state.partitionColumns.join(", ")}`;
  throw new LandfallError("TABLE_SCHEMA_CONFLICT", {
    message: `${table} ${standing}, and table.partitionBy asks for ${partitionBy.join(", ")}.`,
    hint: "A table keeps the partitioning it was made with: take table.partitionBy out or state what the table has, or ingest into another table. Nothing was committed.",
    table,
    version: state.version,
  });
}

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return (
    left.length === right.length && left.every((name, i) => name.toLowerCase() === right[i]!.toLowerCase())
  );
}
