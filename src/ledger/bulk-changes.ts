/**
 * The ordinary path of many arrivals at once, in SQL: the same changes as `changeArrival`, with the states out of the same
 * table. Whatever is out of the ordinary is left alone here and goes through `changeArrival` one by one.
 */
import { codeOf } from "./arrival-codes.ts";
import { idValues, outcomeValues } from "./arrival-row.ts";
import type { Db } from "./db.ts";
import type { ManifestOutcome } from "./ledger.ts";
import { PLAIN_KEY, PLAIN_SIZE, PLAIN_STAMP } from "./observation-text.ts";
import { nextArrivalState, type ArrivalEvent, type ArrivalPlace, type ArrivalState } from "./states.ts";
import type { Tally } from "./tally.ts";

function stateAfter(place: ArrivalPlace, event: ArrivalEvent): ArrivalState {
  const next = nextArrivalState(place, event);
  if (next === "stay" || next === "refuse" || next === "unknown")
    throw new Error(`${event} does not move ${place}`);
  return next;
}

const CLAIMED = codeOf({ state: stateAfter("discovered", "claim") });
const DISCOVERED = codeOf({ state: "discovered" });
const COMMITTED = codeOf({ state: stateAfter("claimed", "settleCommitted") });
const RELEASED = codeOf({ state: stateAfter("claimed", "release") });

/** Open arrivals that the batch claims, by the instant of their discovery. */
export function claimsBySeen(db: Db, seq: number): ReadonlyMap<number, number> {
  const sql = `SELECT seen, count(*) FROM arrivals WHERE code = ${CLAIMED} AND batch = ? GROUP BY seen`;
  return new Map(db.prepare(sql).all(seq) as unknown as readonly [number, number][]);
}

/** Claims what is discovered among the ids; the number claimed. */
export function claimAll(db: Db, tally: Tally, ids: readonly string[], seq: number): number {
  const sql = `UPDATE arrivals SET code = ${CLAIMED}, batch = ?2 FROM json_each(?1) j WHERE arrivals.code = ${DISCOVERED}
    AND arrivals.key = ${PLAIN_KEY} AND arrivals.stamp = ${PLAIN_STAMP} AND arrivals.span = ${PLAIN_SIZE}`;
  const claimed = db.prepare(sql).change(JSON.stringify(ids), seq);
  tally.count(DISCOVERED, -claimed);
  tally.count(CLAIMED, claimed);
  return claimed;
}

/** Gives committed outcomes to arrivals that the batch claims; the outcomes that are still to be applied. */
export function commitClaimed(
  db: Db,
  tally: Tally,
  outcomes: readonly ManifestOutcome[],
  seq: number,
): readonly ManifestOutcome[] {
  const statement = db.prepare(
    `UPDATE arrivals SET code = ${COMMITTED}, crc = ?, nread = ?, odd = ?
     WHERE key = ? AND stamp = ? AND span = ? AND code = ${CLAIMED} AND batch = ?`,
  );
  return outcomes.filter((outcome) => {
    if (outcome.state !== "committed") return true;
    const { key, generation, counts } = outcome;
    const values = [...outcomeValues(counts, generation), ...idValues(key, generation), seq];
    if (statement.change(...values) === 0) return true;
    tally.count(CLAIMED, -1);
    tally.count(COMMITTED, 1);
    tally.rows(outcome.counts, 1);
    return false;
  });
}

/**
 * Releases whatever the batch still claims, with the event in each timeline. `engineDied`: how the engine's process ended over it; an
 * attempt is counted for each.
 */
export function releaseAll(
  db: Db,
  tally: Tally,
  batch: {
    readonly seq: number;
    readonly batchId: string;
    readonly at: number;
    readonly engineDied?: string;
  },
): void {
  const { seq, batchId, at, engineDied } = batch;
  const claims = `code = ${CLAIMED} AND batch = ?1`;
  db.prepare(
    `INSERT INTO events SELECT key, stamp, span, (SELECT ifnull(max(place), 0) + 1 FROM events e
       WHERE e.key = a.key AND e.stamp = a.stamp AND e.span = a.span), ?2, 'released', ?3, ?4
     FROM arrivals a WHERE ${claims}`,
  ).run(seq, at, batchId, engineDied ?? null);
  if (engineDied !== undefined)
    db.prepare(
      `INSERT INTO attempts SELECT key, stamp, span, 1 FROM arrivals WHERE ${claims} ON CONFLICT DO UPDATE SET n = n + 1`,
    ).run(seq);
  const released = db
    .prepare(`UPDATE arrivals SET code = ${RELEASED}, batch = NULL WHERE ${claims}`)
    .change(seq);
  tally.count(CLAIMED, -released);
  tally.count(RELEASED, released);
}

/** What got its outcome is no longer tried. */
export function forgetAttempts(db: Db, outcomes: readonly ManifestOutcome[]): void {
  if (db.prepare("SELECT 1 FROM attempts LIMIT 1").get() === undefined) return;
  const statement = db.prepare("DELETE FROM attempts WHERE key = ? AND stamp = ? AND span = ?");
  for (const { key, generation } of outcomes) statement.run(...idValues(key, generation));
}
