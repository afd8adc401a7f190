/** What a written file is called in the table, and what the log says of it. */
import type { AddFile, PartitionValues } from "../delta/actions.ts";
import { dataFilePlace } from "../delta/data-file.ts";
import { serializePartitionValue } from "../delta/partition-value.ts";
import { statisticsJson } from "../delta/statistics.ts";
import type { WrittenFile } from "../engine/engine.ts";
import type { StructType } from "../schema/data-type.ts";

export interface NamedFile {
  readonly key: string;
  readonly add: AddFile;
  readonly written: WrittenFile;
}

/** What a written file's partition is called in the log. */
export function partitionValuesOf(options: {
  readonly file: WrittenFile;
  readonly schema: StructType;
  readonly partitionBy: readonly string[];
}): PartitionValues {
  const { file, schema, partitionBy } = options;
  return Object.fromEntries(
    partitionBy.map((name) => {
      const type = schema.fields.find((field) => field.name === name)!.type;
      return [name, serializePartitionValue(type, file.partition[name] ?? null)];
    }),
  );
}

/** Where a written file will stand in the table, and the `add` that will name it. */
export function nameDataFile(options: {
  readonly file: WrittenFile;
  readonly ordinal: number;
  readonly schema: StructType;
  readonly partitionBy: readonly string[];
  readonly partitionValues: PartitionValues;
  readonly configuration: Readonly<Record<string, string>>;
  /** Fresh: it is what keeps names apart. */
  readonly uuid: string;
  readonly now: number;
  /** False where the rows stood in the table before. */
  readonly dataChange: boolean;
}): NamedFile {
  const { file, partitionBy, partitionValues } = options;
  const { key, path } = dataFilePlace({
    index: options.ordinal,
    uuid: options.uuid,
    codec: file.codec ?? "snappy",
    partitionColumns: partitionBy,
    partitionValues,
  });
  const stats = statisticsJson({
    numRecords: file.rows,
    columns: file.statistics,
    schema: options.schema,
    partitionColumns: partitionBy,
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
