/** Runs of an opened pipeline, each with the report of what it came to: what the command line prints and the library gives back. */
import type { LastingTrigger } from "../declaration/trigger.ts";
import type { EmitEvent, IngestEvent } from "../ingest/events.ts";
import { keepRunning } from "../ingest/keep-running.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";
import { runPipeline } from "../ingest/run-pipeline.ts";
import type { RunResult } from "../ingest/run.ts";
import type { RunReport } from "../operate/run-report.ts";
import type { OpenPipeline } from "./open-pipeline.ts";

/** What a report tells of what happened: all events but progress and what every round tells, since it was taken last. */
export interface EventRecord {
  readonly emit: EmitEvent;
  take(): readonly IngestEvent[];
}

const UNRECORDED: ReadonlySet<IngestEvent["type"]> = new Set([
  "run.started",
  "listing.progress",
  "batch.progress",
  "round.done",
]);

export function eventRecord(): EventRecord {
  let events: IngestEvent[] = [];
  return {
    emit(event) {
      if (!UNRECORDED.has(event.type)) events.push(event);
    },
    take() {
      const taken = events;
      events = [];
      return taken;
    },
  };
}

/** One run with the trigger `availableNow`. @throws LandfallError as `runPipeline` does */
export async function reportedRun(options: {
  readonly opened: OpenPipeline;
  readonly record: EventRecord;
  /** By `performance.now()`. */
  readonly started: number;
}): Promise<RunReport> {
  const { opened, record, started } = options;
  opened.context.emit(runStarted(opened));
  const result = await runPipeline(opened.context, opened.run);
  return reportOf(opened, { result, events: record.take(), milliseconds: performance.now() - started });
}

/** A report for each round. What every listing finds again is told once, within reason. @throws LandfallError as `keepRunning` does */
export async function* reportedRounds(options: {
  readonly opened: OpenPipeline;
  readonly record: EventRecord;
  readonly trigger: LastingTrigger;
}): AsyncGenerator<RunReport, never> {
  const { opened, record, trigger } = options;
  opened.context.emit(runStarted(opened));
  const isNew = oncePerText();
  const rounds = keepRunning(opened.context, { ...opened.run, trigger });
  for await (const { result, milliseconds } of rounds) {
    const events = record.take().filter((event) => event.type !== "round.failed" && isNew(event));
    yield reportOf(opened, { result, events, milliseconds });
  }
  throw new Error("unreachable: it goes on until it throws");
}

function runStarted({ context, source, table }: OpenPipeline): IngestEvent {
  return { type: "run.started", pipeline: declaredNameOf(context.name), source, table };
}

function reportOf(
  { context, source, table, engine }: OpenPipeline,
  of: {
    readonly result: RunResult;
    readonly events: readonly IngestEvent[];
    readonly milliseconds: number;
  },
): RunReport {
  const { result, events, milliseconds } = of;
  const seconds = milliseconds / 1000;
  const pipeline = declaredNameOf(context.name);
  return { pipeline, source, table, result, events, seconds, engineStarted: engine.started };
}

const MAX_TOLD = 10_000;

/** Undefined for what does not come again and again. */
function repeatedText(event: IngestEvent): string | undefined {
  if (event.type === "note") return event.text;
  if (event.type === "source.unreadable") return `${event.path} ${event.reason}`;
  if (event.type === "history.failed") return event.reason;
  if (event.type === "tidy.failed") return `${event.key ?? event.folder ?? ""} ${event.reason}`;
  return undefined;
}

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
