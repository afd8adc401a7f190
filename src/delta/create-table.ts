/** The first actions of a new table. */
import { LandfallError } from "../base/landfall-error.ts";
import type { DataType, StructType } from "../schema/data-type.ts";
import type { Action, Metadata, Protocol } from "./actions.ts";
import { checkWritable, unsupported } from "./features.ts";
import { serializeSchema } from "./schema-json.ts";

export interface CreateTableOptions {
  /** A fresh UUID, the table's for its life. */
  readonly id: string;
  readonly schema: StructType;
  /** Default: none. */
  readonly partitionColumns?: readonly string[];
  /** Table properties. Default: none. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly createdTime: number;
  readonly name?: string;
  readonly description?: string;
}

/**
 * `protocol` and `metaData` of version 0: reader 1 and writer 2, which every Delta reader knows, unless a column or a property asks for
 * more.
 *
 * @throws LandfallError TABLE_SCHEMA_CONFLICT when names clash or a partition column is missing or cannot be one;
 * TABLE_FEATURE_UNSUPPORTED when a property asks for a feature that we do not write
 */
export function createTableActions(options: CreateTableOptions): Action[] {
  const { schema, partitionColumns = [], configuration = {} } = options;
  checkNames(schema, []);
  checkPartitioning(schema, partitionColumns);
  const metadata: Metadata = {
    id: options.id,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.description === undefined ? {} : { description: options.description }),
    format: { provider: "parquet", options: {} },
    schemaString: serializeSchema(schema),
    partitionColumns,
    configuration,
    createdTime: options.createdTime,
  };
  const protocol = protocolFor(schema, configuration);
  checkWritable({ protocol, metadata });
  return [{ protocol }, { metaData: metadata }];
}

/** Properties that put a feature to use; those without a feature that we write are refused by `checkWritable`. */
const PROPERTY_FEATURES: readonly (readonly [property: RegExp, feature: string, reader: boolean])[] = [
  [/^delta\.enableDeletionVectors$/, "deletionVectors", true],
  [/^delta\.enableChangeDataFeed$/, "changeDataFeed", false],
  [/^delta\.columnMapping\.mode$/, "columnMapping", true],
  [/^delta\.enableRowTracking$/, "rowTracking", false],
  [/^delta\.enableInCommitTimestamps$/, "inCommitTimestamp", false],
  [/^delta\.enableTypeWidening$/, "typeWidening", true],
  [/^delta\.enableIcebergCompatV[123]$/, "icebergCompat", false],
  [/^delta\.constraints\./, "checkConstraints", false],
];

function protocolFor(schema: StructType, configuration: Readonly<Record<string, string>>): Protocol {
  const readers: string[] = [];
  const writers: string[] = [];
  if (usesType(schema, "timestamp_ntz")) readers.push("timestampNtz");
  for (const [key, value] of Object.entries(configuration)) {
    if (["false", "none"].includes(value.toLowerCase())) continue;
    const match = PROPERTY_FEATURES.find(([property]) => property.test(key));
    if (match === undefined) continue;
    const list = match[2] ? readers : writers;
    if (!list.includes(match[1])) list.push(match[1]);
  }
  // A table that has it is read and appended to; one of our own would promise checkpoints that we do not write.
  if (configuration["delta.checkpointPolicy"]?.toLowerCase() === "v2")
    throw unsupported("the table feature v2Checkpoint", "write");
  if (readers.length + writers.length === 0) return { minReaderVersion: 1, minWriterVersion: 2 };
  // PROTOCOL.md: reader features stand in both lists, and a table with feature lists must name what writer 2 implies.
  const all = [...readers, ...writers, "appendOnly", "invariants"];
  return readers.length === 0
    ? { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: all }
    : { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: readers, writerFeatures: all };
}

function usesType(type: DataType, wanted: string): boolean {
  if (typeof type === "string") return type === wanted;
  if (type.type === "struct") return type.fields.some((field) => usesType(field.type, wanted));
  if (type.type === "array") return usesType(type.elementType, wanted);
  return usesType(type.keyType, wanted) || usesType(type.valueType, wanted);
}

/** Delta's names are one whatever their case. */
function checkNames(type: DataType, path: readonly string[]): void {
  if (typeof type === "string") return;
  if (type.type === "array") return checkNames(type.elementType, path);
  if (type.type === "map") {
    checkNames(type.keyType, path);
    return checkNames(type.valueType, path);
  }
  const seen = new Map<string, string>();
  for (const field of type.fields) {
    const other = seen.get(field.name.toLowerCase());
    const here = [...path, field.name].join(".");
    if (other !== undefined) {
      throw schemaConflict(`The columns ${other} and ${here} differ by case only.`, "Rename one of them.");
    }
    seen.set(field.name.toLowerCase(), here);
    checkNames(field.type, [...path, field.name]);
  }
}

function checkPartitioning(schema: StructType, partitionColumns: readonly string[]): void {
  for (const [index, name] of partitionColumns.entries()) {
    const field = schema.fields.find((candidate) => candidate.name === name);
    if (field === undefined) {
      throw schemaConflict(
        `The partition column ${name} is not in the schema.`,
        "Partition by one of the table's columns.",
      );
    }
    if (typeof field.type !== "string") {
      throw schemaConflict(
        `The partition column ${name} is of type ${field.type.type}.`,
        "Partition by a column with plain values.",
      );
    }
    if (partitionColumns.indexOf(name) !== index) {
      throw schemaConflict(`The partition column ${name} is named twice.`, "Name it once.");
    }
  }
  if (partitionColumns.length > 0 && partitionColumns.length === schema.fields.length) {
    throw schemaConflict(
      "All columns are partition columns, so no file could hold a row.",
      "Leave at least one column that is none.",
    );
  }
}

function schemaConflict(message: string, hint: string): LandfallError {
  return new LandfallError("TABLE_SCHEMA_CONFLICT", { message, hint });
}
