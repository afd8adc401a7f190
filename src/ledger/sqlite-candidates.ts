/** What the plan may take, out of the ledger's file. */
import { codeOf } from "./arrival-codes.ts";
import { compareIds } from "./arrival-id.ts";
import { AFTER_PREFIX, ARRIVAL_COLUMNS, idValues } from "./arrival-row.ts";
import { compareCandidates } from "./candidate-order.ts";
import type { Db, SqlValue } from "./db.ts";
import type { Arrival, Candidate, CandidateChoice } from "./ledger.ts";
import { GENERATION } from "./stored-generation.ts";

const DISCOVERED = codeOf({ state: "discovered" });
const BY_KEY = `a.key, ${GENERATION}`;

/** Each has an index of its own: generations that say the modification need no second copy of it. */
const QUEUES = [
  { where: "a.modified IS NULL", modified: "a.stamp", index: "arrivals_discovered" },
  { where: "a.modified IS NOT NULL", modified: "a.modified", index: "arrivals_discovered_apart" },
] as const;

/** Part of one transaction. `arrivals`: the rows of a SELECT. */
export function sqliteCandidates(options: {
  readonly db: Db;
  readonly arrivals: (sql: string, ...values: SqlValue[]) => Arrival[];
  readonly limit: number;
  readonly choice: CandidateChoice;
}): Candidate[] {
  return withAttempts(options.db, candidatesOf(options));
}

function candidatesOf({
  arrivals,
  limit,
  choice,
}: {
  readonly arrivals: (sql: string, ...values: SqlValue[]) => Arrival[];
  readonly limit: number;
  readonly choice: CandidateChoice;
}): Candidate[] {
  const found: Arrival[][] = [];
  const others = new Map<string, Map<string, Arrival>>();
  for (const queue of QUEUES) {
    const { where, values } = chosen(queue.modified, choice);
    // Without the hint a choice of keys would have the whole table read.
    const first = `arrivals a INDEXED BY ${queue.index} WHERE a.code = ${DISCOVERED} AND ${queue.where}${where}
      ORDER BY ${orderOf(queue.modified, choice)} LIMIT ?`;
    found.push(arrivals(`SELECT ${ARRIVAL_COLUMNS} FROM ${first}`, ...values, limit));
    const rest = arrivals(
      `WITH c AS (SELECT a.key, a.stamp, a.span FROM ${first}) SELECT ${ARRIVAL_COLUMNS}
       FROM c CROSS JOIN arrivals a ON a.key = c.key WHERE NOT (a.stamp IS c.stamp AND a.span = c.span)`,
      ...values,
      limit,
    );
    for (const arrival of rest) {
      const known = others.get(arrival.key) ?? new Map<string, Arrival>();
      others.set(arrival.key, known.set(arrival.generation, arrival));
    }
    // Two candidates of one key may come from two queues.
    for (const arrival of found.at(-1)!) others.get(arrival.key)?.set(arrival.generation, arrival);
  }
  const [a, b] = found as [Arrival[], Arrival[]];
  const merged =
    a.length === 0 || b.length === 0 ? [...a, ...b] : [...a, ...b].sort(compareCandidates(choice.order));
  return merged.slice(0, limit).map((arrival) => ({
    ...arrival,
    others: [...(others.get(arrival.key)?.values() ?? [])]
      .filter((other) => other.generation !== arrival.generation)
      .sort((one, other) => one.discoveredAt - other.discoveredAt || compareIds(one, other)),
  }));
}

function chosen(modified: string, choice: CandidateChoice): { where: string; values: SqlValue[] } {
  const { keyPrefix, modifiedFromNs, modifiedBeforeNs } = choice;
  const terms: string[] = [];
  const values: SqlValue[] = [];
  if (keyPrefix !== undefined && keyPrefix !== "") {
    terms.push(` AND a.key >= ? AND a.key < ${AFTER_PREFIX}`);
    values.push(keyPrefix, keyPrefix);
  }
  if (modifiedFromNs !== undefined) {
    terms.push(` AND ${modified} >= ?`);
    values.push(BigInt(modifiedFromNs));
  }
  if (modifiedBeforeNs !== undefined) {
    terms.push(` AND ${modified} < ?`);
    values.push(BigInt(modifiedBeforeNs));
  }
  return { where: terms.join(""), values };
}

function orderOf(modified: string, { order = "oldest" }: CandidateChoice): string {
  if (order === "name") return `a.key, ${modified}, ${GENERATION}`;
  return `${modified}${order === "newest" ? " DESC" : ""}, ${BY_KEY}`;
}

function withAttempts(db: Db, candidates: Candidate[]): Candidate[] {
  if (db.prepare("SELECT 1 FROM attempts LIMIT 1").get() === undefined) return candidates;
  const tried = db.prepare("SELECT n FROM attempts WHERE key = ? AND stamp = ? AND span = ?");
  return candidates.map((candidate) => {
    const row = tried.get(...idValues(candidate.key, candidate.generation));
    return row === undefined ? candidate : { ...candidate, attempts: row[0] as number };
  });
}
