/** Runs a pipeline and tells a person, or a program, what came of it. */
import process from "node:process";
import { faultPoint } from "../base/fault-point.ts";
import type { Pipeline } from "../declaration/declaration.ts";
import type { IngestEvent } from "../ingest/events.ts";
import { runPipeline } from "../ingest/run-pipeline.ts";
import type { RunResult } from "../ingest/run.ts";
import type { DeclarationFlags } from "./declaration-overrides.ts";
import type { EngineAhead } from "./engine-ahead.ts";
import { openPipeline } from "./open-pipeline.ts";
import { progressLine } from "./progress-line.ts";
import { needsPerson, runSummary, summaryDocument, type RunReport } from "./run-summary.ts";

export async function runAndReport(options: {
  readonly pipeline: Pipeline;
  readonly sources?: readonly string[];
  readonly flags: DeclarationFlags;
  readonly signal: AbortSignal;
  readonly ahead?: EngineAhead;
}): Promise<number> {
  const { flags, signal } = options;
  const started = performance.now();
  const progress = progressLine(process.stderr);
  const events: IngestEvent[] = [];
  const emit = (event: IngestEvent): void => {
    progress.show(event);
    if (event.type !== "listing.progress" && event.type !== "batch.progress") events.push(event);
  };
  const opened = await openPipeline({ ...options, stateFolder: flags.state, emit, signal });
  let result: RunResult;
  try {
    result = await runPipeline(opened.context, opened.run);
    faultPoint("run.done");
  } finally {
    progress.clear();
    await opened.close();
  }
  const { context, source, table } = opened;
  const report: RunReport = {
    pipeline: context.name,
    source,
    table,
    result,
    events,
    seconds: (performance.now() - started) / 1000,
    engineStarted: opened.engine.started,
  };
  if (flags.json === true) process.stdout.write(`${JSON.stringify(summaryDocument(report))}\n`);
  else process.stdout.write(`${runSummary(report)}\n`);
  if (result.unreadable > 0) return 3;
  return needsPerson(report) ? 1 : 0;
}
