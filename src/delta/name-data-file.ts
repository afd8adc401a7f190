/** What a written file is called in the table, and what the log says of it. */
import type { StructType } from "../schema/data-type.ts";
import { physicalNameOf, type ColumnMapping } from "../schema/physical-column.ts";
import type { AddFile, PartitionValues } from "./actions.ts";
import { dataFilePlace, type DataFileOptions } from "./data-file.ts";
import { serializePartitionValue } from "./partition-value.ts";
import { statisticsJson, type ColumnStatistics } from "./statistics.ts";

/** A Parquet file that the engine wrote, as far as the log speaks of it: partition values and statistics by physical names. */
export interface FileToName {
  readonly rows: number;
  readonly bytes: number;
  /** Default: snappy. */
  readonly codec?: DataFileOptions["codec"];
  /** Texts in the engine's notation. */
  readonly partition: Readonly<Record<string, string | null>>;
  readonly statistics: readonly ColumnStatistics[];
}

export interface NamedFile<Written extends FileToName = FileToName> {
  readonly key: string;
  readonly add: AddFile;
  readonly written: Written;
}

/** What a written file's partition is called in the log. */
export function partitionValuesOf(options: {
  readonly file: Pick<FileToName, "partition">;
  readonly schema: StructType;
  readonly partitionBy: readonly string[];
  /** Default: none. */
  readonly columnMapping?: ColumnMapping;
}): PartitionValues {
  const { file, schema, partitionBy, columnMapping = "none" } = options;
  return Object.fromEntries(
    partitionBy.map((column) => {
      const field = schema.fields.find(({ name }) => name === column)!;
      const name = physicalNameOf(field, columnMapping);
      return [name, serializePartitionValue(field.type, file.partition[name] ?? null)];
    }),
  );
}

/** Where a written file will stand in the table, and the `add` that will name it. */
export function nameDataFile<Written extends FileToName>(options: {
  readonly file: Written;
  readonly ordinal: number;
  readonly schema: StructType;
  readonly partitionBy: readonly string[];
  /** Default: none. */
  readonly columnMapping?: ColumnMapping;
  readonly partitionValues: PartitionValues;
  readonly configuration: Readonly<Record<string, string>>;
  /** Fresh: it is what keeps names apart. */
  readonly uuid: string;
  readonly now: number;
  /** False where the rows stood in the table before. */
  readonly dataChange: boolean;
}): NamedFile<Written> {
  const { file, schema, partitionBy, partitionValues, columnMapping = "none" } = options;
  const { key, path } = dataFilePlace({
    index: options.ordinal,
    uuid: options.uuid,
    codec: file.codec ?? "snappy",
    // Their names there.
    partitionColumns: partitionBy.map((column) =>
      physicalNameOf(
        schema.fields.find(({ name }) => name === column)!,
        columnMapping,
      ),
    ),
    partitionValues,
  });
  const stats = statisticsJson({
    numRecords: file.rows,
    columns: file.statistics,
    schema,
    partitionColumns: partitionBy,
    columnMapping,
    configuration: options.configuration,
  });
  const add = {
    path,
    partitionValues,
    size: file.bytes,
    modificationTime: options.now,
    dataChange: options.dataChange,
    stats,
  };
  return { key, add, written: file };
}
