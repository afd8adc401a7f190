/** What a listing saw, into the ledger's file: SQLite compares, and only what is new or moves enters JavaScript. */
import { codeOf, ALL_STATES } from "./arrival-codes.ts";
import type { Db } from "./db.ts";
import type { Observation, ObserveResult } from "./ledger.ts";
import {
  otherObservation,
  PLAIN_KEY,
  PLAIN_SIZE,
  PLAIN_STAMP,
  plainObservation,
  type ObservationText,
} from "./observation-text.ts";
import type { ArrivalWriter } from "./sqlite-writes.ts";
import { arrivalPlace, nextArrivalState } from "./states.ts";

type Listed = "seen" | "baseline";

/** Codes of the arrivals that the event moves, out of the transition table. */
function movedCodes(event: Listed): string {
  return ALL_STATES.filter((state) => nextArrivalState(arrivalPlace(state), event) !== "stay")
    .map(codeOf)
    .join(", ");
}

/** The elements of a JSON array that are unknown or move; a code of null says unknown. */
function movedSql(event: Listed, key: string, stamp: string, span: string): string {
  return `SELECT j.value, a.code FROM json_each(?) j
    LEFT JOIN arrivals a ON a.key = ${key} AND a.stamp = ${stamp} AND a.span = ${span}
    WHERE a.code IS NULL OR a.code IN (${movedCodes(event)})`;
}

const PLAIN = [PLAIN_KEY, PLAIN_STAMP, PLAIN_SIZE] as const;
const OTHER = ["j.value ->> 0", "j.value ->> 1", "0"] as const;

/** Part of the transaction that the writer belongs to. */
export function takeListed(
  db: Db,
  arrivals: ArrivalWriter,
  text: ObservationText,
  change: { readonly kind: Listed; readonly at: number },
): ObserveResult {
  let discovered = 0;
  let returned = 0;
  const fresh = new Set<string>();
  const take = (observation: Observation, unknown: boolean): void => {
    const name = `${observation.generation}\0${observation.key}`;
    // The same object may stand in one call twice.
    const isNew = unknown && !fresh.has(name);
    if (isNew) fresh.add(name);
    const current = isNew ? undefined : arrivals.find(observation);
    if (!arrivals.applyTo(current, observation, { ...change, observation })) return;
    if (isNew) discovered += 1;
    else returned += 1;
  };
  if (text.plainCount > 0) {
    const rows = db.prepare(movedSql(change.kind, ...PLAIN)).all(text.plain);
    for (const [value, code] of rows) take(plainObservation(value as string), code === null);
  }
  if (text.otherCount > 0) {
    const rows = db.prepare(movedSql(change.kind, ...OTHER)).all(text.other);
    for (const [value, code] of rows) take(otherObservation(value as string), code === null);
  }
  for (const observation of text.odd) take(observation, arrivals.find(observation) === undefined);
  const known = text.plainCount + text.otherCount + text.odd.length - discovered - returned;
  return { discovered, known, returned };
}
