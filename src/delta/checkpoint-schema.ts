/** The columns of checkpoints and their sidecars (PROTOCOL.md, "Checkpoint Schema"). */
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

/** All that a sidecar holds. */
export const SIDECAR_COLUMNS: StructType = struct({
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
});

/** One nullable struct an action. The lists of features stand there exactly when the protocol has them. */
export function checkpointColumns(protocol: Protocol): StructType {
  const [txn, ...others] = stateColumns(protocol).fields;
  return { type: "struct", fields: [txn!, ...SIDECAR_COLUMNS.fields, ...others] };
}

/** Those of a V2 checkpoint's file on top, with the columns of files, which readers may look for. */
export function v2CheckpointColumns(protocol: Protocol): StructType {
  const { fields } = struct({
    checkpointMetadata: struct({ version: "long", tags: TEXTS }),
    sidecar: struct({ path: "string", sizeInBytes: "long", modificationTime: "long", tags: TEXTS }),
  });
  return { type: "struct", fields: [...checkpointColumns(protocol).fields, ...fields] };
}

function stateColumns(protocol: Protocol): StructType {
  return struct({
    txn: struct({ appId: "string", version: "long", lastUpdated: "long" }),
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
