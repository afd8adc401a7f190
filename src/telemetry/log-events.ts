/** Every event that is logged: how loud, in which words, with which fields. docs/reference/logs.md is made of this. */
import { displayKey } from "../base/path-bytes.ts";
import type { IngestEvent } from "../ingest/events.ts";

export type LogLevel = "info" | "warn" | "error";

/** Progress is for people who wait. */
export type LoggedEvent = Exclude<
  IngestEvent,
  { readonly type: "listing.progress" } | { readonly type: "batch.progress" }
>;

type EventOf<Type extends LoggedEvent["type"]> = Extract<LoggedEvent, { readonly type: Type }>;

/** Every field that a line may have beyond those that all have, with what it says. */
export const LOG_FIELDS = {
  table: "the table's location",
  source: "the source's location",
  batch: "the batch's number",
  batchId: "the id of this attempt at the batch; it stands in the table's commit and in the manifest's name",
  version: "the version of the table",
  files: "a number of files",
  bytes: "bytes to read",
  rows: "a number of rows",
  batches: "a number of batches",
  seen: "files that lie in the source",
  first: "the number of the first batch",
  last: "the number of the last batch",
  discovered: "files that are new, or back after they were gone",
  waiting: "files that are still being written",
  unreadable: "places and files that could not be read; a later round takes them",
  counts:
    "`files`, `committed`, `quarantined`, `skipped`; `rowsRead`, `rowsWritten` (in the table), `rowsRescued`, `rowsIgnored`, `rowsCorrupt`, `rowsRejected`, `rowsIntoTransform`, `rowsOutOfTransform`; `bytes`",
  milliseconds: "how long it took",
  stages: "milliseconds of the batch by stage",
  file: "the file, relative to the source; as a person is shown it",
  generation: "which content of the file: its size and modification time, or size and hash",
  rule: "the rule by which it is skipped",
  reason: "why",
  path: "a path",
  columns: "columns that the table did not have; nested ones by their dotted path",
  widened:
    "columns with a wider type: `path`, `from` and `to` as DDL, and a `file` that brought such a value",
  keys: "dotted keys whose values were left out",
  outcome: "`settled` or `void`",
  compacted: "`filesBefore`, `filesAfter`, `bytesBefore`, `bytesAfter`: of data files",
  tidied:
    "numbers of files: `archived`, `deleted`, `moved` (to quarantine), `failed`, `overwritten` (kept aside)",
  code: "the error's code",
  hint: "what to do next",
  retryable: "whether the same may succeed later",
  failures: "failed rounds in a row",
  retryInMilliseconds: "when the next try comes",
} as const satisfies Readonly<Record<string, string>>;

export type LogField = keyof typeof LOG_FIELDS;

interface Logged<Event> {
  readonly level: LogLevel;
  /** For the reference page. */
  readonly meaning: string;
  readonly message: (event: Event) => string;
  readonly fields: Readonly<Partial<Record<LogField, (event: Event) => unknown>>>;
}

function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

const BATCH = {
  batch: ({ number }: { readonly number: number }) => number,
  batchId: ({ batchId }: { readonly batchId: string }) => batchId,
};

