/** A Delta table written commit by commit, with data files, deletion vectors and change files of the test's choice. */
import { mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Action, DeletionVectorDescriptor, Metadata, PartitionValues } from "../../src/delta/actions.ts";
import { serializeCommit } from "../../src/delta/commit-json.ts";
import { encodeZ85 } from "../../src/delta/deletion-vector/z85.ts";
import { commitKey } from "../../src/delta/log-files.ts";
import type { DataType } from "../../src/schema/data-type.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { encodeVector } from "./encode-deletion-vector.ts";
import { writeParquetFile } from "./write-parquet-file.ts";

export interface ChangingTable {
  readonly folder: string;
  /** Writes the next version. */
  commit(actions: readonly Action[]): Promise<number>;
  /** A Parquet file of the rows of a SELECT, below the table's folder. */
  file(path: string, select: string, partitionValues?: PartitionValues): Promise<WrittenFile>;
}

export interface WrittenFile {
  readonly path: string;
  readonly size: number;
  readonly partitionValues: PartitionValues;
}

export function changingTable(folder: string): ChangingTable {
  const storage = localStorage({ root: folder });
  let next = 0;
  return {
    folder,
    async commit(actions) {
      const version = next++;
      await storage.put(commitKey(version), serializeCommit(actions));
      return version;
    },
    async file(path, select, partitionValues = {}) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      await writeParquetFile(join(folder, path), select);
      return { path, size: statSync(join(folder, path)).size, partitionValues };
    },
  };
}

export const READS_VECTORS: Action = {
  protocol: {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["deletionVectors", "columnMapping"],
    writerFeatures: ["deletionVectors", "columnMapping", "changeDataFeed"],
  },
};

/** `columns`: name and type, and the physical name where there is one. */
export function metadataOf(options: {
  readonly columns: readonly (readonly [name: string, type: DataType, physical?: string])[];
  readonly partitionColumns?: readonly string[];
  readonly configuration?: Metadata["configuration"];
}): Action {
  const { columns, partitionColumns = [], configuration } = options;
  const fields = columns.map(([name, type, physical], i) => ({
    name,
    type,
    nullable: true,
    metadata:
      physical === undefined
        ? {}
        : { "delta.columnMapping.physicalName": physical, "delta.columnMapping.id": i + 1 },
  }));
  return {
    metaData: {
      id: "t",
      format: { provider: "parquet", options: {} },
      schemaString: JSON.stringify({ type: "struct", fields }),
      partitionColumns,
      configuration: { "delta.enableChangeDataFeed": "true", ...configuration },
    },
  };
}

/** Rows of a file that are deleted; undefined for none. */
export function vectorOf(rows: readonly number[]): DeletionVectorDescriptor | undefined {
  if (rows.length === 0) return undefined;
  const data = encodeVector({ rows, kindOf: () => "plain" });
  return {
    storageType: "i",
    pathOrInlineDv: encodeZ85(data),
    sizeInBytes: data.length,
    cardinality: rows.length,
  };
}

export function addOf(file: WrittenFile, deleted: readonly number[] = [], dataChange = true): Action {
  return { add: { ...file, modificationTime: 0, dataChange, ...withVector(deleted) } };
}

export function removeOf(file: WrittenFile, deleted: readonly number[] = [], dataChange = true): Action {
  return {
    remove: { ...file, deletionTimestamp: 0, extendedFileMetadata: true, dataChange, ...withVector(deleted) },
  };
}

export function changesOf(file: WrittenFile): Action {
  return { cdc: { ...file, dataChange: false } };
}

function withVector(deleted: readonly number[]): { readonly deletionVector?: DeletionVectorDescriptor } {
  const deletionVector = vectorOf(deleted);
  return deletionVector === undefined ? {} : { deletionVector };
}
