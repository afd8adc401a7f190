/**
 * What happens in a run, for programs: progress, the summary, metrics and the dashboard are made of these; nothing parses logs.
 */
import type { LandfallError } from "../base/landfall-error.ts";
import type { SkipRule } from "../ledger/states.ts";

export interface BatchCounts {
  readonly files: number;
  readonly committed: number;
  readonly quarantined: number;
  readonly skipped: number;
  readonly rowsRead: number;
  /** Rows that stand in the table. */
  readonly rowsWritten: number;
  readonly rowsRescued: number;
  /** Rows of which something was left out, because there is no rescued-data column. */
  readonly rowsIgnored: number;
  /** Rows that are the text of a record that could not be read. */
  readonly rowsCorrupt: number;
  /** Records that could not be read, and rows that broke a rule. */
  readonly rowsRejected: number;
  /** Both 0 without a transform. */
  readonly rowsIntoTransform: number;
  readonly rowsOutOfTransform: number;
  readonly bytes: number;
}

/**
 * Where the time of a batch goes: `plan` (its record in the ledger) · `scan`, `prepare`, `write` (the engine's work) · `engine`
 * (its start and the messages) · `files` (all else of staging: looks at the inputs, the manifest, data files into place, fsync) ·
 * `commit` (with its read-back) · `settle` · `done`.
 */
export type BatchStage =
  | "plan"
  | "engine"
  | "scan"
  | "prepare"
  | "write"
  | "files"
  | "commit"
  | "settle"
  | "done";

export type StageMilliseconds = Readonly<Partial<Record<BatchStage, number>>>;

/** Files that tidying archived, deleted, moved to quarantine, could not tidy, and kept aside since their name was taken. */
export interface TidyCounts {
  readonly archived: number;
  readonly deleted: number;
  readonly moved: number;
  readonly failed: number;
  readonly overwritten: number;
}

/** What compactions came to: data files and their bytes before and after. */
export interface CompactionCounts {
  readonly filesBefore: number;
  readonly filesAfter: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly milliseconds: number;
}

