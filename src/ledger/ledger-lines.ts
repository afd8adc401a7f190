/**
 * The ledger as lines of JSON, one an arrival or a batch, so that an engine can be asked about it. SQLite makes each line whole: of a
 * million arrivals nothing is built in JavaScript but their texts.
 */
import { appendFile } from "node:fs/promises";
import { ALL_STATES, codeOf, codesOfState } from "./arrival-codes.ts";
import type { SqlRow } from "./db.ts";
import { openDbToRead } from "./ledger-reader.ts";
import type { ArrivalState } from "./states.ts";
import { GENERATION } from "./stored-generation.ts";

export interface LineColumn {
  readonly name: string;
  readonly type: "text" | "whole";
}

interface SqlColumn extends LineColumn {
  readonly sql: string;
}

const PIPELINE_COLUMN: LineColumn = { name: "pipeline", type: "text" };

/** SQL that gives the text of a code's state, or of its rule. */
function textOfCode(part: "state" | "rule"): string {
  const cases = ALL_STATES.flatMap((one) =>
    one[part] === undefined ? [] : [`WHEN ${codeOf(one)} THEN '${one[part]}'`],
  );
  return `CASE a.code ${cases.join(" ")} END`;
}

const MOVED = ["archived", "deleted", "quarantined"] as const;
const MOVED_CODES = MOVED.flatMap((state) => codesOfState(state)).join(", ");
const MOVED_EVENTS = "'archived', 'deleted', 'moved'";

/** Of the last time that Landfall itself took the file away. */
function ofMove(column: "at" | "detail"): string {
  return `CASE WHEN a.code IN (${MOVED_CODES}) THEN (SELECT e.${column} FROM events e
    WHERE e.key = a.key AND e.stamp = a.stamp AND e.span = a.span AND e.event IN (${MOVED_EVENTS}) ORDER BY e.place DESC LIMIT 1) END`;
}

/** Of the outcome: the ordinary case is not written down (ledger-schema.ts). */
function ofOutcome(place: number, ordinary: string): string {
  return `CASE WHEN a.crc IS NULL THEN NULL WHEN a.odd IS NULL THEN ${ordinary} ELSE ifnull(a.odd ->> ${place}, 0) END`;
}

const COUNTS: readonly SqlColumn[] = [
  { name: "bytes", type: "whole", sql: ofOutcome(0, "a.span") },
  { name: "read", type: "whole", sql: "a.nread" },
  { name: "written", type: "whole", sql: ofOutcome(1, "a.nread") },
  { name: "rescued", type: "whole", sql: ofOutcome(2, "0") },
  { name: "rejected", type: "whole", sql: ofOutcome(3, "0") },
  { name: "corrupt", type: "whole", sql: ofOutcome(4, "0") },
];

const OF_ARRIVAL: readonly SqlColumn[] = [
  { name: "key", type: "text", sql: "a.key" },
  { name: "generation", type: "text", sql: GENERATION },
  { name: "size", type: "whole", sql: "ifnull(a.size, a.span)" },
  /** Nanoseconds since the epoch; all other instants are milliseconds. */
  { name: "modified", type: "whole", sql: "ifnull(a.modified, a.stamp)" },
  { name: "state", type: "text", sql: textOfCode("state") },
  { name: "rule", type: "text", sql: textOfCode("rule") },
  { name: "reason", type: "text", sql: "a.reason" },
  { name: "discovered", type: "whole", sql: "a.seen" },
  { name: "number", type: "whole", sql: "b.number" },
  { name: "batch_id", type: "text", sql: "b.batch_id" },
  { name: "version", type: "whole", sql: "b.version" },
  { name: "settled", type: "whole", sql: "b.settled_at" },
  ...COUNTS,
  { name: "crc32", type: "whole", sql: "a.crc" },
  { name: "vacated", type: "whole", sql: "a.vacated" },
  { name: "moved", type: "whole", sql: ofMove("at") },
  { name: "moved_to", type: "text", sql: ofMove("detail") },
  { name: "tidy_failure", type: "text", sql: "t.detail" },
];
const ARRIVALS = `FROM arrivals a LEFT JOIN batches b ON b.seq = a.batch
  LEFT JOIN tidy_failures t ON t.key = a.key AND t.stamp = a.stamp AND t.span = a.span`;

