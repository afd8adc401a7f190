/** What is waiting, what went in, what did not: of every pipeline that feeds a table. Reads little, so that it answers at once. */
import { isLandfallError } from "../base/landfall-error.ts";
import { latestVersion, readCommit } from "../delta/log-storage.ts";
import { findCommitInfo } from "../delta/actions.ts";
import { lastDoneOf, listBatchNames } from "../ingest/batch-names.ts";
import { compactionCounts } from "../ingest/compaction-counts.ts";
import { listCompactions, readCompaction, readCompactionMark } from "../ingest/compaction-record.ts";
import type { CompactionCounts } from "../ingest/events.ts";
import type { PipelineIdentity } from "../ingest/pipeline-identity.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";
import type { Batch, LedgerSummary } from "../ledger/ledger.ts";
import type { LedgerReader } from "../ledger/ledger-reader.ts";
import type { LeaseSight } from "../ledger/lock.ts";
import type { BatchState } from "../ledger/states.ts";
import type { Storage } from "../storage/storage.ts";
import { manifestOfBatch } from "./manifest-of-batch.ts";
import { pipelinesOf, type TableView } from "./table-view.ts";

export interface TableStatus {
  readonly table: string;
  /** Undefined while the table has not been made. */
  readonly version?: number;
  readonly pipelines: readonly PipelineStatus[];
}

export interface PipelineStatus {
  readonly pipeline: string;
  readonly source: string;
  /** Undefined where nobody holds the pipeline. */
  readonly lease?: LeaseSight;
  readonly ledger: LedgerStatus;
  /** Undefined where there is no ledger to tell. */
  readonly summary?: LedgerSummary;
  /** True where the last batch had a transform: `summary.rows.written` are then rows that went into it. */
  readonly transformed?: true;
  /** Undefined where nothing has been compacted. */
  readonly compaction?: CompactionStatus;
  /** The last ones that this ledger heard of, newest first. */
  readonly batches: readonly BatchStatus[];
}

/** The last compaction, and how many there were. */
export interface CompactionStatus extends Omit<CompactionCounts, "milliseconds"> {
  readonly compactions: number;
  readonly version: number;
  /** Undefined where its process died before it could say. */
  readonly milliseconds?: number;
}

export type LedgerStatus =
  | { readonly state: "present" }
  /** Batches have committed that it does not know: the next run takes them in. */
  | { readonly state: "behind"; readonly batches: number }
  /** The next run rebuilds it from the table. `committedBatches` have their done marks. */
  | { readonly state: "lost"; readonly committedBatches: number }
  | { readonly state: "damaged"; readonly message: string; readonly hint?: string };

export interface BatchStatus {
  readonly number: number;
  readonly state: BatchState;
  /** Milliseconds since the epoch: settled, or planned where it is not. */
  readonly at: number;
  readonly version?: number;
  /** Rows that its commit wrote; undefined before the commit and once the log no longer holds it. */
  readonly rows?: number;
}

const LAST_BATCHES = 5;

/** @throws LandfallError TABLE_MISSING, USAGE for an unknown pipeline, STATE_CORRUPT, STATE_NEWER */
export async function tableStatus(
  view: TableView,
  options: { readonly pipeline?: string | undefined; readonly lastBatches?: number } = {},
): Promise<TableStatus> {
  const { storage } = view;
  const version = await latestVersion({ storage });
  const pipelines = await pipelinesOf(storage, options.pipeline);
  const found: PipelineStatus[] = [];
  for (const identity of pipelines) {
    found.push(await pipelineStatus(view, identity, options.lastBatches ?? LAST_BATCHES));
  }
  return { table: storage.location, ...(version === undefined ? {} : { version }), pipelines: found };
}

async function pipelineStatus(
  view: TableView,
  identity: PipelineIdentity,
  lastBatches: number,
): Promise<PipelineStatus> {
  const { name, source } = identity;
  const lease = await view.lookAtLease(name);
  const compaction = await compactionStatus(view.storage, name);
  const head = {
    pipeline: declaredNameOf(name),
    source,
    ...(lease === undefined ? {} : { lease }),
    ...(compaction === undefined ? {} : { compaction }),
  };
  const done = lastDoneOf(await listBatchNames(view.storage, name));
  let ledger: LedgerReader | undefined;
  try {
    ledger = await view.openLedger(name);
  } catch (error) {
    if (!isLandfallError(error, "LEDGER_FAILED")) throw error;
    const { message, hint } = error;
    return { ...head, ledger: { state: "damaged", message, ...(hint ? { hint } : {}) }, batches: [] };
  }
  if (ledger === undefined)
    return { ...head, ledger: { state: "lost", committedBatches: done }, batches: [] };
  try {
    const behind = done - ((await ledger.lastTakenIn())?.number ?? 0);
    const batches: BatchStatus[] = [];
    const last = await ledger.lastTakenIn();
    const manifest = last && (await manifestOfBatch(view.storage, identity, last));
    for (const batch of await ledger.batches(lastBatches))
      batches.push(await batchStatus(view.storage, batch));
    return {
      ...head,
      ledger: behind > 0 ? { state: "behind", batches: behind } : { state: "present" },
      summary: await ledger.summary(),
      ...(manifest?.transform === undefined ? {} : { transformed: true as const }),
      batches,
    };
  } finally {
    await ledger.close();
  }
}

/** Reads the last mark and its record. */
async function compactionStatus(storage: Storage, pipeline: string): Promise<CompactionStatus | undefined> {
  const { done } = await listCompactions(storage, pipeline);
  const id = done.at(-1);
  if (id === undefined) return undefined;
  const { version, milliseconds } = await readCompactionMark(storage, pipeline, id);
  const counts = compactionCounts(await readCompaction(storage, { pipeline, id }), milliseconds ?? 0);
  const { milliseconds: _time, ...files } = counts;
  return {
    compactions: done.length,
    version,
    ...files,
    ...(milliseconds === undefined ? {} : { milliseconds }),
  };
}

async function batchStatus(storage: Storage, batch: Batch): Promise<BatchStatus> {
  const { number, state, version } = batch;
  const rows = version === undefined ? undefined : await rowsOf(storage, version);
  return {
    number,
    state,
    at: batch.settledAt ?? batch.plannedAt,
    ...(version === undefined ? {} : { version }),
    ...(rows === undefined ? {} : { rows }),
  };
}

/** As the commit says of itself. */
async function rowsOf(storage: Storage, version: number): Promise<number | undefined> {
  const commit = await readCommit({ storage, version });
  const metrics = commit && findCommitInfo(commit.actions)?.["operationMetrics"];
  const rows = Number((metrics as { readonly numOutputRows?: string } | undefined)?.numOutputRows);
  return Number.isSafeInteger(rows) ? rows : undefined;
}
