/** Where a run's time went, from its events. */
import type { BatchStage, IngestEvent } from "../ingest/events.ts";

/** Milliseconds of a run by stage; what is missing to the whole is the start, take-in and the choice of files. */
export type StageTimes = Readonly<Record<"list" | BatchStage | "checkpoint", number>>;

/** Sums over all batches, to a tenth of a millisecond. */
export function stageTimes(events: readonly IngestEvent[]): StageTimes {
  const times = {
    list: 0,
    plan: 0,
    engine: 0,
    scan: 0,
    prepare: 0,
    write: 0,
    files: 0,
    commit: 0,
    settle: 0,
    done: 0,
    checkpoint: 0,
  };
  for (const event of events) {
    if (event.type === "listing.done") times.list += event.milliseconds;
    if (event.type === "checkpoint.written") times.checkpoint += event.milliseconds;
    if (event.type !== "batch.committed") continue;
    for (const [stage, milliseconds] of Object.entries(event.stages))
      times[stage as BatchStage] += milliseconds;
  }
  for (const stage of Object.keys(times) as (keyof typeof times)[]) {
    times[stage] = Math.round(times[stage] * 10) / 10;
  }
  return times;
}
