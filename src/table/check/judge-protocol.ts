/** Whether a table's protocol, properties and partitioning go together (PROTOCOL.md, "Table Features", "Change Metadata"). Pure. */
import type { AddFile } from "../../delta/actions.ts";
import { columnMappingOf } from "../../delta/column-mapping.ts";
import { readerFeaturesOf, writerFeaturesOf } from "../../delta/features.ts";
import type { TableState } from "../../delta/table-state.ts";
import { physicalNameOf } from "../../schema/physical-column.ts";
import type { CheckFinding } from "./finding.ts";

/** Properties that switch a feature on, which the protocol must then have. Versions 5 and 6 of writers have column mapping by their number. */
const SWITCHES: readonly (readonly [property: string, feature: string])[] = [
  ["delta.enableDeletionVectors", "deletionVectors"],
  ["delta.enableRowTracking", "rowTracking"],
  ["delta.enableInCommitTimestamps", "inCommitTimestamp"],
  ["delta.enableChangeDataFeed", "changeDataFeed"],
];

type State = Pick<TableState, "version" | "protocol" | "metadata" | "schema" | "partitionColumns">;

export function judgeProtocol(state: State): CheckFinding[] {
  const { version, protocol, metadata, schema, partitionColumns } = state;
  const { minReaderVersion, minWriterVersion, readerFeatures, writerFeatures } = protocol;
  const messages: string[] = [];
  if (minReaderVersion >= 3 && minWriterVersion < 7)
    messages.push(`Reader version ${minReaderVersion} needs writer version 7; it is ${minWriterVersion}.`);
  if (minReaderVersion >= 3 !== (readerFeatures !== undefined))
    messages.push(
      `Reader version ${minReaderVersion} with${readerFeatures === undefined ? "out" : ""} a list of reader features.`,
    );
  if (minWriterVersion >= 7 !== (writerFeatures !== undefined))
    messages.push(
      `Writer version ${minWriterVersion} with${writerFeatures === undefined ? "out" : ""} a list of writer features.`,
    );
  for (const feature of readerFeatures ?? []) {
    if (minWriterVersion >= 7 && writerFeatures?.includes(feature) !== true)
      messages.push(`${feature} stands among the reader features and not among those of writers.`);
  }
  const features = new Set([...readerFeaturesOf(protocol), ...writerFeaturesOf(protocol)]);
  for (const [property, feature] of SWITCHES) {
    if (metadata.configuration[property]?.toLowerCase() === "true" && !features.has(feature))
      messages.push(`The property ${property} is on, and the protocol has no ${feature}.`);
  }
  const partitioning = partitionColumns
    .filter((name) => !schema.fields.some((field) => field.name === name))
    .map((name) => `The table is partitioned by ${name}, which is none of its columns.`);
  return [
    ...messages.map((message): CheckFinding => ({ code: "PROTOCOL_UNSOUND", version, message })),
    ...partitioning.map((message): CheckFinding => ({ code: "PARTITION_UNSOUND", version, message })),
  ];
}

/** The keys of a file's partition values are the partition columns, by physical names (PROTOCOL.md, "Add File and Remove File"). */
export function partitionJudge(
  state: State & Pick<TableState, "protocol">,
): (add: AddFile) => CheckFinding | undefined {
  const { version, schema, partitionColumns } = state;
  const mapping = columnMappingOf(state);
  const names = partitionColumns.map((name) => {
    const field = schema.fields.find((one) => one.name === name);
    return field === undefined ? name : physicalNameOf(field, mapping);
  });
  const expected = [...names].sort().join(", ");
  return ({ path, partitionValues }) => {
    const found = Object.keys(partitionValues).sort().join(", ");
    if (found === expected) return undefined;
    return {
      code: "PARTITION_UNSOUND",
      file: path,
      version,
      message: `The file has partition values of ${found === "" ? "no column" : found}; the table is partitioned by ${expected === "" ? "none" : expected}.`,
    };
  };
}
