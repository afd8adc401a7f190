/** The versions of a Delta table, newest first: what each commit says of itself, and what it did to the files. */
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import { findCommitInfo, type Action, type CommitInfo } from "../delta/actions.ts";
import { listLog, readCommit } from "../delta/log-storage.ts";
import { ownCompactionOf } from "../ingest/compaction-record.ts";
import type { Storage } from "../storage/storage.ts";
import { recordsOf } from "../delta/stated-statistics.ts";
import { tableMissing } from "../delta/table-missing.ts";

export interface TableVersion {
  readonly version: number;
  /** Milliseconds since the epoch, as the commit says; undefined where it says nothing. */
  readonly at?: number;
  readonly operation?: string;
  /** Rows that it added: of its files with rows that did not stand in the table before, by their statistics; undefined where a file has none. */
  readonly rowsAdded?: number;
  readonly filesAdded: number;
  readonly filesRemoved: number;
  readonly bytesAdded: number;
  readonly engine?: string;
  /** The pipeline that compacted small files with it. */
  readonly compactedBy?: string;
  /** Landfall's batch that the commit ends. */
  readonly batch?: { readonly pipeline: string; readonly number: number; readonly batchId: string };
}

export interface TableHistory {
  readonly table: string;
  readonly versions: readonly TableVersion[];
  /** True when older versions were left out by the limit. */
  readonly truncated: boolean;
  /** The oldest version whose commit the log still holds. */
  readonly oldest: number;
}

/** @throws LandfallError TABLE_MISSING, TABLE_LOG_CORRUPT */
export async function tableHistory(options: {
  readonly storage: Storage;
  readonly limit: number;
  readonly signal?: AbortSignal;
}): Promise<TableHistory> {
  const { storage, limit, signal } = options;
  const listing = await listLog({ storage, ...(signal ? { signal } : {}) });
  const oldest = listing.commits[0];
  if (oldest === undefined) throw tableMissing(storage);
  const versions: TableVersion[] = [];
  for (const version of listing.commits.toReversed().slice(0, limit)) {
    signal?.throwIfAborted();
    const commit = await readCommit({ storage, version });
    if (commit !== undefined) versions.push(describe(version, commit.actions));
  }
  return {
    table: storage.location,
    versions,
    truncated: listing.commits.length > limit,
    oldest,
  };
}

function describe(version: number, actions: readonly Action[]): TableVersion {
  const info = findCommitInfo(actions);
  const adds = actions.flatMap((action) => ("add" in action ? [action.add] : []));
  const records = adds.filter(({ dataChange }) => dataChange).map(recordsOf);
  const known = records.every((count) => count !== undefined);
  const batch = batchOf(info);
  const compaction = ownCompactionOf(actions);
  return {
    version,
    ...(info?.timestamp === undefined ? {} : { at: Number(info.timestamp) }),
    ...(info?.operation === undefined ? {} : { operation: info.operation }),
    ...(known ? { rowsAdded: records.reduce((sum, count) => sum + count, 0) } : {}),
    filesAdded: adds.length,
    filesRemoved: actions.filter((action) => "remove" in action).length,
    bytesAdded: adds.reduce((sum, add) => sum + add.size, 0),
    ...(typeof info?.["engineInfo"] === "string" ? { engine: info["engineInfo"] } : {}),
    ...(batch === undefined ? {} : { batch }),
    ...(compaction === undefined ? {} : { compactedBy: compaction.pipeline }),
  };
}

function batchOf(info: CommitInfo | undefined): TableVersion["batch"] {
  const landfall: JsonValue | undefined = info?.["landfall"];
  if (!isJsonObject(landfall)) return undefined;
  const { pipeline, number, batchId } = landfall;
  if (typeof pipeline !== "string" || typeof number !== "number" || typeof batchId !== "string")
    return undefined;
  return { pipeline, number, batchId };
}
