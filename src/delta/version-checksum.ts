/** The `.crc` file of a version: what the table holds at it, for others to check and to begin with (PROTOCOL.md, "Version Checksum File"). */
import { isJsonObject, parseJson, type JsonValue } from "../base/lossless-json.ts";
import type { Storage } from "../storage/storage.ts";
import { checksumFaults } from "./checksum-faults.ts";
import { writerFeaturesOf } from "./features.ts";
import type { FileTotals } from "./file-totals.ts";
import { hasInCommitTimestamps, statedTimestamp } from "./in-commit-timestamp.ts";
import { checksumKey } from "./log-files.ts";
import { getIfPresent } from "./log-storage.ts";
import { jsonText } from "./raw-json.ts";
import type { TableState } from "./table-state.ts";

/** Of more transactions or domains none is listed, as Delta Spark does: each commit would write all of them again. */
const MOST_TRANSACTIONS = 100;
const MOST_DOMAINS = 10;

/**
 * Writes the version's file, and leaves one that is there as it is, whoever wrote it. To be called once the commit stands. The store makes
 * it durable as any object: a name without its bytes, after a power cut, would be told by `table check` as a wrong one for ever.
 *
 * @throws LandfallError storage errors
 */
export async function writeChecksum(options: {
  readonly storage: Storage;
  /** Brought forward by the version's own commit, whose `commitInfo` it knows. */
  readonly state: TableState;
  readonly totals: FileTotals;
}): Promise<void> {
  const { storage, state, totals } = options;
  await storage.put(checksumKey(state.version), checksumText(state, totals), { ifAbsent: true });
}

/**
 * What the version's file says of its live files; undefined where there is none, or where it does not fit to what else is known of the
 * version. Nobody reads rows by it: it is only carried on to the next version's file.
 *
 * @throws LandfallError STORAGE_FAILED
 */
export async function readChecksumTotals(
  storage: Storage,
  state: TableState,
): Promise<FileTotals | undefined> {
  const content = await getIfPresent(storage, checksumKey(state.version));
  return content === undefined ? undefined : statedTotals(content.toString("utf8"), state);
}

export function checksumText(state: TableState, totals: FileTotals): string {
  const { version, protocol, metadata, txns, domainMetadata } = state;
  const info = state.commitInfos.get(version);
  const { files, bytes, vectors, deletedRows } = totals;
  const hasVectors = canHaveVectors(state) && vectors !== undefined;
  const time = hasInCommitTimestamps(state) ? statedTimestamp(info) : undefined;
  // A reader may leave out transactions that have expired; which those are hangs on when it looks.
  const listsTxns =
    metadata.configuration["delta.setTransactionRetentionDuration"] === undefined &&
    txns.size <= MOST_TRANSACTIONS;
  return `${jsonText({
    ...(info?.txnId === undefined ? {} : { txnId: info.txnId }),
    tableSizeBytes: bytes,
    numFiles: files,
    ...(hasVectors ? { numDeletedRecordsOpt: deletedRows, numDeletionVectorsOpt: vectors } : {}),
    numMetadata: 1,
    numProtocol: 1,
    ...(time === undefined ? {} : { inCommitTimestampOpt: time }),
    ...(listsTxns ? { setTransactions: [...txns.values()] } : {}),
    ...(domainMetadata.size <= MOST_DOMAINS ? { domainMetadata: [...domainMetadata.values()] } : {}),
    metadata,
    protocol,
  })}\n`;
}

function statedTotals(text: string, state: TableState): FileTotals | undefined {
  if (checksumFaults(text, { state }).length > 0) return undefined;
  const stated = parseJson(text) as { readonly [field: string]: JsonValue };
  if (!isJsonObject(stated)) return undefined;
  const { tableSizeBytes: bytes, numFiles: files } = stated;
  if (!isCount(bytes) || !isCount(files)) return undefined;
  const vectors = stated["numDeletionVectorsOpt"];
  const rows = stated["numDeletedRecordsOpt"];
  if (isCount(vectors) && isCount(rows)) return { files, bytes, vectors, deletedRows: BigInt(rows) };
  const none = canHaveVectors(state) ? undefined : 0;
  return { files, bytes, vectors: none, deletedRows: none === undefined ? undefined : 0n };
}

function canHaveVectors({ protocol }: TableState): boolean {
  return writerFeaturesOf(protocol).includes("deletionVectors");
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
