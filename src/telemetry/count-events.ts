/** What counters and histograms make of the events of one pipeline. */
import type { Attributes } from "@opentelemetry/api";
import type { BatchCounts, IngestEvent } from "../ingest/events.ts";
import { handle, type EventHandlers } from "./event-handlers.ts";
import type { Instruments } from "./meter-instruments.ts";
import {
  BATCH_OUTCOMES,
  COMPACTION_OUTCOMES,
  COMPACTION_SIDES,
  FILE_OUTCOMES,
  METRICS,
  ROUND_OUTCOMES,
  TIDY_OUTCOMES,
  type MetricDefinition,
  type MetricName,
} from "./metric-definitions.ts";

export interface EventCounts {
  /** Makes all series that are known beforehand, so that the first of a kind is seen as a rise from 0. */
  begin(): void;
  count(event: IngestEvent): void;
  add(metric: MetricName, value: number, labels?: Attributes): void;
}

const ROWS: readonly (readonly [MetricName, keyof BatchCounts])[] = [
  ["landfall_rows_read_total", "rowsRead"],
  ["landfall_rows_written_total", "rowsWritten"],
  ["landfall_rows_rescued_total", "rowsRescued"],
  ["landfall_rows_ignored_total", "rowsIgnored"],
  ["landfall_rows_corrupt_total", "rowsCorrupt"],
  ["landfall_rows_rejected_total", "rowsRejected"],
  ["landfall_read_bytes_total", "bytes"],
];

/** Labels of which every value is known beforehand. */
const KNOWN_LABELS: readonly (readonly [MetricName, "outcome" | "side", readonly string[]])[] = [
  ["landfall_files_total", "outcome", FILE_OUTCOMES],
  ["landfall_files_tidied_total", "outcome", TIDY_OUTCOMES],
  ["landfall_batches_total", "outcome", BATCH_OUTCOMES],
  ["landfall_rounds_total", "outcome", ROUND_OUTCOMES],
  ["landfall_compactions_total", "outcome", COMPACTION_OUTCOMES],
  ["landfall_compaction_files_total", "side", COMPACTION_SIDES],
  ["landfall_compaction_bytes_total", "side", COMPACTION_SIDES],
];

export function countEvents({ counters, histograms }: Instruments, pipeline: string): EventCounts {
  const add = (metric: MetricName, value: number, labels: Attributes = {}): void =>
    counters.get(metric)!.add(value, { pipeline, ...labels });
  const stage = (name: string, milliseconds: number): void =>
    histograms.get("landfall_stage_duration_seconds")!.record(milliseconds / 1000, { pipeline, stage: name });
  const committed = (event: Extract<IngestEvent, { readonly type: "batch.committed" }>): void => {
    const { counts, milliseconds, stages } = event;
    for (const [metric, field] of ROWS) add(metric, counts[field]);
    add("landfall_files_total", counts.committed, { outcome: "committed" });
    add("landfall_files_total", counts.quarantined, { outcome: "quarantined" });
    add("landfall_batches_total", 1, { outcome: "committed" });
    histograms.get("landfall_batch_duration_seconds")!.record(milliseconds / 1000, { pipeline });
    for (const [name, spent] of Object.entries(stages)) stage(name, spent);
  };
  const handlers: EventHandlers = {
    "batch.committed": committed,
    "batch.void": () => add("landfall_batches_total", 1, { outcome: "void" }),
    // Those of a batch too: its counts name them once more.
    "arrival.skipped": () => add("landfall_files_total", 1, { outcome: "skipped" }),
    "listing.done": ({ milliseconds }) => stage("list", milliseconds),
    "checkpoint.written": ({ milliseconds }) => stage("checkpoint", milliseconds),
    "log.cleaned": ({ files, milliseconds }) => {
      add("landfall_log_files_removed_total", files);
      stage("cleanup", milliseconds);
    },
    "compaction.committed": (event) => {
      add("landfall_compactions_total", 1, { outcome: "committed" });
      add("landfall_compaction_files_total", event.filesBefore, { side: "before" });
      add("landfall_compaction_files_total", event.filesAfter, { side: "after" });
      add("landfall_compaction_bytes_total", event.bytesBefore, { side: "before" });
      add("landfall_compaction_bytes_total", event.bytesAfter, { side: "after" });
      histograms.get("landfall_compaction_duration_seconds")!.record(event.milliseconds / 1000, { pipeline });
    },
    "compaction.void": () => add("landfall_compactions_total", 1, { outcome: "void" }),
    "tidy.done": (event) => {
      for (const outcome of TIDY_OUTCOMES)
        if (outcome !== "failed") add("landfall_files_tidied_total", event[outcome], { outcome });
      stage("tidy", event.milliseconds);
    },
    // What failed is told by itself, also where nothing was done.
    "tidy.failed": () => add("landfall_files_tidied_total", 1, { outcome: "failed" }),
    "commit.clobbered": () => add("landfall_errors_total", 1, { code: "COMMIT_CLOBBERED" }),
    "round.failed": ({ error }) => {
      add("landfall_errors_total", 1, { code: error.code });
      add("landfall_rounds_total", 1, { outcome: "failed" });
    },
    "round.done": ({ discovered }) => {
      add("landfall_files_discovered_total", discovered);
      add("landfall_rounds_total", 1, { outcome: "done" });
    },
  };
  return {
    add,
    begin() {
      for (const [metric, label, values] of KNOWN_LABELS)
        for (const value of values) add(metric, 0, { [label]: value });
      for (const metric of counters.keys()) {
        const { labels }: MetricDefinition = METRICS[metric];
        if (labels === undefined) add(metric, 0);
      }
    },
    count: (event) => handle(handlers, event),
  };
}
