/**
 * What a transaction changes in the summary, added up and written once: a summary of a million arrivals reads a few rows.
 */
import { codeOf } from "./arrival-codes.ts";
import type { Db } from "./db.ts";
import type { Arrival, ArrivalCounts } from "./ledger.ts";
import { OPEN_STATES } from "./states.ts";

export interface Tally {
  /** An arrival changed; `before` is undefined for a new one, `after` for one that is forgotten. */
  add(before: Arrival | undefined, after: Arrival | undefined): void;
  /** So many arrivals more of a state and rule; the sums of their open instants and rows are the caller's. */
  count(code: number, by: number): void;
  /** So many open arrivals more that were discovered then. */
  open(seen: number, by: number): void;
  rows(counts: ArrivalCounts, by: number): void;
  /** Arrivals of a state and rule by now, what is not written yet included. */
  total(code: number): number;
  /** Writes the sums; called once, inside the transaction. */
  write(): void;
}

export function newTally(db: Db): Tally {
  const codes = new Map<number, number>();
  const openSince = new Map<number, number>();
  const totals = [0, 0, 0, 0, 0];
  const rows = ({ read, written, rescued, rejected, corrupt }: ArrivalCounts, by: number): void => {
    totals[0]! += by * read;
    totals[1]! += by * written;
    totals[2]! += by * rescued;
    totals[3]! += by * rejected;
    totals[4]! += by * (corrupt ?? 0);
  };
  const count = (arrival: Arrival, by: number): void => {
    bump(codes, codeOf(arrival), by);
    if (OPEN_STATES.includes(arrival.state)) bump(openSince, arrival.discoveredAt, by);
    const { outcome } = arrival;
    if (outcome !== undefined) rows(outcome, by);
  };
  return {
    add: (before, after) => {
      if (before !== undefined) count(before, -1);
      if (after !== undefined) count(after, 1);
    },
    count: (code, by) => bump(codes, code, by),
    open: (seen, by) => bump(openSince, seen, by),
    rows,
    total: (code) =>
      Number(db.prepare("SELECT n FROM counts WHERE code = ?").get(code)?.[0] ?? 0) + (codes.get(code) ?? 0),
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
  "UPDATE totals SET nread = nread + ?, written = written + ?, rescued = rescued + ?, rejected = rejected + ?, corrupt = corrupt + ?";

function bump(map: Map<number, number>, key: number, by: number): void {
  map.set(key, (map.get(key) ?? 0) + by);
}
