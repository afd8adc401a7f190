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
  await run.tidy();
  await run.compactions.compact(COMPACTIONS);
  await run.fold({ isLeft: false });
  const result = run.result(waiting);
  context.emit(roundDone(result, watch.lap("round")));
  return result;
}

/** Lists, takes what rests, and gives what is too young a second look. Answers how many files are still being written. */
export async function takeAvailable(context: PipelineContext, run: Run): Promise<number> {
  const waiting = await run.list();
  await run.batches();
  if (waiting.length === 0) return 0;
  await context.clock.sleep(STABLE_WINDOW_MS, context.signal);
  const again = await run.look({ waiting, isLater: true });
  if (again.found) await run.batches();
  return again.waiting.length;
}
