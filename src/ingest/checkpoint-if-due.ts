import { faultPoint } from "../base/fault-point.ts";
import { isLandfallError, messageOf } from "../base/landfall-error.ts";
import { stopwatch } from "../base/stopwatch.ts";
import { shouldCheckpoint, writeCheckpoint } from "../delta/checkpoint.ts";
import type { PipelineContext } from "./pipeline-context.ts";

/** Writes Delta's checkpoint where the table's interval asks for one. A checkpoint that fails is a warning: the commit stands. */
export async function checkpointIfDue(context: PipelineContext, version: number): Promise<void> {
  const { storage, parquet } = context.table;
  const watch = stopwatch<"checkpoint">();
  try {
    const state = await context.table.refresh();
    if (state === undefined || !shouldCheckpoint({ version, configuration: state.metadata.configuration }))
      return;
    faultPoint("checkpoint.before");
    await writeCheckpoint({ storage, parquet, version, now: context.clock.now() });
    faultPoint("checkpoint.after");
    context.emit({ type: "checkpoint.written", version, milliseconds: watch.lap("checkpoint") });
  } catch (error) {
    if (isLandfallError(error, "ABORTED")) throw error;
    context.emit({
      type: "note",
      text: `The checkpoint of version ${version} was not written: ${messageOf(error)}`,
    });
  }
}
