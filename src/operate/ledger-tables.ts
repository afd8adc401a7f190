/**
 * The tables that `landfall query` shows: the ledger in columns that stay as they are. What is listed here is the reference page
 * (docs/reference/query.md) and what the command prints where it is asked nothing.
 */
import type { DataType } from "../schema/data-type.ts";

export interface LedgerColumn {
  readonly name: string;
  readonly type: DataType;
  readonly meaning: string;
  /** SQL over what is stored (ledger-lines.ts, or the file of a batch's rejects). */
  readonly sql: string;
}

export interface LedgerTable {
  readonly name: "files" | "batches" | "rejects";
  readonly meaning: string;
  readonly columns: readonly LedgerColumn[];
}

const column = (name: string, type: DataType, sql: string, meaning: string): LedgerColumn => ({
  name,
  type,
  sql,
  meaning,
});

/** Milliseconds since the epoch as an instant. */
const instant = (stored: string): string => `make_timestamptz(${stored} * 1000)`;

/** Letters that a terminal may take for something else, and what looks like an encoded byte: such a key is shown as it stands. */
const UNSHOWN = String.raw`[\x00-\x1f\x7f-\x{9f}\x{2028}-\x{202e}\x{2066}-\x{2069}]|%[0-9A-F]{2}`;

/** As `displayKey` says it. */
export function shownKeySql(key: string): string {
  const text = `TRY(url_decode(${key}))`;
  return `CASE WHEN NOT contains(${key}, '%') THEN ${key} WHEN ${text} IS NULL OR regexp_matches(${text}, '${UNSHOWN}') THEN ${key} ELSE ${text} END`;
}

const PIPELINE = column("pipeline", "string", "pipeline", "the pipeline that saw it");
const FILE = column(
  "file",
  "string",
  shownKeySql("key"),
  "its path below the source, as people are shown it",
);
const KEY = column(
  "key",
  "string",
  "key",
  "the same with every byte outside printable ASCII percent-encoded: what `--json` calls `key`",
);

const ROWS: readonly LedgerColumn[] = [
  column("rows_read", "long", '"read"', "records read"),
  column("rows_written", "long", "written", "of them in the table; with a transform those that went into it"),
  column("rows_rescued", "long", "rescued", "of those written: with something in the rescued-data column"),
  column("rows_rejected", "long", "rejected", "set aside, with the reason: the table `rejects`"),
  column("rows_corrupt", "long", "corrupt", "of those written: the text of a record that could not be read"),
];

const FILES: LedgerTable = {
  name: "files",
  meaning: "one row for each generation of each file that a pipeline has seen",
  columns: [
    PIPELINE,
    FILE,
    KEY,
    column("generation", "string", "generation", "what tells two states of one file apart"),
    column("size", "long", "size", "bytes as listed"),
    column(
      "modified",
      "timestamp",
      "make_timestamptz(modified // 1000)",
      "when it was modified last, as listed",
    ),
    column(
      "state",
      "string",
      "state",
      "waiting, discovered, claimed, committed, archived, deleted, quarantined, skipped, undone or forgotten",
    ),
    column("rule", "string", '"rule"', "the rule by which it is skipped"),
    column("reason", "string", "reason", "why it is quarantined or skipped"),
    column("discovered_at", "timestamp", instant("discovered"), "when this ledger first saw it"),
    column("batch", "long", "number", "the number of the batch that claimed it or gave it its outcome"),
    column("batch_id", "string", "batch_id", "the id of that batch"),
    column("version", "long", "version", "the version of the table that the batch made"),
    column("settled_at", "timestamp", instant("settled"), "when its outcome came into this ledger"),
    ...ROWS,
    column("bytes_read", "long", "bytes", "bytes read of it"),
    column("crc32", "long", "crc32", "the CRC-32 of those bytes"),
    column("vacated", "boolean", "vacated = 1", "Landfall itself took it from its name, or may have done so"),
    column("moved_at", "timestamp", instant("moved"), "when it was archived, deleted or moved to quarantine"),
    column("moved_to", "string", "moved_to", "the path where it was archived or quarantined"),
    column(
      "tidy_failure",
      "string",
      "tidy_failure",
      "why moving or deleting it failed when it was last tried",
    ),
  ],
};

const OUTCOME = "as it stands: a file that a decision took back counts no more";

const BATCHES: LedgerTable = {
  name: "batches",
  meaning: "one row for each batch that a pipeline planned",
  columns: [
    PIPELINE,
    column(
      "batch",
      "long",
      "number",
      "its number; an attempt that came to nothing has the number of another",
    ),
    column("batch_id", "string", "batch_id", "its id"),
    column("state", "string", "state", "planned, staged, committed, settled or void"),
    column("version", "long", "version", "the version of the table that it made"),
    column("planned_at", "timestamp", instant("planned"), "when it was planned"),
    column("settled_at", "timestamp", instant("settled"), "when its outcomes came into this ledger"),
    column("files", "long", "files", `files whose outcome is of this batch, ${OUTCOME}`),
    column("files_committed", "long", "committed", "of them committed, wherever they lie now"),
    column("files_quarantined", "long", "quarantined", "of them quarantined"),
    column("files_skipped", "long", "skipped", "of them skipped"),
    ...ROWS,
    column("bytes_read", "long", "bytes", "bytes read of its files"),
  ],
};

const REJECTS: LedgerTable = {
  name: "rejects",
  meaning: "one row for each record that a committed batch rejected",
  columns: [
    PIPELINE,
    column(
      "file",
      "string",
      FILE.sql.replaceAll("key", "file"),
      "the file, as people are shown it; null for a row that a transform gave",
    ),
    column("key", "string", "file", "the same as in `files`; of a member of an archive `archive/member`"),
    column("record", "long", "record", "its number in the file, from 1"),
    column("byte_offset", "long", "byte_offset", "where it begins in the file's uncompressed bytes, from 0"),
    column("length", "long", "length", "its bytes"),
    column("reason", "string", "reason", "why it was rejected"),
    column("rule", "string", '"rule"', "the rule of `expect` that it broke"),
    column(
      "content",
      "string",
      "coalesce(TRY(decode(content)), CAST(content AS VARCHAR))",
      "the record, its first MiB; bytes that are no UTF-8 as `\\xFF`",
    ),
    column("batch", "long", "batch", "the number of the batch"),
    column("batch_id", "string", "batch_id", "its id"),
    column("version", "long", "version", "the version of the table that the batch made"),
  ],
};

export const LEDGER_TABLES: readonly LedgerTable[] = [FILES, BATCHES, REJECTS];

/** The select list that makes a table of what is stored. */
export function selectOf({ columns }: LedgerTable): string {
  return columns.map(({ name, sql }) => `${sql} AS ${name}`).join(", ");
}
