/** Keeps a pipeline running and tells of each round that did something, until a signal comes. */
import process from "node:process";
import { isoInstant, systemClock } from "../base/clock.ts";
import { formatDuration } from "../base/units.ts";
import type { Pipeline } from "../declaration/declaration.ts";
import type { Trigger } from "../declaration/trigger.ts";
import type { IngestEvent } from "../ingest/events.ts";
import { keepRunning } from "../ingest/keep-running.ts";
import type { RunResult } from "../ingest/run.ts";
import type { DeclarationFlags } from "./declaration-overrides.ts";
import type { EngineAhead } from "./engine-ahead.ts";
import { openPipeline } from "./open-pipeline.ts";
import { describeError } from "./report-error.ts";
import { roundLines } from "./round-lines.ts";
import type { ServiceNotice } from "./service-notice.ts";
import { summaryDocument, type RunReport } from "./run-summary.ts";

const MAX_TOLD = 10_000;

export interface KeepRunningAndReportOptions {
  readonly pipeline: Pipeline;
  readonly trigger: Exclude<Trigger, { readonly kind: "availableNow" }>;
  readonly sources?: readonly string[];
  readonly flags: DeclarationFlags;
  readonly signal: AbortSignal;
  readonly ahead?: EngineAhead;
  /** Gives batches of several pipelines a turn each. Default: this one is alone. */
  readonly turn?: <T>(work: () => Promise<T>) => Promise<T>;
  /** Told when the pipeline is open. Default: nobody is. */
  readonly notice?: ServiceNotice;
  /** Asked between rounds: true ends the running, so that the pipeline can be opened as it is declared now. Default: never. */
  readonly isChanged?: () => boolean;
}

/** Returns when `isChanged` says so. @throws LandfallError that no retry helps, the signal's reason among them */
export async function keepRunningAndReport(options: KeepRunningAndReportOptions): Promise<void> {
  const { flags, signal, trigger } = options;
  let events: IngestEvent[] = [];
  const isNew = oncePerText();
  const emit = (event: IngestEvent): void => {
    if (event.type === "round.failed") sayFailure(event);
    else if (event.type !== "listing.progress" && event.type !== "batch.progress" && isNew(event))
      events.push(event);
  };
  const opened = await openPipeline({ ...options, stateFolder: flags.state, emit, signal });
  const { context, run, source, table } = opened;
  options.notice?.ready();
  try {
    process.stderr.write(`${context.name}: ${whenText(trigger)}; Ctrl-C stops it\n`);
    const { turn } = options;
    const stageFiles: typeof run.stageFiles =
      turn === undefined ? run.stageFiles : (batch) => turn(() => run.stageFiles(batch));
    for await (const { result, milliseconds } of keepRunning(context, { ...run, stageFiles, trigger })) {
      const seconds = milliseconds / 1000;
      const engineStarted = opened.engine.started;
      const report = { pipeline: context.name, source, table, result, events, seconds, engineStarted };
      if (didSomething(result, events)) say(report, flags);
      events = [];
      if (options.isChanged?.() === true) return;
    }
  } finally {
    await opened.close();
  }
}

/** Undefined for what does not come again and again. */
function repeatedText(event: IngestEvent): string | undefined {
  if (event.type === "note") return event.text;
  if (event.type === "source.unreadable") return `${event.path} ${event.reason}`;
  if (event.type === "tidy.failed") return `${event.key ?? event.folder ?? ""} ${event.reason}`;
  return undefined;
}

/** What each listing finds again is told once, within reason. */
function oncePerText(): (event: IngestEvent) => boolean {
  const told = new Set<string>();
  return (event) => {
    const text = repeatedText(event);
    if (text === undefined) return true;
    if (told.has(text)) return false;
    if (told.size >= MAX_TOLD) told.clear();
    told.add(text);
    return true;
  };
}

function whenText(trigger: KeepRunningAndReportOptions["trigger"]): string {
  if (trigger.kind === "continuous") return "reads files as they arrive";
  if (trigger.kind === "every")
    return `looks for files every ${formatDuration(trigger.milliseconds).replace(".0 s", " s")}`;
  return `looks for files at the times of "${trigger.expression}" (${trigger.timeZone})`;
}

function didSomething(result: RunResult, events: readonly IngestEvent[]): boolean {
  const isTold = events.some(({ type }) => type !== "listing.done");
  return result.batches.length > 0 || Object.keys(result.skipped).length > 0 || isTold;
}

function say(report: RunReport, flags: DeclarationFlags): void {
  const text =
    flags.json === true
      ? JSON.stringify(summaryDocument(report))
      : roundLines(report, isoInstant(systemClock.now()));
  process.stdout.write(`${text}\n`);
}

function sayFailure(event: Extract<IngestEvent, { readonly type: "round.failed" }>): void {
  const at = isoInstant(systemClock.now());
  process.stderr.write(
    `${at}  ${describeError(event.error)}\n  tried again in ${formatDuration(event.milliseconds)}\n`,
  );
}
