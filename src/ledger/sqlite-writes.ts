/** The changes of the ledger's port over its file, each one transaction; synchronous, for the worker. */
import { changeArrival, type ArrivalChange } from "./arrival-change.ts";
import { LandfallError } from "../base/landfall-error.ts";
import { checkObservation } from "./arrival-id.ts";
import { claimAll, claimsBySeen, commitClaimed, releaseAll, forgetAttempts } from "./bulk-changes.ts";
import {
  changingValues,
  DELETE_ARRIVAL,
  fixedValues,
  idValues,
  INSERT_ARRIVAL,
  INSERT_UNKNOWN,
  UPDATE_ARRIVAL,
} from "./arrival-row.ts";
import { changeBatch, checkSettle, notSettled, settledBatch } from "./batch-change.ts";
import type { Db } from "./db.ts";
import type {
  Arrival,
  ArrivalId,
  Batch,
  Ledger,
  LedgerIdentity,
  ObserveResult,
  PlanOutcome,
  SettleRequest,
  TableIdentity,
} from "./ledger.ts";
import { checkSameIdentity } from "./ledger-identity.ts";
import { plainObservation, type IdText, type ObservationText } from "./observation-text.ts";
import type { LedgerReads } from "./sqlite-reads.ts";
import { writeEvent } from "./sqlite-event.ts";
import { markTidied, openTidiedAgain, tidy, vacate } from "./sqlite-tidy.ts";
import { countWaiting, forgetUnseen, takeListed } from "./take-listed.ts";
import { decideInto, takeBackInto } from "./take-back.ts";
import { newTally, type Tally } from "./tally.ts";

type Args<Method extends keyof Ledger> = Parameters<Ledger[Method]>;

/** The part of the port that changes something. */
export interface LedgerWrites {
  setIdentity(identity: LedgerIdentity): void;
  setTableIdentity(identity: TableIdentity): void;
  observe(text: ObservationText, at: number): ObserveResult;
  setWaiting(text: ObservationText, at: number): void;
  baseline(text: ObservationText, at: number): void;
  skip(...args: Args<"skip">): void;
  plan(batch: Args<"plan">[0], ids: IdText): PlanOutcome;
  advance(...args: Args<"advance">): void;
  voidBatch(...args: Args<"voidBatch">): void;
  markDone(number: number): void;
  settle(request: SettleRequest): void;
  vacate(...args: Args<"vacate">): void;
  batchTidied(...args: Args<"batchTidied">): void;
  tidied(...args: Args<"tidied">): void;
  takeBack(...args: Args<"takeBack">): number;
  decide(...args: Args<"decide">): number;
  clear(): void;
}

/** What a transaction can do to single arrivals. */
export interface ArrivalWriter {
  find(id: ArrivalId): Arrival | undefined;
  /** True if something changed. */
  readonly apply: (id: ArrivalId, change: ArrivalChange) => boolean;
  /** The same where the caller has just read the arrival, or knows that there is none. */
  applyTo(current: Arrival | undefined, id: ArrivalId, change: ArrivalChange): boolean;
  /** The change of one that is unknown, without a look whether it is: false where it is not, and nothing was changed then. */
  applyToUnknown(id: ArrivalId, change: ArrivalChange): boolean;
  write(before: Arrival | undefined, after: Arrival): void;
}

