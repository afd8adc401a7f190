/** "What happened to X": every generation of a file that a table's ledgers know, each as a timeline. */
import type { Clock } from "../base/clock.ts";
import { manifestOutcomes } from "../ingest/manifest.ts";
import { readPipelineStates, type PipelineIdentity } from "../ingest/pipeline-identity.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";
import type { Arrival, ArrivalCounts, Batch, Ledger, LedgerEvent } from "../ledger/ledger.ts";
import type { LedgerReader } from "../ledger/ledger-reader.ts";
import type { ArrivalState, SkipRule } from "../ledger/states.ts";
import { meantKeys, namedSo, nearKeys, possibleKeys } from "./file-names.ts";
import { doneBatches } from "../ingest/done-batches.ts";
import { everyArrival, openOrRebuild } from "./list-files.ts";
import { manifestOfBatch } from "./manifest-of-batch.ts";
import { pipelinesOf, type TableView } from "./table-view.ts";

export interface FileHistory {
  readonly pipeline: string;
  readonly source: string;
  /** Percent-encoded, relative to the source. */
  readonly key: string;
  /** True for what happened before a full refresh: those rows have left the table. */
  readonly ended?: true;
  /** True where the ledger is lost: instants of discovery and what waits are not known. */
  readonly rebuilt: boolean;
  /** The oldest first. */
  readonly generations: readonly GenerationHistory[];
}

export interface GenerationHistory {
  readonly generation: string;
  readonly size: number;
  /** Nanoseconds since the epoch as text. */
  readonly modifiedNs: string;
  readonly state: ArrivalState;
  readonly rule?: SkipRule;
  readonly reason?: string;
  readonly batch?: number;
  readonly version?: number;
  readonly counts?: ArrivalCounts;
  /** True where `counts.written` are rows that went into a transform. */
  readonly transformed?: true;
  /** Where the records that were rejected lie, relative to the table; undefined where none were. */
  readonly rejects?: string;
  readonly timeline: readonly TimelineEntry[];
}

export type TimelineEvent = "waiting" | "discovered" | "claimed" | "committed" | LedgerEvent["event"];

export interface TimelineEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: TimelineEvent;
  readonly batch?: number;
  readonly version?: number;
  /** A rule, a reason. */
  readonly detail?: string;
}

export type ShownFile =
  | { readonly found: "file"; readonly files: readonly FileHistory[] }
  /** The name fits several files, or none; then `keys` are near ones. */
  | { readonly found: "several" | "none"; readonly keys: readonly string[] };

export interface ShowFileOptions {
  /** As the person wrote it. */
  readonly name: string;
  /** The absolute paths that it means where the person stands. */
  readonly absolute: readonly string[];
  readonly pipeline?: string | undefined;
  readonly clock: Clock;
}

const NEAR = 5;
/** Names beyond it are not looked through for near ones. */
const LOOKED_THROUGH = 200_000;

/** @throws LandfallError TABLE_MISSING, USAGE for an unknown pipeline, LEDGER_FAILED, STATE_NEWER; what a rebuild throws where a ledger is lost */
export async function showFile(view: TableView, options: ShowFileOptions): Promise<ShownFile> {
  const files: FileHistory[] = [];
  const alike: string[] = [];
  const all: string[] = [];
  for (const state of await statesOf(view, options.pipeline)) {
    const { identity, ended } = state;
    const { ledger, rebuilt } = await openLedgerOf(view, state, options);
    try {
      const found = await findIn(ledger, identity, options);
      if (found.key === undefined) {
        alike.push(...found.alike);
        all.push(...found.all);
      } else {
        const history = await historyOf({ view, ledger, identity, rebuilt, key: found.key });
        files.push(ended ? { ...history, ended } : history);
      }
    } finally {
      await ledger.close();
    }
  }
  if (files.length > 0) return { found: "file", files };
  if (alike.length > 0) return { found: "several", keys: alike };
  return { found: "none", keys: nearKeys(options.name, all, NEAR) };
}

interface Found {
  readonly key?: string;
  readonly alike: readonly string[];
  readonly all: readonly string[];
}

/** The exact path first; else the only file whose path ends so, or that the glob takes; else all of them. */
async function findIn(
  ledger: LedgerReader,
  identity: PipelineIdentity,
  options: ShowFileOptions,
): Promise<Found> {
  const { name, absolute } = options;
  for (const key of possibleKeys({ name, absolute, source: identity.source })) {
    if (key.isWellFormed() && (await ledger.generations(key)).length > 0) return { key, alike: [], all: [] };
  }
  const isNamedSo = namedSo(name);
  const alike = new Set<string>();
  const all = new Set<string>();
  for await (const { key } of everyArrival(ledger)) {
    if (isNamedSo(key)) alike.add(key);
    if (all.size < LOOKED_THROUGH) all.add(key);
  }
  const meant = meantKeys(alike, name);
  const [only] = meant;
  if (meant.length === 1 && only !== undefined) return { key: only, alike: [], all: [] };
  return { alike: meant, all: [...all] };
}

interface PipelineState {
  readonly identity: PipelineIdentity;
  readonly ended: boolean;
}

