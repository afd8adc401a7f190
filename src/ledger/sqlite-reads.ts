/** The look-ups of the ledger's port over its file; synchronous, for the worker. */
import { checkId } from "./arrival-id.ts";
import { codeOf, codesOfState, stateOfCode } from "./arrival-codes.ts";
import { ARRIVAL_COLUMNS, arrivalOfRow, idValues } from "./arrival-row.ts";
import type { Db, SqlRow, SqlValue } from "./db.ts";
import type {
  Arrival,
  ArrivalFilter,
  ArrivalId,
  Batch,
  Candidate,
  CandidateChoice,
  LedgerEvent,
  LedgerIdentity,
  LedgerSummary,
  TableIdentity,
} from "./ledger.ts";
import { sqliteCandidates } from "./sqlite-candidates.ts";
import { AFTER_PREFIX } from "./arrival-row.ts";
import { tidyFailure, tidyFailureCount, untidied } from "./sqlite-tidy.ts";
import type { ArrivalState, BatchState, SkipRule, TidyKind } from "./states.ts";
import { GENERATION } from "./stored-generation.ts";

/** The part of the port that changes nothing, answered at once. */
export interface LedgerReads {
  identity(): LedgerIdentity | undefined;
  tableIdentity(): TableIdentity | undefined;
  candidates(limit: number, choice?: CandidateChoice): Candidate[];
  bytesRead(of: { readonly modifiedBeforeNs: string; readonly fromBatchId: string }): number;
  openBatches(): Batch[];
  claimed(batchId: string): Arrival[];
  lastTakenIn(): Batch | undefined;
  batchesWithoutDoneMark(): Batch[];
  unknownVacateRecords(records: readonly string[]): string[];
  untidiedBatches(kind: TidyKind, after: number, limit: number): Batch[];
  events(id: ArrivalId): LedgerEvent[];
  get(id: ArrivalId): Arrival | undefined;
  generations(key: string): Arrival[];
  arrivals(filter: ArrivalFilter): Arrival[];
  batch(batchId: string): Batch | undefined;
  batches(limit: number): Batch[];
  summary(): LedgerSummary;
  decisions(): string[];
}

const FROM = `SELECT ${ARRIVAL_COLUMNS} FROM arrivals a`;
const BATCH = "SELECT number, batch_id, state, planned_at, settled_at, version FROM batches";
const CLAIMED = codeOf({ state: "claimed" });
const BY_KEY = `a.key, ${GENERATION}`;
const OPEN = "state IN ('planned', 'staged', 'committed')";

export function sqliteReads(db: Db, path: string): LedgerReads {
  const arrivals = (sql: string, ...values: SqlValue[]): Arrival[] =>
    db
      .prepare(sql)
      .all(...values)
      .map((row) => arrivalOfRow(row, path));
  const batches = (rest: string, ...values: SqlValue[]): Batch[] =>
    db
      .prepare(`${BATCH} ${rest}`)
      .all(...values)
      .map(batchOfRow);
  const meta = (name: string): unknown => {
    const row = db.prepare("SELECT value FROM meta WHERE name = ?").get(name);
    return row === undefined ? undefined : JSON.parse(row[0] as string);
  };
  return {
    identity: () => meta("identity") as LedgerIdentity | undefined,
    tableIdentity: () => meta("table") as TableIdentity | undefined,
    candidates: (limit, choice = {}) => db.snapshot(() => sqliteCandidates({ db, arrivals, limit, choice })),
    bytesRead: ({ modifiedBeforeNs, fromBatchId }) =>
      db
        .prepare(
          `SELECT ifnull(sum(CASE WHEN a.odd IS NULL THEN a.span ELSE a.odd ->> 0 END), 0)
           FROM arrivals a JOIN batches b ON b.seq = a.batch
           WHERE a.crc IS NOT NULL AND b.batch_id >= ? AND ifnull(a.modified, a.stamp) < ?`,
        )
        .get(fromBatchId, BigInt(modifiedBeforeNs))![0] as number,
    openBatches: () => batches(`WHERE ${OPEN} ORDER BY number, batch_id`),
    claimed: (batchId) =>
      arrivals(
        `${FROM} WHERE a.code = ${CLAIMED} AND a.batch = (SELECT seq FROM batches WHERE batch_id = ?) ORDER BY ${BY_KEY}`,
        batchId,
      ),
    lastTakenIn: () => batches("WHERE state = 'settled' ORDER BY number DESC LIMIT 1")[0],
    batchesWithoutDoneMark: () => batches("WHERE state = 'settled' AND done = 0 ORDER BY number"),
    unknownVacateRecords: (records) => {
      const known = db.prepare("SELECT 1 FROM vacate_records WHERE name = ?");
      return records.filter((name) => known.get(name) === undefined);
    },
    untidiedBatches: (kind, after, limit) =>
      batches(`WHERE ${untidied(kind)} AND number > ? ORDER BY number LIMIT ?`, after, limit),
    events: (id) => [...eventsOf(db, id), ...tidyFailure(db, id)],
    get: (id) => {
      checkId(id);
      return arrivals(
        `${FROM} WHERE a.key = ? AND a.stamp = ? AND a.span = ?`,
        ...idValues(id.key, id.generation),
      )[0];
    },
    generations: (key) => arrivals(`${FROM} WHERE a.key = ? ORDER BY a.seen, ${BY_KEY}`, key),
    arrivals: (filter) => {
      const { where, values } = filterSql(filter);
      return arrivals(`${FROM} WHERE ${where} ORDER BY ${BY_KEY} LIMIT ?`, ...values, filter.limit ?? -1);
    },
    batch: (batchId) => batches("WHERE batch_id = ?", batchId)[0],
    batches: (limit) => batches("ORDER BY seq DESC LIMIT ?", limit),
    summary: () => db.snapshot(() => summaryOf(db)),
    decisions: () =>
      db
        .prepare("SELECT id FROM decisions ORDER BY id")
        .all()
        .map(([id]) => id as string),
  };
}

