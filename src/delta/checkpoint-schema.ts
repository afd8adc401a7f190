/** The columns of a classic checkpoint (PROTOCOL.md, "Checkpoint Schema"). */
import {
  nullableField,
  type DataType,
  type MapType,
  type StructField,
  type StructType,
} from "../schema/data-type.ts";
import type { Protocol } from "./actions.ts";

const TEXTS: MapType = { type: "map", keyType: "string", valueType: "string", valueContainsNull: true };
const LIST: DataType = { type: "array", elementType: "string", containsNull: true };

function struct(fields: Readonly<Record<string, DataType>>): StructType {
  return {
    type: "struct",
    fields: Object.entries(fields).map(([name, type]): StructField => nullableField(name, type)),
  };
}

const DELETION_VECTOR = struct({
  storageType: "string",
  pathOrInlineDv: "string",
  offset: "integer",
  sizeInBytes: "integer",
  cardinality: "long",
});

/** One nullable struct an action. The lists of features stand there exactly when the protocol has them. */
export function checkpointColumns(protocol: Protocol): StructType {
  return struct({
    txn: struct({ appId: "string", version: "long", lastUpdated: "long" }),
    add: struct({
      path: "string",
      partitionValues: TEXTS,
      size: "long",
      modificationTime: "long",
      dataChange: "boolean",
      stats: "string",
      tags: TEXTS,
      deletionVector: DELETION_VECTOR,
      baseRowId: "long",
      defaultRowCommitVersion: "long",
      clusteringProvider: "string",
    }),
    remove: struct({
      path: "string",
      deletionTimestamp: "long",
      dataChange: "boolean",
      extendedFileMetadata: "boolean",
      partitionValues: TEXTS,
      size: "long",
      deletionVector: DELETION_VECTOR,
      baseRowId: "long",
      defaultRowCommitVersion: "long",
    }),
    metaData: struct({
      id: "string",
      name: "string",
      description: "string",
      format: struct({ provider: "string", options: TEXTS }),
      schemaString: "string",
      partitionColumns: LIST,
      configuration: TEXTS,
      createdTime: "long",
    }),
    protocol: struct({
      minReaderVersion: "integer",
      minWriterVersion: "integer",
      ...(protocol.minReaderVersion >= 3 ? { readerFeatures: LIST } : {}),
      ...(protocol.minWriterVersion >= 7 ? { writerFeatures: LIST } : {}),
    }),
    domainMetadata: struct({ domain: "string", configuration: "string", removed: "boolean" }),
  });
}