/** Arrivals whose outcome, as it stands, is of the batch. */
function arrivalsIn(states: readonly ArrivalState[]): string {
  return `sum(a.code IN (${states.flatMap((state) => codesOfState(state)).join(", ")}))`;
}

const SUMMED: readonly SqlColumn[] = [
  { name: "files", type: "whole", sql: "count(*)" },
  { name: "committed", type: "whole", sql: arrivalsIn(["committed", "archived", "deleted"]) },
  { name: "quarantined", type: "whole", sql: arrivalsIn(["quarantined"]) },
  { name: "skipped", type: "whole", sql: arrivalsIn(["skipped"]) },
  ...COUNTS.map((column) => ({ ...column, sql: `sum(${column.sql})` })),
];

const OF_BATCH: readonly SqlColumn[] = [
  { name: "number", type: "whole", sql: "b.number" },
  { name: "batch_id", type: "text", sql: "b.batch_id" },
  { name: "state", type: "text", sql: "b.state" },
  { name: "planned", type: "whole", sql: "b.planned_at" },
  { name: "settled", type: "whole", sql: "b.settled_at" },
  { name: "version", type: "whole", sql: "b.version" },
  ...SUMMED.map(({ name, type }): SqlColumn => ({ name, type, sql: `ifnull(c.${name}, 0)` })),
];
const BATCHES = `FROM batches b LEFT JOIN (SELECT a.batch, ${SUMMED.map(({ name, sql }) => `${sql} AS ${name}`).join(", ")}
  FROM arrivals a WHERE a.batch IS NOT NULL GROUP BY a.batch) c ON c.batch = b.seq`;

/** What the lines of both kinds hold; a column without a value is null. */
export const LEDGER_LINES = {
  arrivals: [PIPELINE_COLUMN, ...OF_ARRIVAL] as readonly LineColumn[],
  batches: [PIPELINE_COLUMN, ...OF_BATCH] as readonly LineColumn[],
} as const;

export type LedgerLines = keyof typeof LEDGER_LINES;

const STATEMENTS: Readonly<Record<LedgerLines, string>> = {
  arrivals: `${line(OF_ARRIVAL)} ${ARRIVALS}`,
  batches: `${line(OF_BATCH)} ${BATCHES} ORDER BY b.seq`,
};

function line(columns: readonly SqlColumn[]): string {
  const members = columns.map(({ name, sql }) => `'${name}', ${sql}`);
  return `SELECT json_object('${PIPELINE_COLUMN.name}', ?, ${members.join(", ")})`;
}

/** Characters that are written at once. */
const PIECE = 1 << 20;

/**
 * Writes lines of each kind that is asked for to the end of its file, all from one state of the ledger; a process may write to it
 * meanwhile.
 *
 * @throws as `openLedgerReader`; STORAGE_FULL and others of the files; the signal's reason
 */
export async function writeLedgerLines(options: {
  /** The ledger's file. */
  readonly path: string;
  /** The pipeline's name, which each line tells. */
  readonly pipeline: string;
  readonly to: Readonly<Partial<Record<LedgerLines, string>>>;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const { path, pipeline, to, signal } = options;
  const db = openDbToRead(path);
  try {
    db.exec("BEGIN");
    for (const [kind, file] of Object.entries(to) as [LedgerLines, string][]) {
      for (const piece of pieces(db.prepare(STATEMENTS[kind]).each(pipeline))) {
        signal?.throwIfAborted();
        await appendFile(file, piece, { mode: 0o600 });
      }
    }
  } finally {
    db.close();
  }
}

/** Whole lines, some thousands at once. */
function* pieces(rows: Iterable<SqlRow>): Generator<string> {
  let piece = "";
  for (const [text] of rows) {
    piece += `${text as string}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}
