/** Every metric of a process that runs pipelines. docs/reference/metrics.md is made of this. */
import { ARRIVAL_STATES } from "../ledger/states.ts";

export interface MetricDefinition {
  readonly kind: "counter" | "gauge" | "histogram";
  /** As UCUM writes it: `s`, `By`; absent for a plain number. */
  readonly unit?: "s" | "By";
  readonly meaning: string;
  /** Beside `pipeline`, which all have but `landfall_build_info`. */
  readonly labels?: Readonly<Record<string, string>>;
}

export const FILE_OUTCOMES = ["committed", "quarantined", "skipped"] as const;
export const TIDY_OUTCOMES = ["archived", "deleted", "moved", "failed", "overwritten"] as const;
export const BATCH_OUTCOMES = ["committed", "void"] as const;
export const COMPACTION_OUTCOMES = ["committed", "void"] as const;
export const COMPACTION_SIDES = ["before", "after"] as const;
export const ROUND_OUTCOMES = ["done", "failed"] as const;

/** Upper bounds of the histograms, in seconds: from the commit of a small batch to hours of a first run. */
export const DURATION_BUCKETS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600,
];

const words = (values: readonly string[]): string => values.map((value) => `\`${value}\``).join(", ");

export const METRICS = {
  landfall_up: {
    kind: "gauge",
    meaning:
      "1 while the pipeline is held and its last round did not fail; 0 while rounds fail, and after an error has ended it.",
  },
  landfall_files_total: {
    kind: "counter",
    meaning: "Files that came to an outcome.",
    labels: { outcome: words(FILE_OUTCOMES) },
  },
  landfall_files_discovered_total: {
    kind: "counter",
    meaning: "Files seen for the first time, or again after they were gone; counted when a round is done.",
  },
  landfall_files_tidied_total: {
    kind: "counter",
    meaning:
      "Files that tidying took out of the source, could not take (`failed`), or kept aside (`overwritten`).",
    labels: { outcome: words(TIDY_OUTCOMES) },
  },
  landfall_rows_read_total: { kind: "counter", meaning: "Records read, of batches that committed." },
  landfall_rows_written_total: { kind: "counter", meaning: "Rows written into the table." },
  landfall_rows_rescued_total: { kind: "counter", meaning: "Rows with values in the rescued-data column." },
  landfall_rows_ignored_total: {
    kind: "counter",
    meaning: "Rows with values that were left out, as evolutionMode none says.",
  },
  landfall_rows_corrupt_total: {
    kind: "counter",
    meaning: "Rows that are the text of a record that could not be read.",
  },
  landfall_rows_rejected_total: {
    kind: "counter",
    meaning: "Records that could not be read, and rows that broke a rule.",
  },
  landfall_read_bytes_total: {
    kind: "counter",
    unit: "By",
    meaning: "Bytes read from files, of batches that committed.",
  },
  landfall_batches_total: {
    kind: "counter",
    meaning: "Batches that committed, and attempts that came to nothing (`void`).",
    labels: { outcome: words(BATCH_OUTCOMES) },
  },
  landfall_rounds_total: {
    kind: "counter",
    meaning: "Looks at the source with all that they led to: done, or failed and tried again.",
    labels: { outcome: words(ROUND_OUTCOMES) },
  },
  landfall_errors_total: {
    kind: "counter",
    meaning: "Errors that failed a round or ended the pipeline; a series for each code that came.",
    labels: { code: "the error's code" },
  },
  landfall_batch_duration_seconds: {
    kind: "histogram",
    unit: "s",
    meaning: "From the plan of a batch to its done mark, of batches that committed.",
  },
  landfall_stage_duration_seconds: {
    kind: "histogram",
    unit: "s",
    meaning:
      "Time by stage, of batches that committed, and of listings, checkpoints, clean-ups of the Delta log and tidying.",
    labels: {
      stage: words([
        "list",
        "plan",
        "engine",
        "scan",
        "prepare",
        "write",
        "files",
        "commit",
        "settle",
        "done",
        "checkpoint",
        "cleanup",
        "tidy",
      ]),
    },
  },
  landfall_compactions_total: {
    kind: "counter",
    meaning: "Compactions that committed, and those that gave way to another writer (`void`).",
    labels: { outcome: words(COMPACTION_OUTCOMES) },
  },
  landfall_compaction_files_total: {
    kind: "counter",
    meaning:
      "Data files of compactions that committed: those that were rewritten (`before`), and what they became (`after`).",
    labels: { side: words(COMPACTION_SIDES) },
  },
  landfall_compaction_bytes_total: {
    kind: "counter",
    unit: "By",
    meaning: "Bytes of the same data files.",
    labels: { side: words(COMPACTION_SIDES) },
  },
  landfall_compaction_duration_seconds: {
    kind: "histogram",
    unit: "s",
    meaning: "How long a compaction took, of those that committed.",
  },
  landfall_log_files_removed_total: {
    kind: "counter",
    meaning: "Expired files of the Delta log that were removed.",
  },
  landfall_ledger_files: {
    kind: "gauge",
    meaning: "Files by the state that the ledger has them in.",
    labels: { state: words(ARRIVAL_STATES) },
  },
  landfall_files_waiting: {
    kind: "gauge",
    meaning: "Files that were seen and have no outcome yet: waiting, discovered or claimed.",
  },
  landfall_oldest_waiting_age_seconds: {
    kind: "gauge",
    unit: "s",
    meaning:
      "For how long the file has waited that was seen first of those without an outcome; 0 where none waits. Of a pipeline that has ended its ledger tells, as `status` does.",
  },
  landfall_oldest_waiting_timestamp_seconds: {
    kind: "gauge",
    unit: "s",
    meaning: "When that file was seen, since the epoch; absent where none waits.",
  },
  landfall_newest_seen_timestamp_seconds: {
    kind: "gauge",
    unit: "s",
    meaning:
      "When the file was modified that was modified last of those seen by this process, since the epoch.",
  },
  landfall_newest_committed_timestamp_seconds: {
    kind: "gauge",
    unit: "s",
    meaning: "The same of files in batches that this process committed; absent until it has committed one.",
  },
  landfall_last_round_timestamp_seconds: {
    kind: "gauge",
    unit: "s",
    meaning: "When a round was last done, since the epoch; absent until one is.",
  },
  landfall_last_batch_number: {
    kind: "gauge",
    meaning: "The number of the last batch that the ledger has taken in; absent before the first.",
  },
  landfall_table_version: {
    kind: "gauge",
    meaning: "The version of the table that this batch became; others may have written since.",
  },
  landfall_build_info: {
    kind: "gauge",
    meaning: "1; the version of Landfall stands in its label.",
    labels: { version: "the version of Landfall" },
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof METRICS;
