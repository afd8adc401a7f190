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
import type { LedgerReads } from "./sqlite-reads.ts";
import type { ArrivalWriter } from "./sqlite-writes.ts";
import { arrivalPlace, nextArrivalState, OPEN_STATES, type ArrivalState } from "./states.ts";
import type { Tally } from "./tally.ts";

type Listed = "seen" | "young" | "baseline";

interface Change {
  readonly kind: Listed;
  readonly at: number;
}

const WAITING = codeOf({ state: "waiting" });

/** How many wait, in the middle of the transaction. */
export const countWaiting = (tally: Tally): number => tally.total(WAITING);

/** Forgets what waits and is not among the observations. */
export function forgetUnseen(
  reads: LedgerReads,
  arrivals: ArrivalWriter,
  tally: Tally,
  text: ObservationText,
): void {
  if (countWaiting(tally) === 0) return;
  const observations = [
    ...(JSON.parse(text.plain) as string[]).map(plainObservation),
    ...(JSON.parse(text.other) as unknown[]).map((each) => otherObservation(JSON.stringify(each))),
    ...text.odd,
  ];
  const seen = new Map(observations.map(({ key, generation }) => [key, generation]));
  for (const arrival of reads.arrivals({ states: ["waiting"] })) {
    if (seen.get(arrival.key) !== arrival.generation) arrivals.applyTo(arrival, arrival, { kind: "unseen" });
  }
}

/** Codes of the arrivals that the event moves, out of the transition table. */
function movedCodes(event: Listed): readonly number[] {
  return ALL_STATES.filter((state) => nextArrivalState(arrivalPlace(state), event) !== "stay").map(codeOf);
}

/** Where a JSON array's elements say what they are: those of `plain`, those of `other`, with what an insert needs. */
export interface Shape {
  readonly id: string;
  readonly inserted: string;
  readonly observation: (text: string) => Observation;
}

export const PLAIN: Shape = {
  id: `a.key = ${PLAIN_KEY} AND a.stamp = ${PLAIN_STAMP} AND a.span = ${PLAIN_SIZE}`,
  inserted: `${PLAIN_KEY}, ${PLAIN_STAMP}, ${PLAIN_SIZE}, NULL, NULL`,
  observation: plainObservation,
};
export const OTHER: Shape = {
  id: "a.key = j.value ->> 0 AND a.stamp = j.value ->> 1 AND a.span = 0",
  inserted: "j.value ->> 0, j.value ->> 1, 0, j.value ->> 2, CAST(j.value ->> 3 AS INTEGER)",
  observation: otherObservation,
};

/** Part of the transaction that the writer and the tally belong to. */
export function takeListed(
  db: Db,
  arrivals: ArrivalWriter,
  tally: Tally,
  text: ObservationText,
  change: Change,
): Omit<ObserveResult, "waiting"> {
  // What has moved is known already for the insert; what is inserted must not move.
  const moving = movingCodes(db, change.kind);
  const move = (json: string, shape: Shape): number =>
    moved(db, json, shape, moving).filter((observation) =>
      arrivals.apply(observation, { ...change, observation }),
    ).length;
  let returned = move(text.plain, PLAIN) + move(text.other, OTHER);
  let discovered =
    insert(db, tally, text.plain, PLAIN, change) + insert(db, tally, text.other, OTHER, change);
  for (const observation of text.odd) {
    const isNew = arrivals.find(observation) === undefined;
    if (!arrivals.apply(observation, { ...change, observation })) continue;
    if (isNew) discovered += 1;
    else returned += 1;
  }
  const known = text.plainCount + text.otherCount + text.odd.length - discovered - returned;
  return { discovered, known, returned };
}

/** The moved codes that any arrival has at all: mostly none. */
function movingCodes(db: Db, event: Listed): string {
  const codes = movedCodes(event).join(", ");
  const present = db.prepare(`SELECT code FROM counts WHERE n > 0 AND code IN (${codes})`).all();
  return present.map(([code]) => code as number).join(", ");
}

function moved(db: Db, json: string, { id, observation }: Shape, codes: string): Observation[] {
  if (codes === "" || json === "[]") return [];
  const sql = `SELECT DISTINCT j.value FROM json_each(?) j CROSS JOIN arrivals a ON ${id} WHERE a.code IN (${codes})`;
  return db
    .prepare(sql)
    .all(json)
    .map(([value]) => observation(value as string));
}

/** New arrivals in the state that the transition table names for unknown ones; their number. */
function insert(db: Db, tally: Tally, json: string, { id, inserted }: Shape, { kind, at }: Change): number {
  if (json === "[]") return 0;
  const unknown = `FROM json_each(?1) j WHERE NOT EXISTS (SELECT 1 FROM arrivals a WHERE ${id})`;
  if (db.prepare(`SELECT EXISTS (SELECT 1 ${unknown})`).get(json)![0] === 0) return 0;
  const state = nextArrivalState("unknown", kind) as ArrivalState;
  const code = codeOf(kind === "baseline" ? { state, rule: kind } : { state });
  const sql = `INSERT INTO arrivals(key, stamp, span, size, modified, code, seen, vacated)
    SELECT ${inserted}, ?2, ?3, 0 ${unknown} ON CONFLICT DO NOTHING`;
  const count = db.prepare(sql).change(json, code, at);
  tally.count(code, count);
  if (OPEN_STATES.includes(state)) tally.open(at, count);
  return count;
}
