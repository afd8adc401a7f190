/** The versions of a Delta table, newest first: what each commit says of itself, and what it did to the files. */
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import { findCommitInfo, type CommitInfo } from "../delta/actions.ts";
import { commitHistory, type DescribedCommit } from "../delta/commit-history.ts";
import { describeCommit } from "../delta/describe-commit.ts";
import { ownCompactionOf } from "../ingest/compaction-record.ts";
import type { Storage } from "../storage/storage.ts";

export interface TableVersion {
  readonly version: number;
  /** When it was made, by the time that `--timestamp` goes by: milliseconds since the epoch. */
  readonly at: number;
  /** What its writer's clock said, the same way; undefined where the commit does not say. */
  readonly writerAt?: number;
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
  const { commits, truncated, oldest } = await commitHistory({ ...options, describe });
  return { table: options.storage.location, versions: commits, truncated, oldest };
}

function describe(commit: DescribedCommit): TableVersion {
  const { version, actions } = commit;
  const said = describeCommit(commit);
  const {
    timestamp,
    writerTimestamp,
    operation,
    rowsAdded,
    filesAdded,
    filesRemoved,
    bytesAdded,
    engineInfo,
  } = said;
  const batch = batchOf(findCommitInfo(actions));
  const compaction = ownCompactionOf(actions);
  return {
    version,
    at: timestamp,
    ...(writerTimestamp === undefined ? {} : { writerAt: writerTimestamp }),
    ...(operation === undefined ? {} : { operation }),
    ...(rowsAdded === undefined ? {} : { rowsAdded }),
    filesAdded,
    filesRemoved,
    bytesAdded,
    ...(engineInfo === undefined ? {} : { engine: engineInfo }),
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
