/** Runs a pipeline and tells a person, or a program, what came of it. */
import process from "node:process";
import { faultPoint } from "../base/fault-point.ts";
import type { Pipeline } from "../declaration/declaration.ts";
import type { IngestEvent } from "../ingest/events.ts";
import { needsPerson, runDocument, type RunReport } from "../operate/run-report.ts";
import { engineFaults } from "./arm-faults.ts";
import type { DeclarationFlags } from "./declaration-overrides.ts";
import type { EngineAhead } from "./engine-ahead.ts";
import { openPipeline } from "../open/open-pipeline.ts";
import { eventRecord, reportedRun } from "../open/reported-runs.ts";
import { progressLine } from "./progress-line.ts";
import { runSummary } from "./run-summary.ts";

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
  const record = eventRecord();
  const emit = (event: IngestEvent): void => {
    progress.show(event);
    record.emit(event);
  };
  const opened = await openPipeline({
    ...options,
    ...engineFaults(),
    ahead: options.ahead?.take,
    stateFolder: flags.state,
    emit,
    signal,
  });
  let report: RunReport;
  try {
    report = await reportedRun({ opened, record, started });
    faultPoint("run.done");
  } finally {
    progress.clear();
    await opened.close();
  }
  // With the time that closing took: what a person waited for.
  report = { ...report, seconds: (performance.now() - started) / 1000 };
  if (flags.json === true) process.stdout.write(`${JSON.stringify(runDocument(report))}\n`);
  else process.stdout.write(`${runSummary(report)}\n`);
  if (report.result.unreadable > 0) return 3;
  return needsPerson(report) ? 1 : 0;
}
