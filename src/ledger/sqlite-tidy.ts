/** What tidying changes in the ledger's file: vacated names, outcomes, failures, and which batches are done with. */
import { codesOfState } from "./arrival-codes.ts";
import { idValues } from "./arrival-row.ts";
import type { Db } from "./db.ts";
import type { ArrivalId, LedgerEvent, TidiedArrival } from "./ledger.ts";
import type { ObservationText } from "./observation-text.ts";
import { isTidiable, TIDY_STATES, type TidyKind } from "./states.ts";
import { writeEvent } from "./sqlite-event.ts";
import type { ArrivalWriter } from "./sqlite-writes.ts";
import { OTHER, PLAIN } from "./take-listed.ts";

const COLUMNS: Readonly<Record<TidyKind, string>> = {
  committed: "committed_tidied",
  quarantined: "quarantined_tidied",
};

/** The batches that are still to be tidied, as a condition. */
export const untidied = (kind: TidyKind): string => `state = 'settled' AND ${COLUMNS[kind]} = 0`;

export function vacate(
  db: Db,
  arrivals: ArrivalWriter,
  options: { readonly record: string; readonly batchId: string; readonly ids: readonly ArrivalId[] },
): void {
  const { record, batchId, ids } = options;
  for (const id of ids) {
    const arrival = arrivals.find(id);
    if (arrival?.outcome === undefined || arrival.batchId !== batchId) continue;
    arrivals.write(arrival, { ...arrival, vacated: true });
  }
  db.prepare("INSERT OR IGNORE INTO vacate_records VALUES (?)").run(record);
}

export function markTidied(db: Db, kind: TidyKind, number: number): void {
  db.prepare(`UPDATE batches SET ${COLUMNS[kind]} = 1 WHERE number = ? AND ${untidied(kind)}`).run(number);
  // What had failed and needs nothing any more has failed no longer.
  const ended = `SELECT 1 FROM batches b JOIN arrivals a ON a.batch = b.seq
    WHERE b.number = ? AND b.state = 'settled' AND a.code IN (${codesOf(kind)}) AND ${SAME_ID}`;
  db.prepare(`DELETE FROM tidy_failures AS f WHERE EXISTS (${ended})`).run(number);
}

const SAME_ID = "a.key = f.key AND a.stamp = f.stamp AND a.span = f.span";

const codesOf = (kind: TidyKind): string =>
  TIDY_STATES[kind].flatMap((state) => codesOfState(state)).join(", ");

/** That of an arrival, as the last entry of its timeline. */
export function tidyFailure(db: Db, id: ArrivalId): LedgerEvent[] {
  const row = db
    .prepare("SELECT at, detail FROM tidy_failures WHERE key = ? AND stamp = ? AND span = ?")
    .get(...idValues(id.key, id.generation));
  if (row === undefined) return [];
  const [at, detail] = row as readonly [number, string | null];
  return [{ at, event: "tidyFailed", ...(detail === null ? {} : { detail }) }];
}

/** Of arrivals whose outcome stands. */
export function tidyFailureCount(db: Db): number {
  const codes = `${codesOf("committed")}, ${codesOf("quarantined")}`;
  const sql = `SELECT count(*) FROM tidy_failures f JOIN arrivals a ON ${SAME_ID} WHERE a.code IN (${codes})`;
  return db.prepare(sql).get()![0] as number;
}

export function tidy(db: Db, arrivals: ArrivalWriter, tidied: readonly TidiedArrival[], at: number): void {
  for (const { outcome, detail, ...id } of tidied) {
    const values = idValues(id.key, id.generation);
    if (outcome === "failed") {
      const arrival = arrivals.find(id);
      if (arrival === undefined || !isTidiable(arrival.state)) continue;
      const failed = "INSERT INTO tidy_failures VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE";
      db.prepare(`${failed} SET at = excluded.at, detail = excluded.detail`).run(
        ...values,
        at,
        detail ?? null,
      );
      continue;
    }
    if (outcome === "moved") {
      const known = arrivals.find(id)?.state === "quarantined";
      const said: LedgerEvent = { at, event: outcome, ...(detail === undefined ? {} : { detail }) };
      if (known) writeEvent(db, id, said);
    } else arrivals.apply(id, { kind: "tidied", state: outcome, at, detail });
    db.prepare("DELETE FROM tidy_failures WHERE key = ? AND stamp = ? AND span = ?").run(...values);
  }
}

/** What lies in the source again, under the generation that was tidied, is tidied again: its batch is not done with any more. */
export function openTidiedAgain(db: Db, arrivals: ArrivalWriter, text: ObservationText): void {
  for (const kind of ["committed", "quarantined"] as const) {
    const column = COLUMNS[kind];
    // Where nothing is archived no batch is ever marked, and this is all that a listing pays.
    if (db.prepare(`SELECT EXISTS (SELECT 1 FROM batches WHERE ${column} = 1)`).get()![0] === 0) continue;
    const codes = codesOf(kind);
    for (const [json, { id }] of [[text.plain, PLAIN] as const, [text.other, OTHER] as const]) {
      if (json === "[]") continue;
      const seen = `SELECT DISTINCT a.batch FROM json_each(?) j CROSS JOIN arrivals a ON ${id} WHERE a.code IN (${codes})`;
      db.prepare(`UPDATE batches SET ${column} = 0 WHERE ${column} = 1 AND seq IN (${seen})`).run(json);
    }
    for (const observation of text.odd) {
      const arrival = arrivals.find(observation);
      if (arrival?.batchId === undefined || !TIDY_STATES[kind].includes(arrival.state)) continue;
      db.prepare(`UPDATE batches SET ${column} = 0 WHERE batch_id = ?`).run(arrival.batchId);
    }
  }
}
