/** Whether protocol, properties and schema of a commit go together, and follow on those before (PROTOCOL.md, "Table Features", "Change Metadata"). */
import { parseJson } from "../../src/base/lossless-json.ts";
import type { Metadata, Protocol } from "../../src/delta/actions.ts";
import type { DataType, StructField, StructType } from "../../src/schema/data-type.ts";

export interface TableShape {
  /** Of writers, those of legacy versions by their names. */
  readonly features: ReadonlySet<string>;
  /** What files hold: physical names, without partition columns. */
  readonly inFiles: StructType;
  /** Types of the partition columns by physical names. */
  readonly partitions: ReadonlyMap<string, DataType>;
}

/** Features that readers must know, too (PROTOCOL.md, "Valid Feature Names in Table Features"). */
const OF_READERS = new Set([
  "columnMapping",
  "deletionVectors",
  "timestampNtz",
  "v2Checkpoint",
  "vacuumProtocolCheck",
  "typeWidening",
  "variantType",
  "catalogManaged",
]);
const LEGACY: readonly (readonly string[])[] = [
  [],
  [],
  ["appendOnly", "invariants"],
  ["checkConstraints"],
  ["changeDataFeed", "generatedColumns"],
  ["columnMapping"],
  ["identityColumns"],
];
const SWITCHES: Readonly<Record<string, string>> = {
  "delta.enableDeletionVectors": "deletionVectors",
  "delta.enableRowTracking": "rowTracking",
  "delta.enableInCommitTimestamps": "inCommitTimestamp",
  "delta.enableChangeDataFeed": "changeDataFeed",
  "delta.enableTypeWidening": "typeWidening",
};

export function tableFaults(options: {
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly before: { readonly protocol: Protocol | undefined; readonly metadata: Metadata | undefined };
}): { readonly faults: string[]; readonly shape: TableShape } {
  const { protocol, metadata, before } = options;
  const features = featuresOf(protocol);
  const faults = protocolFaults(protocol, before.protocol);
  const { configuration, partitionColumns, format, id } = metadata;
  for (const [property, feature] of Object.entries(SWITCHES))
    if (configuration[property]?.toLowerCase() === "true" && !features.has(feature))
      faults.push(`${property} is on, and the protocol has no ${feature}`);
  if (format.provider !== "parquet") faults.push(`files of the format ${format.provider}`);
  if (before.metadata !== undefined && before.metadata.id !== id) faults.push("the table's id has changed");
  const schema = parseJson(metadata.schemaString) as unknown as StructType;
  const mode = configuration["delta.columnMapping.mode"] ?? "none";
  if (mode !== "none") faults.push(...mappingFaults(schema, configuration, features));
  const names = schema.fields.map(({ name }) => name.toLowerCase());
  if (new Set(names).size < names.length) faults.push("two columns of one name");
  for (const name of partitionColumns)
    if (!schema.fields.some((field) => field.name === name)) faults.push(`no column ${name} to partition by`);
  if (metadata.schemaString.includes('"timestamp_ntz"') && !features.has("timestampNtz"))
    faults.push("a column of timestamp_ntz, and the protocol has no timestampNtz");
  const physical = (field: StructField): string =>
    mode === "none" ? field.name : (field.metadata["delta.columnMapping.physicalName"] as string);
  const partitions = schema.fields.filter(({ name }) => partitionColumns.includes(name));
  const inFiles = schema.fields.filter(({ name }) => !partitionColumns.includes(name));
  return {
    faults,
    shape: {
      features,
      inFiles: renamed({ type: "struct", fields: inFiles }, physical) as StructType,
      partitions: new Map(partitions.map((field) => [physical(field), field.type])),
    },
  };
}

function featuresOf({ minWriterVersion, writerFeatures = [] }: Protocol): ReadonlySet<string> {
  return new Set(minWriterVersion >= 7 ? writerFeatures : LEGACY.slice(0, minWriterVersion + 1).flat());
}

function protocolFaults(protocol: Protocol, before: Protocol | undefined): string[] {
  const { minReaderVersion, minWriterVersion, readerFeatures, writerFeatures } = protocol;
  const faults: string[] = [];
  if (minReaderVersion >= 3 !== (readerFeatures !== undefined))
    faults.push(`readerFeatures at ${minReaderVersion}`);
  if (minWriterVersion >= 7 !== (writerFeatures !== undefined))
    faults.push(`writerFeatures at ${minWriterVersion}`);
  if (minReaderVersion >= 3 && minWriterVersion < 7) faults.push("lists of readers only");
  for (const feature of readerFeatures ?? [])
    if (writerFeatures?.includes(feature) !== true) faults.push(`${feature} is asked of readers only`);
  for (const feature of writerFeatures ?? [])
    if (OF_READERS.has(feature) && minReaderVersion >= 3 && readerFeatures?.includes(feature) !== true)
      faults.push(`${feature} is asked of writers only`);
  for (const feature of writerFeatures ?? [])
    if (
      OF_READERS.has(feature) &&
      minReaderVersion < 3 &&
      !(feature === "columnMapping" && minReaderVersion === 2)
    )
      faults.push(`${feature} with readers of version ${minReaderVersion}`);
  const [has, had] = [featuresOf(protocol), before === undefined ? new Set<string>() : featuresOf(before)];
  for (const feature of had) if (!has.has(feature)) faults.push(`the protocol lost ${feature}`);
  if (before !== undefined && before.minReaderVersion > minReaderVersion)
    faults.push("the protocol is lowered");
  return faults;
}

/** PROTOCOL.md, "Column Mapping", "Writer Requirements". */
function mappingFaults(
  schema: StructType,
  configuration: Readonly<Record<string, string>>,
  features: ReadonlySet<string>,
): string[] {
  const faults = features.has("columnMapping") ? [] : ["column mapping without its feature"];
  const ids: number[] = [];
  const walk = (type: DataType): void => {
    if (typeof type === "string") return;
    if (type.type === "array") return walk(type.elementType);
    if (type.type === "map") {
      walk(type.keyType);
      return walk(type.valueType);
    }
    const names = type.fields.map(({ metadata }) => metadata["delta.columnMapping.physicalName"]);
    if (new Set(names).size < names.length)
      faults.push(`physical names are not unique: ${JSON.stringify(names)}`);
    for (const field of type.fields) {
      const id = field.metadata["delta.columnMapping.id"];
      if (typeof id !== "number") faults.push(`the column ${field.name} has no id`);
      else ids.push(id);
      if (typeof field.metadata["delta.columnMapping.physicalName"] !== "string")
        faults.push(`the column ${field.name} has no physical name`);
      walk(field.type);
    }
  };
  walk(schema);
  if (new Set(ids).size < ids.length) faults.push(`column ids are not unique: ${ids.join(", ")}`);
  const greatest = Number(configuration["delta.columnMapping.maxColumnId"]);
  if (!(Math.max(0, ...ids) <= greatest)) faults.push(`a column id is above the greatest, ${greatest}`);
  return faults;
}

function renamed(type: DataType, nameOf: (field: StructField) => string): DataType {
  if (typeof type === "string" || type.type !== "struct") return type;
  return {
    type: "struct",
    fields: type.fields.map((field) => ({
      ...field,
      name: nameOf(field),
      type: renamed(field.type, nameOf),
    })),
  };
}
