/**
 * The ledger's port: the durable record of every arrival's state. It is a cache of the truth (Delta log, manifests, decisions,
 * vacate records): losing it costs time, never correctness (exactly-once rules, §2).
 *
 * Every method is one transaction: it happens whole or not at all, and is durable when it resolves (SQLite with
 * synchronous=FULL). One process writes; readers may look on meanwhile. Calls are answered in the order in which they were made.
 *
 * An adapter refuses with INTERNAL what no listing yields: a key or generation that is empty or no well-formed Unicode, a size that is
 * no whole number from 0 to 2^53, a modification that is no 64-bit integer.
 */
import type { LedgerDecision, OutcomeTakenBack } from "./ledger-decision.ts";
import type { ArrivalState, BatchState, SkipRule, TidyKind } from "./states.ts";

/** (key, generation) names an arrival inside a pipeline. */
export interface ArrivalId {
  /** Relative to the source, percent-encoded bytes. */
  readonly key: string;
  /** Local: `<size>-<mtime in nanoseconds>`; with `generation: contentHash` `<size>-<sha256>`. Compared as text only. */
  readonly generation: string;
}

export interface Arrival extends ArrivalId {
  readonly state: ArrivalState;
  /** Bytes as listed. */
  readonly size: number;
  /** Nanoseconds since the epoch as text. */
  readonly modifiedNs: string;
  /** Milliseconds since the epoch: when this ledger first saw it. */
  readonly discoveredAt: number;
  /** Why it is skipped or quarantined; undefined in other states. */
  readonly rule?: SkipRule;
  readonly reason?: string;
  /** The batch that claimed it or gave it its outcome. */
  readonly batchId?: string;
  /** True once Landfall itself vacated the name (archived, moved, deleted), or may have done so. */
  readonly vacated: boolean;
  /** Of the outcome; undefined before one. Of an adopted file bytes and CRC-32, where the adoption read them, and no rows. */
  readonly outcome?: ArrivalCounts;
}

/** What a manifest says of one arrival. Records in = written + rejected + quarantined. */
export interface ArrivalCounts {
  /** Bytes read, and the CRC-32 of them: how a later generation is recognised as grown or touched. */
  readonly bytes: number;
  readonly crc32: number;
  readonly read: number;
  readonly written: number;
  readonly rescued: number;
  readonly rejected: number;
  /** Rows of `written` that are the text of a record that could not be read; absent for none. */
  readonly corrupt?: number;
}

/** One object as a listing saw it. */
export interface Observation extends ArrivalId {
  readonly size: number;
  readonly modifiedNs: string;
}

/** A file that another loader has read. */
export interface AdoptedFile extends Observation {
  /** Of all its bytes; absent where nobody has read them: then a file whose time alone has changed cannot be told from a new one. */
  readonly crc32?: number | undefined;
}

export interface ObserveResult {
  /** New arrivals, now `discovered`. */
  readonly discovered: number;
  /** Known already, whatever their state. */
  readonly known: number;
  /** Were `waiting`, `skipped(gone)` or `forgotten`, now `discovered`. */
  readonly returned: number;
  /** Arrivals of the whole ledger that are `waiting` now. */
  readonly waiting: number;
}

/** Something out of the ordinary that happened to an arrival; the ordinary path is told by its state and its batch. */
export interface LedgerEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `released`: its batch became void or did not name it; `returned`: seen again after `gone` or `forgotten`. */
  readonly event:
    | "released"
    | "gone"
    | "quarantined"
    | "skipped"
    | "returned"
    | "forgotten"
    | "undone"
    /** Tidying: of a committed one the first two, of a quarantined one the third; the last while it has not come to its end. */
    | "archived"
    | "deleted"
    | "moved"
    | "tidyFailed";
  /** The batch that it was released from, or that gave it or had given it the outcome. */
  readonly batchId?: string;
  /**
   * The rule it was skipped by, the reason it was given: `rule`, `reason` or `rule: reason`; for `released` how the engine died; for
   * `archived` and `moved` the path where it lies now, for `tidyFailed` why, for `forgotten` the kind of the decision.
   */
  readonly detail?: string;
}

export interface Batch {
  readonly number: number;
  readonly batchId: string;
  readonly state: BatchState;
  /** Milliseconds since the epoch. */
  readonly plannedAt: number;
  readonly settledAt?: number;
  /** The table version of its commit, once known. */
  readonly version?: number;
}

export type PlanOutcome = "planned" | "overtaken";

/** A candidate for the next batch, with what the judgement of `onOverwrite` needs to know of its key. */
export interface Candidate extends Arrival {
  /** All other generations of the same key that the ledger knows, oldest discovery first. */
  readonly others: readonly Arrival[];
  /** How often the engine's process died over a batch with it since it was last given an outcome; absent for never. */
  readonly attempts?: number;
}

/** Which candidates, and in which order. Default: all, the oldest modification first. */
export interface CandidateChoice {
  readonly order?: "oldest" | "newest" | "name";
  /** Only keys that begin with it. */
  readonly keyPrefix?: string;
  /** Only what was modified at this instant or later, and before; nanoseconds since the epoch as text. */
  readonly modifiedFromNs?: string;
  readonly modifiedBeforeNs?: string;
}

