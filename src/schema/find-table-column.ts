/** Columns of a predicate as an add names them: physical names where the table maps its columns (PROTOCOL.md, "Column Mapping"). */
import type { DataType, PrimitiveType, StructField, StructType } from "./data-type.ts";
import { physicalNameOf, type ColumnMapping } from "./physical-column.ts";

export interface PrunedTable {
  /** The logical schema, with the fields' metadata. */
  readonly schema: StructType;
  /** Logical names. */
  readonly partitionColumns: readonly string[];
  /** Default: none. */
  readonly columnMapping?: ColumnMapping;
}

export interface TableColumn {
  readonly type: PrimitiveType;
  readonly isPartition: boolean;
  /** Path in `minValues` and its likes; for a partition column the one name in `partitionValues`. */
  readonly physicalPath: readonly string[];
  /** The column was FLOAT once: statistics of files from that time are texts of a shorter number than the one that is read. */
  readonly wasFloat: boolean;
}

/** Undefined for a path that leads to no value of a primitive type. */
export function findTableColumn(table: PrunedTable, path: readonly string[]): TableColumn | undefined {
  let type: DataType = table.schema;
  let field: StructField | undefined;
  const physicalPath: string[] = [];
  for (const name of path) {
    if (typeof type === "string" || type.type !== "struct") return undefined;
    field = type.fields.find((one) => one.name === name);
    if (field === undefined) return undefined;
    physicalPath.push(physicalNameOf(field, table.columnMapping ?? "none"));
    type = field.type;
  }
  if (field === undefined || typeof type !== "string") return undefined;
  const isPartition = path.length === 1 && table.partitionColumns.includes(path[0]!);
  return { type, isPartition, physicalPath, wasFloat: type === "double" && hasBeenFloat(field) };
}

function hasBeenFloat({ metadata }: StructField): boolean {
  return JSON.stringify(metadata["delta.typeChanges"] ?? null).includes('"float"');
}
