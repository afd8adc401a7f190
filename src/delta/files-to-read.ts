/** What a reader of rows must know of a table: its columns, and each live file with its partition values and deleted rows. */
import { LandfallError } from "../base/landfall-error.ts";
import type { StructType } from "../schema/data-type.ts";
import { physicalNameOf, type ColumnMapping } from "../schema/physical-column.ts";
import type { Storage } from "../storage/storage.ts";
import type { AddFile, Metadata, Protocol } from "./actions.ts";
import { checkMapped, columnMappingOf } from "./column-mapping.ts";
import { readDeletionVector } from "./deletion-vector/read-deletion-vector.ts";
import { localFiles } from "./locate-file.ts";
import { parsePartitionValue } from "./partition-value.ts";
import { recordsOf } from "./stated-statistics.ts";
import { checkTypeChanges } from "./type-changes.ts";

/** The columns of a table as its rows are read. */
export interface ColumnsToRead {
  readonly schema: StructType;
  readonly columnMapping: ColumnMapping;
  /** By the names of the schema. */
  readonly partitionColumns: readonly string[];
}

/**
 * @throws LandfallError TABLE_FEATURE_UNSUPPORTED for a type change or a mode of column mapping that is not known, TABLE_LOG_CORRUPT
 */
export function columnsToRead(table: {
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
}): ColumnsToRead {
  const { schema, partitionColumns } = table;
  const columnMapping = columnMappingOf(table);
  if (columnMapping !== "none") checkMapped(schema);
  checkTypeChanges(schema);
  return { schema, columnMapping, partitionColumns };
}

/** A data file for the engine. */
export interface FileToRead {
  /** Absolute and local. */
  readonly path: string;
  /** By physical name, as text that the engine casts; null for null. */
  readonly partitionValues: Readonly<Record<string, string | null>>;
  /** Row r is deleted iff `deleted[r >> 3] & (128 >> (r & 7))`. Absent: none is. */
  readonly deleted?: Uint8Array;
  /** As the log states it, deleted ones too. */
  readonly rows?: number;
}

export interface FilesToReadOptions {
  readonly storage: Storage;
  readonly columns: ColumnsToRead;
  readonly adds: Iterable<AddFile>;
  /** Reads files and vectors that lie outside of the table's folder. Default: false. */
  readonly allowOutside?: boolean;
  readonly signal?: AbortSignal;
}

/** So many files are looked at at once. */
const AT_ONCE = 64;

/**
 * In the order of `adds`. Each file is looked for, and the deletion vectors are read.
 *
 * @throws LandfallError OBJECT_MISSING, TABLE_FILE_OUTSIDE, TABLE_DATA_CORRUPT, TABLE_LOG_CORRUPT, TABLE_FEATURE_UNSUPPORTED
 */
export async function filesToRead(options: FilesToReadOptions): Promise<FileToRead[]> {
  const { storage, allowOutside = false, signal } = options;
  const localOf = localFiles({ storage, allowOutside });
  const adds = [...options.adds];
  const found: FileToRead[] = [];
  for (let start = 0; start < adds.length; start += AT_ONCE) {
    signal?.throwIfAborted();
    // The vectors of neighbours often lie in one file.
    const files = new Map<string, Promise<Uint8Array>>();
    const group = adds.slice(start, start + AT_ONCE).map(async (add): Promise<FileToRead> => {
      const path = await localOf(add.path);
      const partitionValues = partitionValuesOf(add, options.columns);
      const { deletionVector } = add;
      const rows = recordsOf(add);
      const stated = rows === undefined ? {} : { rows };
      if (deletionVector === undefined) return { path, partitionValues, ...stated };
      const deleted = await readDeletionVector({
        storage,
        descriptor: deletionVector,
        file: add.path,
        ...stated,
        allowOutside,
        files,
      });
      return { path, partitionValues, deleted, ...stated };
    });
    found.push(...(await settled(group)));
  }
  return found;
}

/** All of them, or the first error in their order: none is left to fail later. */
async function settled<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}

function partitionValuesOf(
  add: AddFile,
  { schema, partitionColumns, columnMapping }: ColumnsToRead,
): Record<string, string | null> {
  const values: Record<string, string | null> = {};
  for (const column of partitionColumns) {
    const field = schema.fields.find(({ name }) => name === column);
    if (field === undefined) {
      throw new LandfallError("TABLE_LOG_CORRUPT", {
        message: `The table is partitioned by ${column}, which is none of its columns.`,
        hint: "Find out which program wrote the last metaData action of the table.",
      });
    }
    const name = physicalNameOf(field, columnMapping);
    values[name] = parsePartitionValue(field.type, add.partitionValues[name] ?? null);
  }
  return values;
}
