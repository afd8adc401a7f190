/** Which fields the actions of a commit have, and of which kind (PROTOCOL.md, "Actions"): a second writing of them, apart from the reader's. */
import { isJsonObject, type JsonValue } from "../../src/base/lossless-json.ts";

export type Fields = Readonly<Record<string, JsonValue>>;
type Kind = "text" | "long" | "boolean" | "texts" | "map" | "plain" | "object";
interface Shape {
  readonly required: Readonly<Record<string, Kind>>;
  readonly optional: Readonly<Record<string, Kind>>;
}

const VECTOR: Shape = {
  required: { storageType: "text", pathOrInlineDv: "text", sizeInBytes: "long", cardinality: "long" },
  optional: { offset: "long" },
};

/** What the protocol leaves optional of removes is asked of ours: vacuum and the change feed live by it. */
const SHAPES: Readonly<Record<string, Shape>> = {
  commitInfo: {
    required: {
      timestamp: "long",
      operation: "text",
      operationParameters: "plain",
      isolationLevel: "text",
      isBlindAppend: "boolean",
      operationMetrics: "map",
      engineInfo: "text",
      txnId: "text",
    },
    optional: { inCommitTimestamp: "long", readVersion: "long", tags: "map", userMetadata: "text" },
  },
  protocol: {
    required: { minReaderVersion: "long", minWriterVersion: "long" },
    optional: { readerFeatures: "texts", writerFeatures: "texts" },
  },
  metaData: {
    required: {
      id: "text",
      format: "object",
      schemaString: "text",
      partitionColumns: "texts",
      configuration: "map",
    },
    optional: { name: "text", description: "text", createdTime: "long" },
  },
  add: {
    required: {
      path: "text",
      partitionValues: "map",
      size: "long",
      modificationTime: "long",
      dataChange: "boolean",
    },
    optional: {
      stats: "text",
      tags: "map",
      deletionVector: "object",
      baseRowId: "long",
      defaultRowCommitVersion: "long",
      clusteringProvider: "text",
    },
  },
  remove: {
    required: {
      path: "text",
      dataChange: "boolean",
      deletionTimestamp: "long",
      extendedFileMetadata: "boolean",
      partitionValues: "map",
      size: "long",
    },
    optional: {
      stats: "text",
      tags: "map",
      deletionVector: "object",
      baseRowId: "long",
      defaultRowCommitVersion: "long",
    },
  },
  cdc: {
    required: { path: "text", partitionValues: "map", size: "long", dataChange: "boolean" },
    optional: { tags: "map" },
  },
  txn: { required: { appId: "text", version: "long" }, optional: { lastUpdated: "long" } },
  domainMetadata: {
    required: { domain: "text", configuration: "text", removed: "boolean" },
    optional: {},
  },
};

/** What is wrong with the shape of one line of a commit of ours. */
export function shapeFaults(line: JsonValue): string[] {
  if (!isJsonObject(line)) return ["a line is no object"];
  const entries = Object.entries(line);
  const [kind, fields] = entries[0] ?? ["nothing", null];
  const shape = SHAPES[kind];
  if (entries.length !== 1 || shape === undefined || !isJsonObject(fields))
    return [`a line is not one action: ${Object.keys(line).join(", ")}`];
  const faults = fieldFaults(kind, fields, shape);
  const vector = fields["deletionVector"];
  return isJsonObject(vector)
    ? [...faults, ...fieldFaults(`${kind}.deletionVector`, vector, VECTOR)]
    : faults;
}

function fieldFaults(kind: string, fields: Fields, { required, optional }: Shape): string[] {
  const faults = Object.keys(required)
    .filter((name) => fields[name] === undefined)
    .map((name) => `${kind} has no ${name}`);
  for (const [name, value] of Object.entries(fields)) {
    const wanted = required[name] ?? optional[name];
    if (wanted === undefined) faults.push(`${kind} has ${name}, which is none of its fields`);
    else if (!isOf(wanted, value)) faults.push(`${kind}.${name} is no ${wanted}: ${JSON.stringify(value)}`);
  }
  return faults;
}

function isOf(kind: Kind, value: JsonValue): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "long":
      return typeof value === "bigint" || Number.isSafeInteger(value);
    case "boolean":
      return typeof value === "boolean";
    case "texts":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "map":
      return (
        isJsonObject(value) && Object.values(value).every((item) => item === null || typeof item === "string")
      );
    // Texts, numbers and booleans: lists stand as their JSON text.
    case "plain":
      return (
        isJsonObject(value) && Object.values(value).every((item) => item === null || typeof item !== "object")
      );
    case "object":
      return isJsonObject(value);
  }
}