/** What the manifest of a committed batch says, in the words of the ledger. */
export interface ManifestOutcome extends ArrivalId {
  readonly size: number;
  readonly modifiedNs: string;
  readonly state: "committed" | "quarantined" | "skipped";
  readonly rule?: SkipRule;
  readonly reason?: string;
  readonly counts: ArrivalCounts;
}

/** What tidying came to for an arrival. */
export interface TidiedArrival extends ArrivalId {
  /** `moved`: it is quarantined, and lies in the quarantine folder; `failed`: it lies where it lay, and a later run tries again. */
  readonly outcome: "archived" | "deleted" | "moved" | "failed";
  /** The path where it lies now, or why it failed. */
  readonly detail?: string;
}

export interface SettleRequest {
  readonly number: number;
  readonly batchId: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly outcomes: readonly ManifestOutcome[];
}

/** What the ledger knows of the table, to notice one that was dropped, restored or rewritten. */
export interface TableIdentity {
  /** `metaData.id`. */
  readonly tableId: string;
  /** The last version that this ledger took in and the commit's `txnId` there. */
  readonly version: number;
  readonly txnId: string;
}

export interface LedgerIdentity {
  readonly pipelineId: string;
  readonly name: string;
  readonly source: string;
}

export interface ArrivalFilter {
  readonly states?: readonly ArrivalState[];
  /** Only keys that begin with it; default all. */
  readonly keyPrefix?: string;
  /** Default: all. */
  readonly limit?: number;
  /** Resume after this id. Arrivals come in ascending order of (key, generation), by their UTF-8 bytes. */
  readonly after?: ArrivalId;
}

export interface LedgerSummary {
  /** Number of arrivals by state; a state without any is absent. `skipped` by rule in `skipped`. */
  readonly states: Readonly<Partial<Record<ArrivalState, number>>>;
  readonly skipped: Readonly<Partial<Record<SkipRule, number>>>;
  /** Sums over the arrivals that have an outcome. */
  readonly rows: {
    readonly read: number;
    readonly written: number;
    readonly rescued: number;
    readonly rejected: number;
    readonly corrupt: number;
  };
  /** The oldest discovery among waiting, discovered and claimed arrivals; milliseconds since the epoch. */
  readonly oldestWaitingAt?: number;
  /** Arrivals whose tidying failed when it was last tried; absent for none. */
  readonly tidyFailed?: number;
}

export interface Ledger {
  /** Undefined for a new ledger. */
  identity(): Promise<LedgerIdentity | undefined>;
  /** Written once; a second call with another pipeline id throws STATE_CORRUPT. */
  setIdentity(identity: LedgerIdentity): Promise<void>;
  tableIdentity(): Promise<TableIdentity | undefined>;
  setTableIdentity(identity: TableIdentity): Promise<void>;

  /**
   * Records what a listing saw at rest: an unknown (key, generation) and a `waiting` one become `discovered`, `skipped(gone)` and
   * `forgotten` become `discovered` again, everything else stays. An event alone proves nothing about a generation that was gone: its object is looked
   * at (HEAD) before it comes here. At most some 10,000 observations a call are cheap; 50,000 are allowed.
   */
  observe(observations: readonly Observation[], at: number): Promise<ObserveResult>;

  /**
   * Records all that the last look at the source found too young to be taken: what is unknown becomes `waiting`, what is known stays
   * as it is. Arrivals that wait and are not among them changed or vanished before they rested: they are forgotten without a trace.
   * So a key has at most one waiting generation; of two in one call the last counts.
   */
  setWaiting(observations: readonly Observation[], at: number): Promise<void>;

  /**
   * Arrivals in `discovered`, in the order that is asked for and then by key; with the other generations of their keys. By name: by key,
   * then by modification.
   */
  candidates(limit: number, choice?: CandidateChoice): Promise<Candidate[]>;

  /** Bytes that were read of arrivals which were modified before an instant, by batches whose batchId is this one or a later one. */
  bytesRead(of: { readonly modifiedBeforeNs: string; readonly fromBatchId: string }): Promise<number>;

  /** Judged at plan: `discovered` → `skipped(rule)`. Unknown arrivals and those in another state are left alone. */
  skip(
    arrivals: readonly (ArrivalId & { readonly rule: SkipRule; readonly reason?: string })[],
    at: number,
  ): Promise<void>;

  /**
   * The plan's one transaction: writes the batch as `planned` and makes its arrivals `claimed` by it. `overtaken`: nothing was
   * written, since at least one of them has moved on from `discovered` after it was a candidate; another process on this ledger
   * was quicker, and the caller takes in and plans anew.
   * @throws LandfallError INTERNAL if an arrival was never `discovered` or is named twice, or the batchId was used before
   */
  plan(
    batch: { readonly number: number; readonly batchId: string; readonly at: number },
    arrivals: readonly ArrivalId[],
  ): Promise<PlanOutcome>;

