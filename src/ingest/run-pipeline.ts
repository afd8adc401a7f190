/** One run with the trigger `availableNow`. */
import { stopwatch } from "../base/stopwatch.ts";
import { STABLE_WINDOW_MS } from "../sources/stability.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { roundDone } from "./round-done.ts";
import { Run, type RunOptions, type RunResult } from "./run.ts";

/** A run that is to end is not kept by a table that has been left to itself for long; each takes seconds. */
export const COMPACTIONS = 8;

/** @throws LandfallError of every step; what had been committed before stays committed */
export async function runPipeline(context: PipelineContext, options: RunOptions): Promise<RunResult> {
  const watch = stopwatch<"round">();
  const run = new Run(context, options);
  await run.recover();
  await run.baseline();
  const waiting = await takeAvailable(context, run);
  await run.writeIdentity();
  await run.tidy();
  await run.publishHistory();
  await run.compactions.compact(COMPACTIONS);
  await run.fold({ isLeft: false });
  const result = run.result(waiting);
  context.emit(roundDone(result, watch.lap("round")));
  return result;
}

/**
 * Lists, takes what rests, and gives what is too young a second look. Answers how many files are still being written. An old stock is
 * read as long as `goesOn` says so, asked after each part of it.
 */
export async function takeAvailable(
  context: PipelineContext,
  run: Run,
  goesOn: () => boolean = () => true,
): Promise<number> {
  const waiting = await run.list();
  let left = await run.batches();
  let stillWaiting = waiting;
  if (waiting.length > 0) {
    await context.clock.sleep(STABLE_WINDOW_MS, context.signal);
    const again = await run.look({ waiting, isLater: true });
    if (again.found) left = await run.batches();
    stillWaiting = again.waiting;
  }
  while (left && goesOn()) left = await run.batches();
  return stillWaiting.length;
}
