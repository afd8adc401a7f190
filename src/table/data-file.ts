/** A live file of a table as a reader sees it: by the names of the table's columns, whatever they are called in the log. */
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import type { AddFile, PartitionValues } from "../delta/actions.ts";
import { statsOf } from "../delta/stated-statistics.ts";
import type { StructType } from "../schema/data-type.ts";
import { physicalNameOf, type ColumnMapping } from "../schema/physical-column.ts";

export interface DataFile {
  /** As the log has it: URI-encoded, relative to the table's folder or absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modificationTime: number;
  /** By partition column: text as in the log, null for null. */
  readonly partitionValues: PartitionValues;
  /** Absent where the file has none. */
  readonly statistics?: FileStatistics;
  /** Absent where no row of the file is deleted. */
  readonly deletionVector?: {
    /** Rows of the file that are deleted. */
    readonly cardinality: number;
  };
}

/** What the writer said of the file's rows. Of columns it may say anything from all to nothing; nested columns are objects. */
export interface FileStatistics {
  /** Rows, deleted ones among them. */
  readonly numRecords?: number;
  /** False where rows were deleted since: the bounds then hold, and no row need have them. Default: true. */
  readonly tightBounds?: boolean;
  readonly minValues?: StatisticsByColumn;
  readonly maxValues?: StatisticsByColumn;
  readonly nullCount?: StatisticsByColumn;
}

export interface StatisticsByColumn {
  /** As in JSON: integers beyond 2^53 are bigint, times and dates text, and text may be cut off. */
  readonly [column: string]: JsonValue;
}

export interface DataFileOptions {
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  readonly mapping: ColumnMapping;
}

export function dataFileOf(add: AddFile, options: DataFileOptions): DataFile {
  const { path, size, modificationTime, deletionVector } = add;
  const statistics = statisticsOf(add, options);
  return {
    path,
    size,
    modificationTime: Number(modificationTime),
    partitionValues: partitionValuesOf(add, options),
    ...(statistics === undefined ? {} : { statistics }),
    ...(deletionVector === undefined
      ? {}
      : { deletionVector: { cardinality: Number(deletionVector.cardinality) } }),
  };
}

function partitionValuesOf(add: AddFile, options: DataFileOptions): PartitionValues {
  const { schema, partitionColumns, mapping } = options;
  const values = partitionColumns.map((name): [string, string | null] => {
    const field = schema.fields.find((one) => one.name === name);
    const value = add.partitionValues[field === undefined ? name : physicalNameOf(field, mapping)];
    // PROTOCOL.md, "Partition Value Serialization": an empty string is null.
    return [name, value === undefined || value === "" ? null : value];
  });
  return Object.fromEntries(values);
}

function statisticsOf(add: AddFile, { schema, mapping }: DataFileOptions): FileStatistics | undefined {
  const stats = statsOf(add);
  if (stats === undefined) return undefined;
  const { numRecords, tightBounds } = stats;
  const columns = (["minValues", "maxValues", "nullCount"] as const).flatMap((key) => {
    const values = stats[key];
    return isJsonObject(values) ? [[key, byLogicalName(values, schema, mapping)] as const] : [];
  });
  return {
    ...(typeof numRecords === "number" ? { numRecords } : {}),
    ...(typeof tightBounds === "boolean" ? { tightBounds } : {}),
    ...Object.fromEntries(columns),
  };
}

/** Columns that the table no longer has are left out. */
function byLogicalName(
  values: Record<string, JsonValue>,
  schema: StructType,
  mapping: ColumnMapping,
): StatisticsByColumn {
  const named = schema.fields.flatMap((field): [string, JsonValue][] => {
    const physical = physicalNameOf(field, mapping);
    const value = Object.hasOwn(values, physical) ? values[physical] : undefined;
    if (value === undefined) return [];
    const isNested = typeof field.type !== "string" && field.type.type === "struct" && isJsonObject(value);
    return [[field.name, isNested ? byLogicalName(value, field.type, mapping) : value]];
  });
  return Object.fromEntries(named);
}
