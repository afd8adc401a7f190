import type { IngestEvent } from "./events.ts";
import type { RunResult } from "./run.ts";

/** What a round came to, as its last event tells it. */
export function roundDone(result: RunResult, milliseconds: number): IngestEvent {
  const { batches, discovered, waiting, unreadable } = result;
  return { type: "round.done", batches: batches.length, discovered, waiting, unreadable, milliseconds };
}
