/**
 * One process that reads SOURCE into TABLE with one file a batch and prints when each batch reached what: the events of a run as
 * a program that uses the library sees them.
 */
import { openPipeline } from "../src/open/open-pipeline.ts";
import { pipelineFromFlags } from "../src/declaration/pipeline-from-flags.ts";
import type { IngestEvent } from "../src/ingest/events.ts";
import { runPipeline } from "../src/ingest/run-pipeline.ts";

/** Milliseconds of the process's own clock. */
export interface BatchTimes {
  readonly staged: number;
  /** Committed, read back, settled, with its done mark. */
  readonly settled: number;
  /** What Delta's checkpoint of its version took; 0 for most. */
  readonly checkpoint: number;
}

async function main(source: string, table: string): Promise<void> {
  const pipeline = pipelineFromFlags(source, table, [
    { key: "limits.maxFilesPerTrigger", text: "1", from: "bench" },
  ]);
  const batches: { staged: number; settled: number; checkpoint: number }[] = [];
  const emit = (event: IngestEvent): void => {
    const now = performance.now();
    if (event.type === "batch.staged") batches.push({ staged: now, settled: now, checkpoint: 0 });
    if (event.type === "batch.committed") batches.at(-1)!.settled = now;
    if (event.type === "checkpoint.written") batches.at(-1)!.checkpoint = event.milliseconds;
  };
  const opened = await openPipeline({ pipeline, emit, signal: new AbortController().signal });
  try {
    await runPipeline(opened.context, opened.run);
  } finally {
    await opened.close();
  }
  process.stdout.write(`${JSON.stringify(batches)}\n`);
}

if (import.meta.main) await main(process.argv[2]!, process.argv[3]!);
