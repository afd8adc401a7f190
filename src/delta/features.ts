/**
 * Which tables may be read and appended to (PROTOCOL.md, "Table Features"; Appendix "Valid Feature Names"). An append does not read
 * data, so features that concern only rewriting are honoured by leaving them alone, and those that constrain rows are allowed
 * while nothing in the table uses them.
 */
import { LandfallError } from "../base/landfall-error.ts";
import type { StructField, StructType } from "../schema/data-type.ts";
import { fieldsOf } from "../schema/fields-of.ts";
import type { Metadata, Protocol } from "./actions.ts";
import { parseSchemaString } from "./schema-json.ts";

/** Writer features that each legacy version adds; version n implies those of all below it. */
const LEGACY_WRITER: Readonly<Record<number, readonly string[]>> = {
  1: [],
  2: ["appendOnly", "invariants"],
  3: ["checkConstraints"],
  4: ["changeDataFeed", "generatedColumns"],
  5: ["columnMapping"],
  6: ["identityColumns"],
};

/**
 * Features of readers (PROTOCOL.md, "Valid Feature Names in Table Features") that we honour; any other is refused by its name. Features
 * of writers alone ask nothing of a reader.
 */
const READABLE = new Set([
  "timestampNtz",
  "deletionVectors",
  "vacuumProtocolCheck",
  "v2Checkpoint",
  "columnMapping",
  "typeWidening",
  "typeWidening-preview",
  "variantType",
  "variantType-preview",
  "variantShredding",
  "variantShredding-preview",
]);

/** Honoured by an append whether used or not. */
const PASSIVE = new Set([
  "appendOnly",
  "timestampNtz",
  "changeDataFeed",
  "deletionVectors",
  "domainMetadata",
  "vacuumProtocolCheck",
  "v2Checkpoint",
  "allowColumnDefaults",
  // New files have the types that the table has now, and the changes that are noted stay with their columns.
  "typeWidening",
  "typeWidening-preview",
]);

/** Column metadata that puts a writer feature to use. */
const COLUMN_KEYS: ReadonlyMap<string, string> = new Map([
  ["invariants", "delta.invariants"],
  ["generatedColumns", "delta.generationExpression"],
  ["identityColumns", "delta.identity.start"],
]);

/** The reader features that the protocol asks for, those of legacy versions by their names. */
export function readerFeaturesOf(protocol: Protocol): readonly string[] {
  if (protocol.minReaderVersion >= 3) return protocol.readerFeatures ?? [];
  return protocol.minReaderVersion === 2 ? ["columnMapping"] : [];
}

/** The writer features that the protocol asks for, those of legacy versions by their names. */
export function writerFeaturesOf(protocol: Protocol): readonly string[] {
  if (protocol.minWriterVersion >= 7) return protocol.writerFeatures ?? [];
  const features: string[] = [];
  for (let version = 1; version <= protocol.minWriterVersion; version++) {
    features.push(...(LEGACY_WRITER[version] ?? []));
  }
  return features;
}

/**
 * Passes when the log of a table of this protocol means to us what its writer meant.
 *
 * @throws LandfallError TABLE_FEATURE_UNSUPPORTED naming the feature or the version
 */
export function checkReadable(protocol: Protocol): void {
  if (protocol.minReaderVersion > 3 || protocol.minReaderVersion < 1) {
    throw unsupported(`reader version ${protocol.minReaderVersion}`, "read");
  }
  for (const feature of readerFeaturesOf(protocol)) {
    if (!READABLE.has(feature)) throw unsupported(`the table feature ${feature}`, "read");
  }
}

/** Features that concern rows or the files of rows: what a checkpoint holds and what a clean-up may remove is the same with them and without. */
export const HONOURED_BY_LOG: ReadonlySet<string> = new Set([
  "invariants",
  "checkConstraints",
  "generatedColumns",
  "identityColumns",
  "columnMapping",
  "inCommitTimestamp",
  "rowTracking",
  "clustering",
]);

/** Features that concern how rows stand in files: a writer honours them whose files are by physical names, with ids and statistics. */
export const HONOURED_BY_ROWS: ReadonlySet<string> = new Set(["columnMapping"]);

/** Features that concern what rows hold: a writer honours them that fills the columns that rows leave out and holds each row against the rules. */
export const HONOURED_BY_RULES: ReadonlySet<string> = new Set([
  "invariants",
  "checkConstraints",
  "generatedColumns",
  "identityColumns",
]);

/**
 * Passes when rows may be appended to the table blindly: no data read, no file removed.
 *
 * @param honoured features that the caller looks after itself. Default: none
 * @throws LandfallError TABLE_FEATURE_UNSUPPORTED naming the feature, and the column or property that uses it
 */
export function checkWritable(
  table: { readonly protocol: Protocol; readonly metadata: Metadata },
  honoured: ReadonlySet<string> = new Set(),
): void {
  const { protocol, metadata } = table;
  checkReadable(protocol);
  if (protocol.minWriterVersion > 7 || protocol.minWriterVersion < 1) {
    throw unsupported(`writer version ${protocol.minWriterVersion}`, "write");
  }
  let schema: StructType | undefined;
  // Of a column without a type no file has a value; what that asks of a writer is not looked after.
  if (metadata.schemaString.includes('"void"')) {
    schema = parseSchemaString(metadata.schemaString);
    const column = columnWhere(schema, (field) => field.type === "void");
    if (column !== undefined) throw unsupported(`the column ${column} of the type void`, "write");
  }
  for (const feature of writerFeaturesOf(protocol)) {
    if (PASSIVE.has(feature) || honoured.has(feature)) continue;
    if (feature === "checkConstraints") {
      const constraint = Object.keys(metadata.configuration).find((key) =>
        key.startsWith("delta.constraints."),
      );
      if (constraint !== undefined) throw inUse(feature, `the property ${constraint}`);
      continue;
    }
    const key = COLUMN_KEYS.get(feature);
    if (key === undefined) throw unsupported(`the table feature ${feature}`, "write");
    schema ??= parseSchemaString(metadata.schemaString);
    const column = columnWhere(schema, ({ metadata: own }) => Object.hasOwn(own, key));
    if (column !== undefined) throw inUse(feature, `the column ${column}`);
  }
}

/** The first field for which `holds`, as a dotted path. */
function columnWhere(schema: StructType, holds: (field: StructField) => boolean): string | undefined {
  for (const { field, path } of fieldsOf(schema)) if (holds(field)) return path.join(".");
  return undefined;
}

/** The refusal of something that Landfall cannot honour, by its name. */
export function unsupported(what: string, verb: "read" | "write"): LandfallError {
  return new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
    message: `Landfall cannot ${verb} this table: it needs ${what}.`,
    hint: `${verb === "read" ? "Read it with the program that wrote it" : "Ingest into a table of its own"}, or take the feature off this one (ALTER TABLE … DROP FEATURE in Spark or Databricks).`,
  });
}

function inUse(feature: string, user: string): LandfallError {
  return new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
    message: `The table uses the feature ${feature} (${user}), whose rule Landfall cannot check.`,
    hint: "Ingest into a table of its own, or take the rule off this one.",
  });
}