  /**
   * `planned` → `staged` → `committed`: a hint for people; recovery rests on the log and the manifest. Late hints (the batch is void,
   * settled or further on) change nothing.
   * @throws LandfallError INTERNAL for a batchId that the ledger does not know
   */
  advance(batchId: string, state: "staged" | "committed", version?: number): Promise<void>;

  /**
   * Closes a lost attempt: the batch becomes `void`; arrivals still `claimed` by that batchId become `discovered`. A settled batch was
   * won and stays. `engineDied`: how the engine's process ended over it, which counts an attempt for each arrival that is released
   * (exactly-once rules, §3); the arrival's next outcome forgets them.
   * @throws LandfallError INTERNAL for a batchId that the ledger does not know
   */
  voidBatch(batchId: string, at: number, engineDied?: string): Promise<void>;

  /** Batches that a dead process left in planned, staged or committed; ascending by number, then batchId. */
  openBatches(): Promise<Batch[]>;
  /** Arrivals claimed by the batch, ascending by key. */
  claimed(batchId: string): Promise<Arrival[]>;

  /** The highest number taken in (settled here); numbers are dense from 1. Undefined when none is. */
  lastTakenIn(): Promise<Batch | undefined>;
  /** Settled batches whose done mark has not been seen to be written. */
  batchesWithoutDoneMark(): Promise<Batch[]>;
  /** Idempotent. @throws LandfallError INTERNAL for a number that is not settled here */
  markDone(number: number): Promise<void>;

  /**
   * Take-in and settle are this one call: gives each arrival the outcome that the manifest of the committed batch names, makes
   * the batch `settled` (whether this ledger knew it as planned, void or not at all), releases other arrivals that are still
   * claimed by this batchId. Does nothing when the number is settled already, by whichever batch.
   * `skipped(gone)` outcomes apply only to arrivals unknown, waiting, discovered, or claimed by this batchId.
   * @throws LandfallError INTERNAL if the number is not the last one taken in plus one, or the batchId is known by another number
   */
  settle(request: SettleRequest): Promise<void>;

  /** The baseline: every listed arrival that is unknown or `discovered` becomes `skipped(baseline)`. Idempotent. */
  baseline(arrivals: readonly Observation[], at: number): Promise<void>;

  /** Which of these vacate records have not been taken in by `vacate`; in the order in which they came. */
  unknownVacateRecords(records: readonly string[]): Promise<string[]>;

  /**
   * Landfall is about to vacate these names, and the vacate record is durable (§2): marks them `vacated`, and remembers the record as
   * taken in. Only arrivals whose outcome is of that batch; others are left alone. Idempotent.
   */
  vacate(record: string, batchId: string, arrivals: readonly ArrivalId[]): Promise<void>;

  /**
   * Settled batches with numbers above `after` that have not been tidied to their end, ascending. A listing that sees an arrival of a
   * batch that has been (it was put back) opens it again.
   */
  untidiedBatches(kind: TidyKind, after: number, limit: number): Promise<Batch[]>;
  /** Nothing of this kind is left to be tidied in the batch. Idempotent. */
  batchTidied(kind: TidyKind, number: number): Promise<void>;

  /**
   * What tidying came to: `committed` → `archived` or `deleted`; `moved` and `failed` change no state. An arrival in any other state is
   * left alone: a decision may have taken its outcome back meanwhile. A success ends what had failed before.
   * @throws LandfallError INTERNAL for an unknown arrival
   */
  tidied(arrivals: readonly TidiedArrival[], at: number): Promise<void>;

  /**
   * A decision takes outcomes back: each arrival becomes `forgotten` or `undone`, loses its outcome and is no longer vacated.
   * Applies while the outcome of the named batchId stands and does nothing afterwards (§2 Decisions). What was judged at plan against
   * such a generation (`skipped` as overwritten, grown or touched) is `forgotten` with it, since its reason no longer holds.
   * Resolves to the number of named arrivals that changed.
   */
  takeBack(outcomes: readonly OutcomeTakenBack[], at: number): Promise<number>;
  /** The same for whole decisions, which this ledger knows from now on; one that it knew before does nothing. */
  decide(decisions: readonly LedgerDecision[], at: number): Promise<number>;
  /** Ids of the decisions that this ledger knows, ascending. */
  decisions(): Promise<string[]>;

  /** What happened to the arrival out of the ordinary, oldest first. Empty for an unknown one. */
  events(id: ArrivalId): Promise<readonly LedgerEvent[]>;

  get(id: ArrivalId): Promise<Arrival | undefined>;
  /** All generations of a key, oldest discovery first, then by generation. */
  generations(key: string): Promise<Arrival[]>;
  arrivals(filter: ArrivalFilter): Promise<Arrival[]>;
  batch(batchId: string): Promise<Batch | undefined>;
  /** The last one that this ledger heard of first. */
  batches(limit: number): Promise<Batch[]>;
  summary(): Promise<LedgerSummary>;

  /** Forgets everything but the identity: the next take-in rebuilds it. */
  clear(): Promise<void>;
  /** Idempotent; every other call rejects afterwards. */
  close(): Promise<void>;
}
