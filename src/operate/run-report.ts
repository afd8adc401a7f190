/** What a run, or one round of a pipeline that keeps running, came to: for the summary, and as the documented JSON document. */
import { sumCounts } from "../ingest/batch-counts.ts";
import type { BatchCounts, CompactionCounts, IngestEvent, TidyCounts } from "../ingest/events.ts";
import type { RunResult } from "../ingest/run.ts";
import { stageTimes, type StageTimes } from "./stage-times.ts";

export interface RunReport {
  readonly pipeline: string;
  readonly source: string;
  readonly table: string;
  readonly result: RunResult;
  /** All but progress. */
  readonly events: readonly IngestEvent[];
  readonly seconds: number;
  /** False for a run that found nothing to read. */
  readonly engineStarted: boolean;
}

/** What `--json` prints and the library gives back; its shape is part of the interface (docs/reference/json-output.md). */
export interface RunDocument {
  readonly schemaVersion: 1;
  readonly pipeline: string;
  /** Its location. */
  readonly table: string;
  /** How many were committed, */
  readonly batches: number;
  /** and as which versions of the table. */
  readonly versions: readonly number[];
  /** Numbers of files. */
  readonly files: {
    readonly discovered: number;
    readonly committed: number;
    readonly quarantined: number;
    readonly skipped: number;
    /** Still being written: left for the next run. */
    readonly waiting: number;
    readonly unreadable: number;
  };
  readonly rows: {
    readonly read: number;
    readonly written: number;
    readonly updated: number;
    readonly deleted: number;
    readonly rescued: number;
    readonly rejected: number;
    /** With values that were left out: `schema.evolutionMode: none`. */
    readonly ignored: number;
    /** Text of records that could not be read: `columnNameOfCorruptRecord`. */
    readonly corrupt: number;
  };
  /** With a transform that had rows. */
  readonly transform?: { readonly rowsIn: number; readonly rowsOut: number };
  /** Files that were archived, deleted, moved to the quarantine folder; those that could not be, or were kept for another. */
  readonly tidied: TidyCounts;
  /** What compactions of small data files came to: files and bytes before and after. */
  readonly compacted: CompactionCounts;
  /** Dotted keys whose values were left out. */
  readonly ignoredKeys: readonly string[];
  /** That were read. */
  readonly bytes: number;
  readonly seconds: number;
  /** False when there was nothing to read, so that the engine was not needed. */
  readonly engineStarted: boolean;
  /** True when a file was quarantined, overwritten or has grown, or a row was rejected: exit code 1 of the command line. */
  readonly needsPerson: boolean;
  readonly stages: StageTimes;
}

export function runDocument(report: RunReport): RunDocument {
  const { result } = report;
  const totals = totalsOf(result);
  const judged = Object.values(result.skipped).reduce((sum, count) => sum + count, 0);
  return {
    schemaVersion: 1,
    pipeline: report.pipeline,
    table: report.table,
    batches: result.batches.length,
    versions: result.batches.map((batch) => batch.version),
    files: {
      discovered: result.discovered,
      committed: totals.committed,
      quarantined: totals.quarantined,
      skipped: totals.skipped + judged,
      waiting: result.waiting,
      unreadable: result.unreadable,
    },
    rows: {
      read: totals.rowsRead,
      written: totals.rowsWritten,
      updated: 0,
      deleted: 0,
      rescued: totals.rowsRescued,
      rejected: totals.rowsRejected,
      ignored: totals.rowsIgnored,
      corrupt: totals.rowsCorrupt,
    },
    ...(hasTransform(totals)
      ? { transform: { rowsIn: totals.rowsIntoTransform, rowsOut: totals.rowsOutOfTransform } }
      : {}),
    tidied: result.tidied,
    compacted: result.compacted,
    ignoredKeys: ignoredKeys(report.events),
    bytes: totals.bytes,
    seconds: Math.round(report.seconds * 1000) / 1000,
    engineStarted: report.engineStarted,
    needsPerson: needsPerson(report),
    stages: stageTimes(report.events),
  };
}

/** True when something in this run needs a person: exit code 1. */
export function needsPerson(report: RunReport): boolean {
  const totals = totalsOf(report.result);
  const { skipped } = report.result;
  return (
    totals.quarantined > 0 ||
    totals.rowsRejected > 0 ||
    (skipped.overwritten ?? 0) > 0 ||
    (skipped.grown ?? 0) > 0 ||
    report.result.tidied.overwritten > 0
  );
}

/** Over all batches. */
export function totalsOf(result: RunResult): BatchCounts {
  return sumCounts(result.batches.map((batch) => batch.counts));
}

export function hasTransform(totals: BatchCounts): boolean {
  return totals.rowsIntoTransform > 0 || totals.rowsOutOfTransform > 0;
}

/** Each once, over all batches. */
export function ignoredKeys(events: readonly IngestEvent[]): string[] {
  const keys = events.flatMap((event) => (event.type === "values.ignored" ? event.keys : []));
  return [...new Set(keys.map(({ path }) => path))];
}