export function sqliteWrites(db: Db, reads: LedgerReads): LedgerWrites {
  const change = <T>(run: (arrivals: ArrivalWriter, tally: Tally) => T): T =>
    db.transaction(() => {
      const tally = newTally(db);
      const result = run(arrivalWriter(db, reads, tally), tally);
      tally.write();
      return result;
    });
  const setMeta = (name: string, value: unknown): void =>
    db
      .prepare("INSERT INTO meta VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value")
      .run(name, JSON.stringify(value));
  return {
    setIdentity: ({ pipelineId, name, source }) =>
      db.transaction(() => {
        checkSameIdentity(reads.identity(), { pipelineId, name, source });
        setMeta("identity", { pipelineId, name, source });
      }),
    setTableIdentity: ({ tableId, version, txnId }) =>
      db.transaction(() => setMeta("table", { tableId, version, txnId })),
    observe: (text, at) =>
      change((arrivals, tally) => {
        const taken = takeListed(db, arrivals, tally, text, { kind: "seen", at });
        openTidiedAgain(db, arrivals, text);
        return { ...taken, waiting: countWaiting(tally) };
      }),
    setWaiting: (text, at) =>
      change((arrivals, tally) => {
        forgetUnseen(reads, arrivals, tally, text);
        takeListed(db, arrivals, tally, text, { kind: "young", at });
      }),
    baseline: (text, at) =>
      change((arrivals, tally) => void takeListed(db, arrivals, tally, text, { kind: "baseline", at })),
    skip: (skipped, at) =>
      change((arrivals) => {
        for (const { rule, reason, ...id } of skipped) {
          arrivals.apply(id, { kind: "skip", rule, at, ...(reason === undefined ? {} : { reason }) });
        }
      }),
    plan: (batch, ids) => {
      try {
        change((arrivals, tally) => plan(db, reads, arrivals, tally, { batch, ids }));
        return "planned";
      } catch (error) {
        // Its transaction is undone by now.
        if (error === OVERTAKEN) return "overtaken";
        throw error;
      }
    },
    advance: (batchId, to, version) =>
      db.transaction(() => {
        const current = reads.batch(batchId);
        const state = changeBatch(current, to === "staged" ? "stage" : "commit", batchId);
        if (state === undefined) return;
        writeBatch(db, { ...current!, state, ...(version === undefined ? {} : { version }) });
      }),
    voidBatch: (batchId, at, engineDied) =>
      change((_arrivals, tally) => {
        const current = reads.batch(batchId);
        const state = changeBatch(current, "void", batchId);
        if (state === undefined) return;
        const died = engineDied === undefined ? {} : { engineDied };
        releaseAll(db, tally, { seq: seqOf(db, batchId)!, batchId, at, ...died });
        writeBatch(db, { ...current!, state });
      }),
    markDone: (number) =>
      db.transaction(() => {
        const known = "SELECT 1 FROM batches WHERE state = 'settled' AND number = ?";
        if (db.prepare(known).get(number) === undefined) throw notSettled(number);
        db.prepare("UPDATE batches SET done = 1 WHERE state = 'settled' AND number = ?").run(number);
      }),
    settle: (request) => change((arrivals, tally) => settle(db, reads, arrivals, tally, request)),
    vacate: (record, batchId, ids) => change((arrivals) => vacate(db, arrivals, { record, batchId, ids })),
    batchTidied: (kind, number) => db.transaction(() => markTidied(db, kind, number)),
    tidied: (tidied, at) => change((arrivals) => tidy(db, arrivals, tidied, at)),
    takeBack: (outcomes, at) =>
      change(({ apply }) =>
        takeBackInto({ apply, generations: (key) => reads.generations(key) }, outcomes, at),
      ),
    decide: (decisions, at) =>
      change(({ apply }) => {
        const remember = (id: string): boolean => db.prepare(REMEMBER).change(id) > 0;
        return decideInto({ apply, generations: (key) => reads.generations(key), remember }, decisions, at);
      }),
    clear: () => db.transaction(() => db.exec(CLEAR)),
  };
}

const REMEMBER = "INSERT INTO decisions VALUES (?) ON CONFLICT DO NOTHING";

const CLEAR = `
  DELETE FROM meta WHERE name <> 'identity';
  DELETE FROM vacate_records; DELETE FROM tidy_failures;
  DELETE FROM events; DELETE FROM attempts; DELETE FROM arrivals; DELETE FROM batches; DELETE FROM counts; DELETE FROM open_since;
  DELETE FROM decisions;
  UPDATE totals SET nread = 0, written = 0, rescued = 0, rejected = 0, corrupt = 0;`;

function arrivalWriter(db: Db, reads: LedgerReads, tally: Tally): ArrivalWriter {
  const seqs = new Map<string, number>();
  const seqOf = (batchId: string | undefined): number | null => {
    if (batchId === undefined) return null;
    const known = seqs.get(batchId);
    if (known !== undefined) return known;
    const seq = db.prepare("SELECT seq FROM batches WHERE batch_id = ?").get(batchId)![0] as number;
    seqs.set(batchId, seq);
    return seq;
  };
  const insert = db.prepare(INSERT_ARRIVAL);
  const update = db.prepare(UPDATE_ARRIVAL);
  const write = (before: Arrival | undefined, after: Arrival): void => {
    const values = changingValues(after, seqOf(after.batchId));
    if (before === undefined) insert.run(...fixedValues(after), ...values);
    else update.run(...values, ...idValues(after.key, after.generation));
    tally.add(before, after);
  };
  const forget = (arrival: Arrival): void => {
    db.prepare(DELETE_ARRIVAL).run(...idValues(arrival.key, arrival.generation));
    tally.add(arrival, undefined);
  };
  const applyTo: ArrivalWriter["applyTo"] = (current, id, change) => {
    const after = changeArrival(current, change);
    if (after === undefined) return false;
    if (after.arrival === undefined) forget(current!);
    else write(current, after.arrival);
    if (after.event !== undefined) writeEvent(db, id, after.event);
    return true;
  };
  const insertUnknown = db.prepare(INSERT_UNKNOWN);
  return {
    find: (id) => reads.get(id),
    write,
    applyTo,
    applyToUnknown(id, change) {
      const after = changeArrival(undefined, change);
      if (after?.arrival === undefined) return false;
      const { arrival, event } = after;
      const values = [...fixedValues(arrival), ...changingValues(arrival, seqOf(arrival.batchId))];
      if (insertUnknown.change(...values) === 0) return false;
      tally.add(undefined, arrival);
      if (event !== undefined) writeEvent(db, id, event);
      return true;
    },
    apply: (id, change) => applyTo(reads.get(id), id, change),
  };
}

