/** The first actions of a new table. */
import { LandfallError } from "../base/landfall-error.ts";
import type { DataType, StructType } from "../schema/data-type.ts";
import { featuresOfRules, tableRules } from "../schema/table-rules.ts";
import type { Metadata, Protocol } from "./actions.ts";
import { checkWritable } from "./features.ts";
import { serializeSchema } from "./schema-json.ts";
import { featureOfProperty, featuresOfSchema, isOnlySupport, withFeatures } from "./table-features.ts";

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
  /** Features that whoever writes rows to it looks after. Default: none. */
  readonly honoured?: ReadonlySet<string>;
}

/**
 * `protocol` and `metaData` of version 0: reader 1 and writer 2, which every Delta reader knows, unless a column or a property asks for
 * more.
 *
 * @throws LandfallError TABLE_SCHEMA_CONFLICT when names clash or a partition column is missing or cannot be one;
 * TABLE_FEATURE_UNSUPPORTED when a property asks for a feature that we do not write
 */
export function createTableActions(
  options: CreateTableOptions,
): [{ readonly protocol: Protocol }, { readonly metaData: Metadata }] {
  const { schema, partitionColumns = [], configuration = {} } = options;
  checkColumns({ schema, partitionColumns });
  const metadata: Metadata = {
    id: options.id,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.description === undefined ? {} : { description: options.description }),
    format: { provider: "parquet", options: {} },
    schemaString: serializeSchema(schema),
    partitionColumns,
    configuration: Object.fromEntries(Object.entries(configuration).filter(([name]) => !isOnlySupport(name))),
    createdTime: options.createdTime,
  };
  const protocol = protocolFor(schema, configuration);
  checkWritable({ protocol, metadata }, options.honoured);
  return [{ protocol }, { metaData: metadata }];
}

/** @throws LandfallError TABLE_SCHEMA_CONFLICT when names clash or a partition column is missing or cannot be one */
export function checkColumns(table: {
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
}): void {
  checkNames(table.schema, []);
  checkPartitioning(table.schema, table.partitionColumns);
}

function protocolFor(schema: StructType, configuration: Readonly<Record<string, string>>): Protocol {
  const features = new Set([
    ...featuresOfSchema(schema),
    ...featuresOfRules(tableRules({ schema, configuration })),
  ]);
  for (const [name, value] of Object.entries(configuration)) {
    const feature = featureOfProperty(name, value);
    if (feature !== undefined) features.add(feature);
  }
  return withFeatures({ minReaderVersion: 1, minWriterVersion: 2 }, [...features]);
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