export type IngestEvent =
  /** The first of every run, and of every pipeline that begins to keep running. */
  | {
      readonly type: "run.started";
      readonly pipeline: string;
      readonly table: string;
      readonly source: string;
    }
  /** A listing is under way; `seen` objects so far. */
  | { readonly type: "listing.progress"; readonly seen: number }
  | {
      readonly type: "listing.done";
      readonly seen: number;
      readonly discovered: number;
      readonly waiting: number;
      /** When the file that was modified last was, milliseconds since the epoch; absent where nothing lies there. */
      readonly newestModifiedAt?: number;
      /** Passed by, since a name or a marker says that they are not finished; absent for none. Folders count as one. */
      readonly unfinished?: number;
      readonly milliseconds: number;
    }
  | { readonly type: "source.unreadable"; readonly path: string; readonly reason: string }
  | {
      readonly type: "arrival.skipped";
      readonly key: string;
      readonly generation: string;
      readonly rule: SkipRule;
      readonly reason?: string;
    }
  /** `number`: of the batch that it was to be part of. */
  | {
      readonly type: "arrival.quarantined";
      readonly key: string;
      readonly number: number;
      readonly reason: string;
    }
  | {
      readonly type: "batch.planned";
      readonly number: number;
      readonly batchId: string;
      readonly files: number;
      readonly bytes: number;
      /** When the file of it that was modified last was; milliseconds since the epoch. */
      readonly newestModifiedAt: number;
      /** That the plan took. */
      readonly milliseconds: number;
    }
  /** How far the engine has come with the batch: bytes while it scans and prepares, hundredths while it writes. */
  | {
      readonly type: "batch.progress";
      readonly phase: "scan" | "prepare" | "write";
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly type: "batch.staged";
      readonly number: number;
      readonly batchId: string;
      readonly files: number;
      readonly rows: number;
    }
  | {
      readonly type: "batch.committed";
      readonly number: number;
      readonly batchId: string;
      readonly version: number;
      readonly counts: BatchCounts;
      readonly milliseconds: number;
      readonly stages: StageMilliseconds;
    }
  /** Delta's checkpoint of a version. */
  | { readonly type: "checkpoint.written"; readonly version: number; readonly milliseconds: number }
  /** Expired files of the Delta log were removed, up to but not including a version. */
  | {
      readonly type: "log.cleaned";
      readonly before: number;
      readonly files: number;
      readonly milliseconds: number;
    }
  /** Small data files became fewer, as this version. */
  | ({ readonly type: "compaction.committed"; readonly version: number } & CompactionCounts)
  /** A compaction gave way to another writer: it is tried again later. */
  | { readonly type: "compaction.void"; readonly reason: string }
  /** The manifests and done marks of these batches have become one file of state. */
  | { readonly type: "batches.folded"; readonly first: number; readonly last: number }
  /** A lost attempt: another writer or an earlier life of this pipeline took the number, or the table changed. */
  | {
      readonly type: "batch.void";
      readonly number: number;
      readonly batchId: string;
      readonly reason: string;
    }
  /** A batch of a dead process was found and brought to its end. */
  | {
      readonly type: "batch.recovered";
      readonly number: number;
      readonly batchId: string;
      readonly outcome: "settled" | "void";
    }
  /** Another writer put its commit in the place of ours after we had won: it does not keep put-if-absent. */
  | { readonly type: "commit.clobbered"; readonly number: number; readonly version: number }
  /** Columns that an existing table did not have, and those that got a wider type; nested ones by their dotted path. */
  | {
      readonly type: "schema.changed";
      readonly added: readonly string[];
      readonly widened: readonly {
        readonly path: string;
        /** Types as DDL. */
        readonly from: string;
        readonly to: string;
        /** The key of an arrival that brought such a value. */
        readonly file?: string;
      }[];
    }
  /** Values at these keys, dotted, were left out; each with one file that holds it. */
  | {
      readonly type: "values.ignored";
      readonly keys: readonly { readonly path: string; readonly file?: string | undefined }[];
    }
  /** A round failed with an error that a retry may help: it is tried again after so long. `failures` in a row so far. */
  | {
      readonly type: "round.failed";
      readonly error: LandfallError;
      readonly failures: number;
      readonly milliseconds: number;
    }
  /** A run came to its end, or one round of a pipeline that keeps running: what it had to read is read. */
  | {
      readonly type: "round.done";
      /** Committed in it. */
      readonly batches: number;
      readonly discovered: number;
      /** Still being written: left for the next round. */
      readonly waiting: number;
      readonly unreadable: number;
      readonly milliseconds: number;
    }
  /** What was done with files whose rows are settled. */
  | ({ readonly type: "tidy.done"; readonly milliseconds: number } & TidyCounts)
  /** A warning: the file, or what was to go into the folder, lies where it lay; a later run tries again. */
  | {
      readonly type: "tidy.failed";
      readonly key?: string;
      readonly folder?: string;
      readonly reason: string;
    }
  /** Batches, and rows about their files, that were added to the table of the history. */
  | {
      readonly type: "history.published";
      readonly batches: number;
      readonly rows: number;
      readonly milliseconds: number;
    }
  /** A warning: a later round goes on from where the table of the history stands. */
  | { readonly type: "history.failed"; readonly reason: string }
  /** A file that nobody has read was taken in place of another; its name was taken meanwhile, and it lies at `path` now. */
  | { readonly type: "arrival.kept"; readonly key: string; readonly path: string }
  /** A line that the engine's process printed; a transform's module runs in it. On the command line it goes to stderr as it is. */
  | { readonly type: "engine.output"; readonly line: string }
  | { readonly type: "note"; readonly text: string };

export type EmitEvent = (event: IngestEvent) => void;
