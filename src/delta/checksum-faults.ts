/** Whether a version's `.crc` file says what the log says (PROTOCOL.md, "State Validation"). Pure. */
import { isJsonObject, parseJson, stringifyJson, type JsonValue } from "../base/lossless-json.ts";
import type { FileTotals } from "./file-totals.ts";
import { hasInCommitTimestamps, statedTimestamp } from "./in-commit-timestamp.ts";
import type { TableState } from "./table-state.ts";

type Fields = Readonly<Record<string, JsonValue>>;

/**
 * One sentence for each thing that is wrong.
 *
 * @param known.totals counted from the log. Default: what it says of files is not judged
 */
export function checksumFaults(
  text: string,
  { state, totals }: { readonly state: TableState; readonly totals?: FileTotals },
): string[] {
  let checksum: JsonValue;
  try {
    checksum = parseJson(text);
  } catch {
    return ["It is no JSON."];
  }
  if (!isJsonObject(checksum)) return ["It is no JSON object."];
  return [...countFaults(checksum, totals), ...stateFaults(checksum, state)];
}

function countFaults(checksum: Fields, totals: FileTotals | undefined): string[] {
  const faults: string[] = [];
  const expected: (readonly [field: string, value: number | bigint | undefined, isRequired: boolean])[] = [
    ["numMetadata", 1, true],
    ["numProtocol", 1, true],
  ];
  if (totals !== undefined)
    expected.push(
      ["tableSizeBytes", totals.bytes, true],
      ["numFiles", totals.files, true],
      ["numDeletionVectorsOpt", totals.vectors, false],
      ["numDeletedRecordsOpt", totals.deletedRows, false],
    );
  for (const [field, value, isRequired] of expected) {
    const stated = checksum[field] ?? undefined;
    if (value === undefined || (stated === undefined && !isRequired)) continue;
    if (stated === undefined) faults.push(`It says nothing of ${field}; it is ${value}.`);
    else if (stringifyJson(stated) !== String(value))
      faults.push(`It says ${field} = ${stringifyJson(stated)}; it is ${value}.`);
  }
  const { allFiles } = checksum;
  if (totals !== undefined && Array.isArray(allFiles) && allFiles.length !== totals.files)
    faults.push(`It lists ${allFiles.length} files; there are ${totals.files}.`);
  return faults;
}

function stateFaults(checksum: Fields, state: TableState): string[] {
  const faults: string[] = [];
  const { protocol, metadata } = checksum;
  if (isJsonObject(protocol) && !sameProtocol(protocol, state))
    faults.push("It has another protocol than the log.");
  if (isJsonObject(metadata)) faults.push(...metadataFaults(metadata, state));
  const info = state.commitInfos.get(state.version);
  const { txnId } = checksum;
  if (typeof txnId === "string" && info?.txnId !== undefined && info.txnId !== txnId)
    faults.push(`It is of the transaction ${txnId}; the commit is of ${info.txnId}.`);
  const time = statedTimestamp(info);
  const stated = checksum["inCommitTimestampOpt"] ?? undefined;
  if (hasInCommitTimestamps(state) && time !== undefined && stated !== undefined && Number(stated) !== time)
    faults.push(`It says inCommitTimestampOpt = ${stringifyJson(stated)}; it is ${time}.`);
  const txns = keyed(checksum["setTransactions"], "appId", "version");
  // Who leaves out expired ones does so by the time at which it looks.
  const keepsTxns = state.metadata.configuration["delta.setTransactionRetentionDuration"] === undefined;
  if (txns !== undefined && keepsTxns && !sameEntries(txns, state.txns, ({ version }) => String(version)))
    faults.push("It has other transactions than the log.");
  const domains = keyed(checksum["domainMetadata"], "domain", "configuration");
  if (domains !== undefined && !sameEntries(domains, state.domainMetadata, (one) => one.configuration))
    faults.push("It has other domains than the log.");
  return faults;
}

function metadataFaults(stated: Fields, { metadata }: TableState): string[] {
  const faults: string[] = [];
  if (stated["id"] !== undefined && stated["id"] !== metadata.id)
    faults.push(`It is of the table ${stringifyJson(stated["id"])}; this is ${metadata.id}.`);
  if ((stated["schemaString"] ?? metadata.schemaString) !== metadata.schemaString)
    faults.push("It has another schema than the log.");
  const { partitionColumns, configuration } = stated;
  if (
    Array.isArray(partitionColumns) &&
    stringifyJson(partitionColumns) !== JSON.stringify(metadata.partitionColumns)
  )
    faults.push("It has other partition columns than the log.");
  if (isJsonObject(configuration) && !sameTexts(configuration, metadata.configuration))
    faults.push("It has other table properties than the log.");
  return faults;
}

function sameTexts(stated: Fields, known: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(known);
  return names.length === Object.keys(stated).length && names.every((name) => stated[name] === known[name]);
}

/** The value of each entry of a list by its key, those that are removed left out; undefined where there is no list. */
function keyed(list: JsonValue | undefined, key: string, value: string): Map<string, string> | undefined {
  if (!Array.isArray(list)) return undefined;
  const entries = list.filter(isJsonObject).filter((entry) => entry["removed"] !== true);
  return new Map(entries.map((entry) => [textOf(entry[key]), textOf(entry[value])]));
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : stringifyJson(value ?? null);
}

function sameEntries<T>(
  stated: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, T>,
  valueOf: (entry: T) => string,
): boolean {
  return stated.size === known.size && [...known].every(([key, entry]) => stated.get(key) === valueOf(entry));
}

function sameProtocol(stated: Fields, { protocol }: TableState): boolean {
  const list = (features: unknown): string =>
    Array.isArray(features) ? [...features].map(String).sort().join() : "";
  return (
    stated["minReaderVersion"] === protocol.minReaderVersion &&
    stated["minWriterVersion"] === protocol.minWriterVersion &&
    list(stated["readerFeatures"]) === list(protocol.readerFeatures) &&
    list(stated["writerFeatures"]) === list(protocol.writerFeatures)
  );
}