/** Of each pipeline that is meant the newest state, then those that full refreshes have ended, the latest first. */
async function statesOf(view: TableView, pipeline: string | undefined): Promise<PipelineState[]> {
  const all = await readPipelineStates(view.storage);
  const found: PipelineState[] = [];
  for (const identity of await pipelinesOf(view.storage, pipeline)) {
    const states = all.find((ofOne) => ofOne.at(-1)?.name === identity.name) ?? [identity];
    found.push(...states.toReversed().map((one, i) => ({ identity: one, ended: i > 0 })));
  }
  return found;
}

async function openLedgerOf(
  view: TableView,
  { identity, ended }: PipelineState,
  options: ShowFileOptions,
): Promise<{ readonly ledger: LedgerReader; readonly rebuilt: boolean }> {
  if (!ended) return openOrRebuild(view, identity, options);
  const standing = await view.openLedger(identity.name);
  if (standing !== undefined) return { ledger: standing, rebuilt: false };
  return { ledger: await endedLedger(view, identity), rebuilt: true };
}

/** Of a pipeline that has ended nothing is left to be taken in: its done batches say all. */
async function endedLedger(view: TableView, ended: PipelineIdentity): Promise<Ledger> {
  const ledger = await view.scratchLedger();
  for await (const { number, batchId, version, manifest } of doneBatches(view.storage, ended.name)) {
    const at = Date.parse(manifest.stagedAt);
    await ledger.settle({ number, batchId, version, at, outcomes: manifestOutcomes(manifest) });
  }
  return ledger;
}

async function historyOf(options: {
  readonly view: TableView;
  readonly ledger: LedgerReader;
  readonly identity: PipelineIdentity;
  readonly rebuilt: boolean;
  readonly key: string;
}): Promise<FileHistory> {
  const { view, ledger, identity, rebuilt, key } = options;
  const generations: GenerationHistory[] = [];
  for (const arrival of await ledger.generations(key)) {
    const { batchId, outcome } = arrival;
    const batch = batchId === undefined ? undefined : await ledger.batch(batchId);
    const { generation, size, modifiedNs, state, rule, reason } = arrival;
    const rejected = (outcome?.rejected ?? 0) > 0;
    const counted = outcome !== undefined && batch !== undefined;
    const manifest = counted ? await manifestOfBatch(view.storage, identity, batch) : undefined;
    const rejects = rejected ? manifest?.rejects?.path : undefined;
    generations.push({
      generation,
      size,
      modifiedNs,
      state,
      ...(rule === undefined ? {} : { rule }),
      ...(reason === undefined ? {} : { reason }),
      ...(batch === undefined ? {} : { batch: batch.number }),
      ...(batch?.version === undefined ? {} : { version: batch.version }),
      ...(outcome === undefined || rule === "adopted" ? {} : { counts: outcome }),
      ...(manifest?.transform === undefined ? {} : { transformed: true as const }),
      ...(rejects === undefined ? {} : { rejects }),
      timeline: await timelineOf(ledger, arrival, { batch, rebuilt }),
    });
  }
  return { pipeline: declaredNameOf(identity.name), source: identity.source, key, rebuilt, generations };
}

async function timelineOf(
  ledger: LedgerReader,
  arrival: Arrival,
  known: { readonly batch: Batch | undefined; readonly rebuilt: boolean },
): Promise<TimelineEntry[]> {
  const { batch } = known;
  const entries: TimelineEntry[] = [];
  // A rebuilt ledger heard of the file when its batch was taken in: that is no discovery.
  const first = arrival.state === "waiting" ? "waiting" : "discovered";
  if (!known.rebuilt) entries.push({ at: arrival.discoveredAt, event: first });
  const events = await ledger.events(arrival);
  for (const { at, event, batchId, detail } of events) {
    const of = batchId === undefined ? undefined : await ledger.batch(batchId);
    const number = of?.number;
    const takenBack = event === "forgotten" || event === "undone";
    // A commit is told by the arrival's state, which is another one by now.
    if (
      of !== undefined &&
      takenBack &&
      !events.some((other) => other.batchId === batchId && isOutcome(other))
    )
      entries.push(...committedEntry(of));
    entries.push({
      at,
      event,
      ...(number === undefined ? {} : { batch: number }),
      ...(detail === undefined ? {} : { detail }),
    });
  }
  if (batch !== undefined) entries.push(...batchEntries(arrival, batch, known.rebuilt));
  return entries.sort((a, b) => a.at - b.at);
}

function isOutcome({ event }: LedgerEvent): boolean {
  return event === "quarantined" || event === "skipped" || event === "gone";
}

function committedEntry({ number, settledAt, version }: Batch): TimelineEntry[] {
  if (settledAt === undefined) return [];
  return [
    { at: settledAt, event: "committed", batch: number, ...(version === undefined ? {} : { version }) },
  ];
}

function batchEntries(arrival: Arrival, batch: Batch, rebuilt: boolean): TimelineEntry[] {
  const { number, plannedAt } = batch;
  const claimed: TimelineEntry[] = rebuilt ? [] : [{ at: plannedAt, event: "claimed", batch: number }];
  const read = arrival.state === "committed" || arrival.state === "archived" || arrival.state === "deleted";
  return read ? [...claimed, ...committedEntry(batch)] : claimed;
}
