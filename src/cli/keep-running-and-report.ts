/** Keeps a pipeline running and tells of each round that did something, until a signal comes. */
import process from "node:process";
import { isoInstant, systemClock } from "../base/clock.ts";
import { formatDuration } from "../base/units.ts";
import type { LastingTrigger } from "../declaration/trigger.ts";
import { reportedRounds } from "../open/reported-runs.ts";
import { runDocument, type RunReport } from "../operate/run-report.ts";
import type { DeclarationFlags } from "./declaration-overrides.ts";
import { keepHeapSmall } from "./keep-heap-small.ts";
import { openDeclared, type OpenDeclaredOptions } from "./open-declared.ts";
import { roundLines } from "./round-lines.ts";
import type { ServiceNotice } from "./service-notice.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";

export interface KeepRunningAndReportOptions extends OpenDeclaredOptions {
  readonly trigger: LastingTrigger;
  /** Told when the pipeline is open. Default: nobody is. */
  readonly notice?: ServiceNotice;
  /** Asked between rounds: true ends the running, so that the pipeline can be opened as it is declared now. Default: never. */
  readonly isChanged?: () => boolean;
}

/** Returns when `isChanged` says so. @throws LandfallError that no retry helps, the signal's reason among them */
export async function keepRunningAndReport(options: KeepRunningAndReportOptions): Promise<void> {
  const { flags, trigger, output } = options;
  const { opened, record, listener } = await openDeclared(options, output.listen("lasting"));
  options.notice?.ready();
  try {
    output.notice(`${declaredNameOf(opened.context.name)}: ${whenText(trigger)}; Ctrl-C stops it`);
    for await (const report of reportedRounds({ opened, record, trigger })) {
      if (didSomething(report)) say(report, flags);
      keepHeapSmall();
      if (options.isChanged?.() === true) return listener.ended();
    }
  } catch (error) {
    listener.ended(error);
    throw error;
  } finally {
    await opened.close();
  }
}

function whenText(trigger: LastingTrigger): string {
  if (trigger.kind === "continuous") return "reads files as they arrive";
  if (trigger.kind === "every")
    return `looks for files every ${formatDuration(trigger.milliseconds).replace(".0 s", " s")}`;
  return `looks for files now and at the times of "${trigger.expression}" (${trigger.timeZone})`;
}

function didSomething({ result, events }: RunReport): boolean {
  const isTold = events.some(({ type }) => type !== "listing.done");
  return result.batches.length > 0 || Object.keys(result.skipped).length > 0 || isTold;
}

function say(report: RunReport, flags: DeclarationFlags): void {
  const text =
    flags.json === true
      ? JSON.stringify(runDocument(report))
      : roundLines(report, isoInstant(systemClock.now()));
  process.stdout.write(`${text}\n`);
}
