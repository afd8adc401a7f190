/** Table features, and how a protocol is raised to have one (PROTOCOL.md, "Table Features"; Appendix "Valid Feature Names in Table Features"). */
import type { DataType } from "../schema/data-type.ts";
import type { Protocol } from "./actions.ts";
import { readerFeaturesOf, unsupported, writerFeaturesOf } from "./features.ts";

interface TableFeature {
  /** It asks something of readers, too. */
  readonly reader: boolean;
  /** Features that it cannot be without. */
  readonly needs?: readonly string[];
}

const FEATURES: ReadonlyMap<string, TableFeature> = new Map<string, TableFeature>([
  ["appendOnly", { reader: false }],
  ["invariants", { reader: false }],
  ["checkConstraints", { reader: false }],
  ["changeDataFeed", { reader: false }],
  ["generatedColumns", { reader: false }],
  ["identityColumns", { reader: false }],
  ["allowColumnDefaults", { reader: false }],
  ["domainMetadata", { reader: false }],
  ["rowTracking", { reader: false, needs: ["domainMetadata"] }],
  ["inCommitTimestamp", { reader: false }],
  ["clustering", { reader: false, needs: ["domainMetadata"] }],
  ["columnMapping", { reader: true }],
  ["deletionVectors", { reader: true }],
  ["timestampNtz", { reader: true }],
  ["typeWidening", { reader: true }],
  ["v2Checkpoint", { reader: true }],
  ["vacuumProtocolCheck", { reader: true }],
]);

const OFF = new Set(["false", "none"]);

const SUPPORT = "delta.feature.";

/** Whether a property asks for nothing but that a feature is supported: it stands in the protocol, and not among the properties. */
export function isOnlySupport(name: string): boolean {
  return name.startsWith(SUPPORT);
}

/** The feature that a table property puts to use; undefined for one that needs none, or that turns one off. */
export function featureOfProperty(name: string, value: string): string | undefined {
  if (isOnlySupport(name)) return name.slice(SUPPORT.length);
  if (OFF.has(value.toLowerCase())) return undefined;
  if (name.startsWith("delta.constraints.")) return "checkConstraints";
  if (/^delta\.enableIcebergCompatV\d+$/.test(name)) return name.slice("delta.enable".length);
  if (name === "delta.checkpointPolicy" && value.toLowerCase() !== "v2") return undefined;
  return PROPERTIES.get(name);
}

const PROPERTIES: ReadonlyMap<string, string> = new Map([
  ["delta.enableDeletionVectors", "deletionVectors"],
  ["delta.enableChangeDataFeed", "changeDataFeed"],
  ["delta.columnMapping.mode", "columnMapping"],
  ["delta.enableRowTracking", "rowTracking"],
  ["delta.enableInCommitTimestamps", "inCommitTimestamp"],
  ["delta.enableTypeWidening", "typeWidening"],
  ["delta.checkpointPolicy", "v2Checkpoint"],
]);

/** Features that the types of a schema ask for. */
export function featuresOfSchema(type: DataType): readonly string[] {
  return usesType(type, "timestamp_ntz") ? ["timestampNtz"] : [];
}

function usesType(type: DataType, wanted: string): boolean {
  if (typeof type === "string") return type === wanted;
  if (type.type === "struct") return type.fields.some((field) => usesType(field.type, wanted));
  if (type.type === "array") return usesType(type.elementType, wanted);
  return usesType(type.keyType, wanted) || usesType(type.valueType, wanted);
}

/**
 * The protocol with these features, and with all that it had: the same object where it has them. Legacy versions become lists, which name
 * what the versions implied.
 *
 * @throws LandfallError TABLE_FEATURE_UNSUPPORTED for a feature that is not known here
 */
export function withFeatures(protocol: Protocol, names: readonly string[]): Protocol {
  const wanted = new Set<string>();
  for (const name of names) {
    const feature = FEATURES.get(name);
    if (feature === undefined) throw unsupported(`the table feature ${name}`, "write");
    for (const one of [name, ...(feature.needs ?? [])]) wanted.add(one);
  }
  const writers = writerFeaturesOf(protocol);
  const added = [...wanted].filter((name) => !writers.includes(name));
  if (added.length === 0) return protocol;
  const readers = [
    ...readerFeaturesOf(protocol),
    ...added.filter((name) => FEATURES.get(name)?.reader === true),
  ];
  const writerFeatures = [...writers, ...added];
  return readers.length === 0
    ? { minReaderVersion: 1, minWriterVersion: 7, writerFeatures }
    : { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: readers, writerFeatures };
}