function writeBatch(db: Db, batch: Batch): void {
  const { number, batchId, state, plannedAt, settledAt, version } = batch;
  db.prepare(
    `INSERT INTO batches(number, batch_id, state, planned_at, settled_at, version) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT(batch_id) DO UPDATE SET state = excluded.state, settled_at = excluded.settled_at, version = excluded.version`,
  ).run(number, batchId, state, plannedAt, settledAt ?? null, version ?? null);
}

function seqOf(db: Db, batchId: string): number | undefined {
  return db.prepare("SELECT seq FROM batches WHERE batch_id = ?").get(batchId)?.[0] as number | undefined;
}

/** Leaves the transaction of a plan without a trace. */
const OVERTAKEN = new LandfallError("INTERNAL", { message: "Another process was quicker than this plan." });

/** @throws LandfallError OVERTAKEN; INTERNAL for what `plan` refuses */
function plan(
  db: Db,
  reads: LedgerReads,
  arrivals: ArrivalWriter,
  tally: Tally,
  { batch, ids }: { readonly batch: Args<"plan">[0]; readonly ids: IdText },
): void {
  const { number, batchId, at } = batch;
  const state = changeBatch(reads.batch(batchId), "plan", batchId)!;
  writeBatch(db, { number, batchId, state, plannedAt: at });
  const claimed = claimAll(db, tally, ids.plain, seqOf(db, batchId)!);
  // Some were not discovered: the transition table says what that means.
  const left = claimed < ids.plain.length ? ids.plain.map(plainObservation) : [];
  if (left.length + ids.other.length > 0) claimRest(arrivals, [...left, ...ids.other], batchId);
  if (left.length > 0) throw refusedTwice(batchId);
}

/** Claims one by one, after a look at all: what is refused is told before what was overtaken. */
function claimRest(arrivals: ArrivalWriter, ids: readonly ArrivalId[], batchId: string): void {
  const change: ArrivalChange = { kind: "claim", batchId };
  const open = ids.filter((id) => {
    const now = arrivals.find(id);
    return now?.state !== "claimed" || now.batchId !== batchId;
  });
  if (open.map((id) => changeArrival(arrivals.find(id), change)).includes(undefined)) throw OVERTAKEN;
  for (const id of open) arrivals.apply(id, change);
}

function refusedTwice(batchId: string): LandfallError {
  return new LandfallError("INTERNAL", {
    message: `The plan of batch ${batchId} names an arrival twice.`,
    hint: "This is a fault of Landfall; please report it.",
  });
}

function settle(
  db: Db,
  reads: LedgerReads,
  arrivals: ArrivalWriter,
  tally: Tally,
  request: SettleRequest,
): void {
  const taken = reads.lastTakenIn()?.number;
  if (request.number <= (taken ?? 0)) return;
  const { batchId, at } = request;
  const known = reads.batch(batchId);
  checkSettle(request, known, taken);
  request.outcomes.forEach(checkObservation);
  changeBatch(known, "settle", batchId);
  writeBatch(db, settledBatch(request, known));
  const seq = seqOf(db, batchId)!;
  const before = claimsBySeen(db, seq);
  // Of a batch that another ledger planned nothing is claimed here, and nearly all is unknown: one statement for each.
  const rest = before.size === 0 ? request.outcomes : commitClaimed(db, tally, request.outcomes, seq);
  const after = claimsBySeen(db, seq);
  for (const [seen, n] of before) tally.open(seen, (after.get(seen) ?? 0) - n);
  for (const outcome of rest) {
    const change: ArrivalChange = { kind: "settle", outcome, batchId, at };
    if (!arrivals.applyToUnknown(outcome, change)) arrivals.apply(outcome, change);
  }
  releaseAll(db, tally, { seq, batchId, at });
  forgetAttempts(db, request.outcomes);
}