function batchOfRow(row: SqlRow): Batch {
  const [number, batchId, state, plannedAt, settledAt, version] = row;
  return {
    number: number as number,
    batchId: batchId as string,
    state: state as BatchState,
    plannedAt: plannedAt as number,
    ...(settledAt === null ? {} : { settledAt: settledAt as number }),
    ...(version === null ? {} : { version: version as number }),
  };
}

function filterSql(filter: ArrivalFilter): { readonly where: string; readonly values: SqlValue[] } {
  const { states, keyPrefix, after } = filter;
  const terms = ["1"];
  const values: SqlValue[] = [];
  if (states !== undefined) {
    terms.push(`a.code IN (${states.flatMap((state) => codesOfState(state)).join(", ")})`);
  }
  if (keyPrefix !== undefined && keyPrefix !== "") {
    terms.push(`a.key >= ? AND a.key < ${AFTER_PREFIX}`);
    values.push(keyPrefix, keyPrefix);
  }
  if (after !== undefined) {
    terms.push(`a.key >= ? AND (a.key > ? OR ${GENERATION} > ?)`);
    values.push(after.key, after.key, after.generation);
  }
  return { where: terms.join(" AND "), values };
}

function eventsOf(db: Db, id: ArrivalId): LedgerEvent[] {
  checkId(id);
  return db
    .prepare(
      "SELECT at, event, batch_id, detail FROM events WHERE key = ? AND stamp = ? AND span = ? ORDER BY place",
    )
    .all(...idValues(id.key, id.generation))
    .map(([at, event, batchId, detail]) => ({
      at: at as number,
      event: event as LedgerEvent["event"],
      ...(batchId === null ? {} : { batchId: batchId as string }),
      ...(detail === null ? {} : { detail: detail as string }),
    }));
}

function summaryOf(db: Db): LedgerSummary {
  const states: Partial<Record<ArrivalState, number>> = {};
  const skipped: Partial<Record<SkipRule, number>> = {};
  for (const [code, n] of db.prepare("SELECT code, n FROM counts WHERE n <> 0").all()) {
    const { state, rule } = stateOfCode(code as number)!;
    states[state] = (states[state] ?? 0) + (n as number);
    if (rule !== undefined) skipped[rule] = n as number;
  }
  const totals = db
    .prepare("SELECT nread, written, rescued, rejected, corrupt FROM totals")
    .get() as number[];
  const [read, written, rescued, rejected, corrupt] = totals as [number, number, number, number, number];
  const oldest = db.prepare("SELECT min(seen) FROM open_since").get()![0];
  const tidyFailed = tidyFailureCount(db);
  return {
    states,
    skipped,
    rows: { read, written, rescued, rejected, corrupt },
    ...(oldest === null ? {} : { oldestWaitingAt: oldest as number }),
    ...(tidyFailed === 0 ? {} : { tidyFailed }),
  };
}
