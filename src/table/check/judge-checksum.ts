/** Whether a version's `.crc` file says what the log says (PROTOCOL.md, "Version Checksum File"). */
import { isJsonObject, parseJson, stringifyJson, type JsonValue } from "../../base/lossless-json.ts";
import { formatLogFileName, LOG_FOLDER } from "../../delta/log-files.ts";
import { getIfPresent } from "../../delta/log-storage.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { Storage } from "../../storage/storage.ts";
import type { CheckFinding } from "./finding.ts";

export interface VersionTotals {
  readonly files: number;
  readonly bytes: number;
  /** Files that have a deletion vector. */
  readonly vectors: number;
  /** Rows that those delete. */
  readonly deletedRows: bigint;
}

/** False where the version has none. */
export async function judgeChecksum(options: {
  readonly storage: Storage;
  readonly state: TableState;
  readonly totals: VersionTotals;
  readonly onFinding: (finding: CheckFinding) => void;
}): Promise<boolean> {
  const { storage, state, totals, onFinding } = options;
  const { version } = state;
  const file = LOG_FOLDER + formatLogFileName({ kind: "checksum", version });
  const content = await getIfPresent(storage, file);
  if (content === undefined) return false;
  for (const message of checksumFaults(content.toString("utf8"), { state, totals }))
    onFinding({ code: "CHECKSUM_WRONG", file, version, message });
  return true;
}

export function checksumFaults(
  text: string,
  { state, totals }: { readonly state: TableState; readonly totals: VersionTotals },
): string[] {
  let checksum: JsonValue;
  try {
    checksum = parseJson(text);
  } catch {
    return ["It is no JSON."];
  }
  if (!isJsonObject(checksum)) return ["It is no JSON object."];
  const expected: readonly (readonly [field: string, value: number | bigint, isRequired: boolean])[] = [
    ["tableSizeBytes", totals.bytes, true],
    ["numFiles", totals.files, true],
    ["numMetadata", 1, true],
    ["numProtocol", 1, true],
    ["numDeletionVectorsOpt", totals.vectors, false],
    ["numDeletedRecordsOpt", totals.deletedRows, false],
  ];
  const faults: string[] = [];
  for (const [field, value, isRequired] of expected) {
    const stated = checksum[field] ?? undefined;
    if (stated === undefined ? isRequired : stringifyJson(stated) !== String(value))
      faults.push(
        `It says ${field} = ${stated === undefined ? "nothing" : stringifyJson(stated)}; it is ${value}.`,
      );
  }
  const { protocol, metadata } = checksum;
  if (isJsonObject(protocol) && !sameProtocol(protocol, state))
    faults.push("It has another protocol than the log.");
  if (isJsonObject(metadata) && metadata["id"] !== undefined && metadata["id"] !== state.metadata.id)
    faults.push(`It is of the table ${stringifyJson(metadata["id"])}; this is ${state.metadata.id}.`);
  if (
    isJsonObject(metadata) &&
    (metadata["schemaString"] ?? state.metadata.schemaString) !== state.metadata.schemaString
  )
    faults.push("It has another schema than the log.");
  return faults;
}

function sameProtocol(stated: Readonly<Record<string, JsonValue>>, { protocol }: TableState): boolean {
  const list = (features: unknown): string =>
    Array.isArray(features) ? [...features].map(String).sort().join() : "";
  return (
    stated["minReaderVersion"] === protocol.minReaderVersion &&
    stated["minWriterVersion"] === protocol.minWriterVersion &&
    list(stated["readerFeatures"]) === list(protocol.readerFeatures) &&
    list(stated["writerFeatures"]) === list(protocol.writerFeatures)
  );
}