/** Total: an event without an entry does not compile. */
export const LOG_EVENTS: { readonly [Type in LoggedEvent["type"]]: Logged<EventOf<Type>> } = {
  "run.started": {
    level: "info",
    meaning: "a run begins, or a pipeline begins to keep running; the first line of each",
    message: ({ source, table }) => `reads ${source} into ${table}`,
    fields: { source: ({ source }) => source, table: ({ table }) => table },
  },
  "listing.done": {
    level: "info",
    meaning: "the whole source was listed",
    message: ({ seen, discovered }) => `listed ${countOf(seen, "file", "files")}, ${discovered} of them new`,
    fields: {
      seen: ({ seen }) => seen,
      discovered: ({ discovered }) => discovered,
      waiting: ({ waiting }) => waiting,
      milliseconds: ({ milliseconds }) => milliseconds,
    },
  },
  "source.unreadable": {
    level: "warn",
    meaning: "a folder or file of the source could not be read; a later round takes what it holds",
    message: ({ path, reason }) => `${path} could not be read: ${reason}`,
    fields: { path: ({ path }) => path, reason: ({ reason }) => reason },
  },
  "arrival.skipped": {
    level: "warn",
    meaning: "a file is not read, by a rule",
    message: ({ key, rule }) => `${displayKey(key)} is skipped: ${rule}`,
    fields: {
      file: ({ key }) => displayKey(key),
      generation: ({ generation }) => generation,
      rule: ({ rule }) => rule,
      reason: ({ reason }) => reason,
    },
  },
  "arrival.quarantined": {
    level: "error",
    meaning: "a file cannot be read to its end, and brings no row",
    message: ({ key, reason }) => `${displayKey(key)} is quarantined: ${reason}`,
    fields: {
      file: ({ key }) => displayKey(key),
      batch: ({ number }) => number,
      reason: ({ reason }) => reason,
    },
  },
  "arrival.kept": {
    level: "warn",
    meaning: "tidying took a file that nobody has read; its name is taken by now, and it lies at `path`",
    message: ({ key, path }) => `${displayKey(key)} is kept at ${path}`,
    fields: { file: ({ key }) => displayKey(key), path: ({ path }) => path },
  },
  "batch.planned": {
    level: "info",
    meaning: "a batch begins",
    message: ({ number, files }) => `batch ${number} takes ${countOf(files, "file", "files")}`,
    fields: { ...BATCH, files: ({ files }) => files, bytes: ({ bytes }) => bytes },
  },
  "batch.staged": {
    level: "info",
    meaning: "its rows are written and durable, and not visible yet",
    message: ({ number, rows }) => `batch ${number} has written ${countOf(rows, "row", "rows")}`,
    fields: { ...BATCH, files: ({ files }) => files, rows: ({ rows }) => rows },
  },
  "batch.committed": {
    level: "info",
    meaning: "its rows are in the table, and the ledger knows",
    message: ({ number, version }) => `batch ${number} is version ${version}`,
    fields: {
      ...BATCH,
      version: ({ version }) => version,
      counts: ({ counts }) => counts,
      milliseconds: ({ milliseconds }) => milliseconds,
      stages: ({ stages }) => stages,
    },
  },
  "batch.void": {
    level: "warn",
    meaning: "an attempt came to nothing; its files are planned again",
    message: ({ number, reason }) => `batch ${number} is planned again: ${reason}`,
    fields: { ...BATCH, reason: ({ reason }) => reason },
  },
  "batch.recovered": {
    level: "info",
    meaning: "a batch that a dead process left was brought to its end",
    message: ({ number, outcome }) => `batch ${number} of an earlier run is ${outcome}`,
    fields: { ...BATCH, outcome: ({ outcome }) => outcome },
  },
  "commit.clobbered": {
    level: "error",
    meaning:
      "another writer replaced a version that was won: it does not keep put-if-absent, and nothing is safe beside it",
    message: ({ version }) =>
      `another writer replaced version ${version} after this pipeline had committed it`,
    fields: { batch: ({ number }) => number, version: ({ version }) => version },
  },
  "checkpoint.written": {
    level: "info",
    meaning: "Delta's checkpoint of a version",
    message: ({ version }) => `wrote the checkpoint of version ${version}`,
    fields: { version: ({ version }) => version, milliseconds: ({ milliseconds }) => milliseconds },
  },
  "batches.folded": {
    level: "info",
    meaning: "the manifests and done marks of batches that are done have become one file of state",
    message: ({ first, last }) => `batches ${first} to ${last} were folded into one file`,
    fields: { first: ({ first }) => first, last: ({ last }) => last },
  },
  "history.published": {
    level: "info",
    meaning: "what became of the files of batches stands in the table of the history",
    message: ({ batches }) => `the history of ${countOf(batches, "batch", "batches")} was published`,
    fields: {
      batches: ({ batches }) => batches,
      rows: ({ rows }) => rows,
      milliseconds: ({ milliseconds }) => milliseconds,
    },
  },
  "history.failed": {
    level: "warn",
    meaning: "the table of the history was not written; a later round goes on from where it stands",
    message: ({ reason }) => `the history was not published: ${reason}`,
    fields: { reason: ({ reason }) => reason },
  },
  "log.cleaned": {
    level: "info",
    meaning: "expired files of the table's log were removed, up to but not including `version`",
    message: ({ before }) => `the table's log was cleaned up to version ${before}`,
    fields: {
      version: ({ before }) => before,
      files: ({ files }) => files,
      milliseconds: ({ milliseconds }) => milliseconds,
    },
  },
  "compaction.committed": {
    level: "info",
    meaning: "small data files became fewer, as `version`",
    message: ({ version, filesBefore, filesAfter }) =>
      `version ${version} has ${countOf(filesAfter, "data file", "data files")} in place of ${filesBefore}`,
    fields: {
      version: ({ version }) => version,
      compacted: ({ filesBefore, filesAfter, bytesBefore, bytesAfter }) => ({
        filesBefore,
        filesAfter,
        bytesBefore,
        bytesAfter,
      }),
      milliseconds: ({ milliseconds }) => milliseconds,
    },
  },
  "compaction.void": {
    level: "info",
    meaning: "a compaction gave way to another writer; it is tried again later",
    message: ({ reason }) => `the table was not compacted: ${reason}`,
    fields: { reason: ({ reason }) => reason },
  },
  "schema.changed": {
    level: "info",
    meaning: "the table got columns, or wider types for columns that it had",
    message: ({ added, widened }) =>
      `the table got ${[...added, ...widened.map(({ path, from, to }) => `${path} as ${to} in place of ${from}`)].join(", ")}`,
    fields: {
      columns: ({ added }) => added,
      widened: ({ widened }) =>
        widened.map(({ file, ...column }) =>
          file === undefined ? column : { ...column, file: displayKey(file) },
        ),
    },
  },
  "values.ignored": {
    level: "warn",
    meaning: "values were left out, as `evolutionMode: none` says",
    message: ({ keys }) => `values were left out at ${keys.map(({ path }) => path).join(", ")}`,
    fields: { keys: ({ keys }) => keys.map(({ path }) => path) },
  },
  "round.failed": {
    level: "error",
    meaning: "a round failed with an error that waiting may mend; it is tried again",
    message: ({ error }) => error.message,
    fields: {
      code: ({ error }) => error.code,
      hint: ({ error }) => error.hint,
      retryable: ({ error }) => error.retryable,
      table: ({ error }) => error.subject.table,
      file: ({ error }) => (error.subject.file === undefined ? undefined : displayKey(error.subject.file)),
      batch: ({ error }) => error.subject.batch,
      version: ({ error }) => error.subject.version,
      failures: ({ failures }) => failures,
      retryInMilliseconds: ({ milliseconds }) => milliseconds,
    },
  },
  "round.done": {
    level: "info",
    meaning:
      "a run is done, or a round of a pipeline that keeps running; a round in which nothing happened is not logged",
    message: ({ batches }) => `done: ${countOf(batches, "batch", "batches")}`,
    fields: {
      batches: ({ batches }) => batches,
      discovered: ({ discovered }) => discovered,
      waiting: ({ waiting }) => waiting,
      unreadable: ({ unreadable }) => unreadable,
      milliseconds: ({ milliseconds }) => milliseconds,
    },
  },
  "tidy.done": {
    level: "info",
    meaning: "files whose rows are settled were archived, deleted or moved",
    message: ({ archived, deleted, moved }) =>
      `tidied ${countOf(archived + deleted + moved, "file", "files")}`,
    fields: {
      tidied: ({ archived, deleted, moved, failed, overwritten }) => ({
        archived,
        deleted,
        moved,
        failed,
        overwritten,
      }),
      milliseconds: ({ milliseconds }) => milliseconds,
    },
  },
  "tidy.failed": {
    level: "warn",
    meaning:
      "a file, or what was to go into a folder, could not be tidied and lies where it lay; a later run tries again",
    message: ({ reason }) => `could not be tidied: ${reason}`,
    fields: {
      file: ({ key }) => (key === undefined ? undefined : displayKey(key)),
      path: ({ folder }) => folder,
      reason: ({ reason }) => reason,
    },
  },
  "engine.output": {
    level: "info",
    meaning: "a line that the engine's process printed, or a transform's module in it",
    message: ({ line }) => line,
    fields: {},
  },
  note: { level: "info", meaning: "a sentence to read", message: ({ text }) => text, fields: {} },
};
