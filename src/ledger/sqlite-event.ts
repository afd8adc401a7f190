/** An entry of an arrival's timeline, into the ledger's file. */
import { idValues } from "./arrival-row.ts";
import type { Db } from "./db.ts";
import type { ArrivalId, LedgerEvent } from "./ledger.ts";

export function writeEvent(db: Db, id: ArrivalId, { at, event, batchId, detail }: LedgerEvent): void {
  const values = idValues(id.key, id.generation);
  const of = "key = ?1 AND stamp = ?2 AND span = ?3";
  db.prepare(
    `INSERT INTO events VALUES (?1, ?2, ?3, (SELECT ifnull(max(place), 0) + 1 FROM events WHERE ${of}), ?4, ?5, ?6, ?7)`,
  ).run(...values, at, event, batchId ?? null, detail ?? null);
}
