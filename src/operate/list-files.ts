/** The ledger's arrivals for people: all, or those of some states, or those that a glob names. */
import type { Clock } from "../base/clock.ts";
import type { PipelineIdentity } from "../ingest/pipeline-identity.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";
import type { Arrival, ArrivalCounts, ArrivalFilter, Batch } from "../ledger/ledger.ts";
import type { LedgerReader } from "../ledger/ledger-reader.ts";
import type { ArrivalState, SkipRule } from "../ledger/states.ts";
import { rebuildLedger } from "./rebuild-ledger.ts";
import { pipelinesOf, type TableView } from "./table-view.ts";

export interface ListedFile {
  readonly pipeline: string;
  /** Percent-encoded, relative to the source. */
  readonly key: string;
  readonly generation: string;
  readonly state: ArrivalState;
  readonly rule?: SkipRule;
  readonly reason?: string;
  /** Bytes as listed. */
  readonly size: number;
  readonly counts?: ArrivalCounts;
  readonly batch?: number;
  readonly version?: number;
}

export interface FileList {
  readonly table: string;
  readonly files: readonly ListedFile[];
  /** True when there are more than `limit`. */
  readonly truncated: boolean;
  /** Pipelines whose ledger is lost: shown is what the manifests say, and what waits is not known. */
  readonly rebuilt: readonly string[];
}

export interface ListFilesOptions {
  readonly pipeline?: string | undefined;
  /** Default: all. */
  readonly states?: readonly ArrivalState[] | undefined;
  /** Beginning of the keys, encoded; narrows what is read. Default: none. */
  readonly keyPrefix?: string;
  /** True for a key that is meant. Default: all. */
  readonly accepts?: (key: string) => boolean;
  readonly limit: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

const PAGE = 5000;

/** In the order of pipelines, then of keys. @throws LandfallError TABLE_MISSING, USAGE for an unknown pipeline, LEDGER_FAILED, STATE_NEWER */
export async function listFiles(view: TableView, options: ListFilesOptions): Promise<FileList> {
  const files: ListedFile[] = [];
  const rebuilt: string[] = [];
  for (const identity of await pipelinesOf(view.storage, options.pipeline)) {
    if (files.length > options.limit) break;
    const opened = await openOrRebuild(view, identity, options);
    if (opened.rebuilt) rebuilt.push(declaredNameOf(identity.name));
    try {
      await collect(opened.ledger, declaredNameOf(identity.name), options, files);
    } finally {
      await opened.ledger.close();
    }
  }
  const truncated = files.length > options.limit;
  return { table: view.storage.location, files: files.slice(0, options.limit), truncated, rebuilt };
}

/** The pipeline's ledger, or where it is lost one rebuilt to look at: losing it costs time, never correctness. */
export async function openOrRebuild(
  view: TableView,
  pipeline: PipelineIdentity,
  options: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<{ readonly ledger: LedgerReader; readonly rebuilt: boolean }> {
  const standing = await view.openLedger(pipeline.name);
  if (standing !== undefined) return { ledger: standing, rebuilt: false };
  const { clock, signal } = options;
  const ledger = await view.scratchLedger();
  try {
    await rebuildLedger({ view, pipeline, into: ledger, clock, signal });
    return { ledger, rebuilt: true };
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

/** Arrivals page by page, so that a ledger of millions is never held as a whole. */
export async function* everyArrival(
  ledger: LedgerReader,
  filter: ArrivalFilter = {},
): AsyncGenerator<Arrival> {
  let { after } = filter;
  for (;;) {
    const page = await ledger.arrivals({ ...filter, ...(after === undefined ? {} : { after }), limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    const { key, generation } = page.at(-1)!;
    after = { key, generation };
  }
}

/** One more than the limit, so that it is known whether there are more. */
async function collect(
  ledger: LedgerReader,
  pipeline: string,
  options: ListFilesOptions,
  files: ListedFile[],
): Promise<void> {
  const { states, keyPrefix, accepts, limit, signal } = options;
  const batches = new Map<string, Batch | undefined>();
  const filter = { ...(states === undefined ? {} : { states }), ...(keyPrefix ? { keyPrefix } : {}) };
  for await (const arrival of everyArrival(ledger, filter)) {
    signal?.throwIfAborted();
    if (accepts?.(arrival.key) === false) continue;
    const { batchId } = arrival;
    if (batchId !== undefined && !batches.has(batchId)) batches.set(batchId, await ledger.batch(batchId));
    files.push(listedFile(pipeline, arrival, batchId === undefined ? undefined : batches.get(batchId)));
    if (files.length > limit) return;
  }
}

function listedFile(pipeline: string, arrival: Arrival, batch: Batch | undefined): ListedFile {
  const { key, generation, state, rule, reason, size, outcome } = arrival;
  return {
    pipeline,
    key,
    generation,
    state,
    ...(rule === undefined ? {} : { rule }),
    ...(reason === undefined ? {} : { reason }),
    size,
    ...(outcome === undefined || rule === "adopted" ? {} : { counts: outcome }),
    ...(batch === undefined ? {} : { batch: batch.number }),
    ...(batch?.version === undefined ? {} : { version: batch.version }),
  };
}
