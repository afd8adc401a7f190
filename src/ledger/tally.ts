/**
 * What a transaction changes in the summary, added up and written once: a summary of a million arrivals reads a few rows.
 */
import { codeOf } from "./arrival-codes.ts";
import type { Db } from "./db.ts";
import type { Arrival } from "./ledger.ts";
import { OPEN_STATES } from "./states.ts";

export interface Tally {
  /** An arrival changed; `before` is undefined for a new one. */
  add(before: Arrival | undefined, after: Arrival): void;
  /** Writes the sums; called once, inside the transaction. */
  write(): void;
}

export function newTally(db: Db): Tally {
  const codes = new Map<number, number>();
  const openSince = new Map<number, number>();
  const totals = [0, 0, 0, 0];
  const count = (arrival: Arrival, by: number): void => {
    bump(codes, codeOf(arrival), by);
    if (OPEN_STATES.includes(arrival.state)) bump(openSince, arrival.discoveredAt, by);
    const { outcome } = arrival;
    if (outcome === undefined) return;
    totals[0]! += by * outcome.read;
    totals[1]! += by * outcome.written;
    totals[2]! += by * outcome.rescued;
    totals[3]! += by * outcome.rejected;
  };
  return {
    add: (before, after) => {
      if (before !== undefined) count(before, -1);
      count(after, 1);
    },
    write: () => {
      for (const [code, n] of codes) if (n !== 0) db.prepare(ADD_COUNT).run(code, n);
      for (const [seen, n] of openSince) if (n !== 0) db.prepare(ADD_OPEN).run(seen, n);
      db.prepare("DELETE FROM open_since WHERE n = 0").run();
      if (totals.some((total) => total !== 0)) db.prepare(ADD_TOTALS).run(...totals);
    },
  };
}

const ADD_COUNT = "INSERT INTO counts VALUES (?, ?) ON CONFLICT(code) DO UPDATE SET n = n + excluded.n";
const ADD_OPEN = "INSERT INTO open_since VALUES (?, ?) ON CONFLICT(seen) DO UPDATE SET n = n + excluded.n";
const ADD_TOTALS =
  "UPDATE totals SET nread = nread + ?, written = written + ?, rescued = rescued + ?, rejected = rejected + ?";

function bump(map: Map<number, number>, key: number, by: number): void {
  map.set(key, (map.get(key) ?? 0) + by);
}
