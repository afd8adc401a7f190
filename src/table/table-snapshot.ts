/** One version of a table: what its log says of it, its files and its rows. Immutable, and small: files and rows are read when they are asked for. */
import type { Metadata, Protocol } from "../delta/actions.ts";
import type { TableState } from "../delta/table-state.ts";
import type { StructType } from "../schema/data-type.ts";
import type { TableAccess } from "./table-access.ts";

export interface TableSnapshot {
  readonly version: number;
  readonly protocol: Protocol;
  /** The `metaData` action as it stands in the log: id, name, description and the rest. */
  readonly metadata: Metadata;
  /** The columns in Delta's own form, partition columns among them; integers beyond 2^53 in their metadata are bigint. */
  readonly schema: StructType;
  /** Names of columns of the schema, in the order of the partitioning. */
  readonly partitionColumns: readonly string[];
  /** The table properties, such as `delta.appendOnly`. */
  readonly properties: Readonly<Record<string, string>>;
}

export function tableSnapshot(_access: TableAccess, state: TableState): TableSnapshot {
  const { version, protocol, metadata, schema, partitionColumns } = state;
  return { version, protocol, metadata, schema, partitionColumns, properties: metadata.configuration };
}
