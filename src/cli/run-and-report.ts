/** Runs a pipeline and tells a person, or a program, what came of it. */
import process from "node:process";
import { faultPoint } from "../base/fault-point.ts";
import { needsPerson, runDocument, type RunReport } from "../operate/run-report.ts";
import { reportedRun } from "../open/reported-runs.ts";
import type { RefreshDocument } from "./full-refresh-first.ts";
import { openDeclared, type OpenDeclaredOptions } from "./open-declared.ts";
import { runSummary } from "./run-summary.ts";

export async function runAndReport(
  options: OpenDeclaredOptions & {
    /** What `--full-refresh` did before. */
    readonly fullRefresh?: RefreshDocument | undefined;
  },
): Promise<number> {
  const { flags } = options;
  const started = performance.now();
  const told = options.output.listen("once");
  const { opened, record, listener } = await openDeclared(options, told);
  let report: RunReport;
  try {
    report = await reportedRun({ opened, record, started });
    faultPoint("run.done");
    listener.ended();
  } catch (error) {
    listener.ended(error);
    throw error;
  } finally {
    told.clear();
    await opened.close();
  }
  // With the time that closing took: what a person waited for.
  report = { ...report, seconds: (performance.now() - started) / 1000 };
  if (flags.json === true)
    process.stdout.write(`${JSON.stringify({ ...runDocument(report), fullRefresh: options.fullRefresh })}\n`);
  else process.stdout.write(`${runSummary(report)}\n`);
  if (report.result.unreadable > 0) return 3;
  return needsPerson(report) ? 1 : 0;
}
