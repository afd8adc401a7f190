import { faultPoint } from "../base/fault-point.ts";
import { isLandfallError, messageOf } from "../base/landfall-error.ts";
import { stopwatch } from "../base/stopwatch.ts";
import { shouldCheckpoint } from "../delta/checkpoint.ts";
import { cleanUpLogIfDue } from "./clean-up-log-if-due.ts";
import type { PipelineContext } from "./pipeline-context.ts";

/**
 * Writes Delta's checkpoint where the table's interval asks for one, and lets go of what has expired of the log; true where it has. A
 * checkpoint that fails is a warning: the commit stands.
 */
export async function checkpointIfDue(context: PipelineContext, version: number): Promise<boolean> {
  const { table } = context;
  // As the commit knew them: no commit changes them but another writer's, which the next one sees.
  const configuration = table.known()?.metadata.configuration;
  if (configuration === undefined || !shouldCheckpoint({ version, configuration })) return false;
  const watch = stopwatch<"checkpoint">();
  try {
    await table.refresh();
    faultPoint("checkpoint.before");
    await table.checkpoint(version, context.clock.now());
    faultPoint("checkpoint.after");
    context.emit({ type: "checkpoint.written", version, milliseconds: watch.lap("checkpoint") });
  } catch (error) {
    if (isLandfallError(error, "ABORTED")) throw error;
    context.emit({
      type: "note",
      text: `The checkpoint of version ${version} was not written: ${messageOf(error)}`,
    });
    return false;
  }
  await cleanUpLogIfDue(context);
  return true;
}
