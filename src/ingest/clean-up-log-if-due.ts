/**
 * Removes expired commits of the Delta log, but none that a pipeline of Landfall still needs: a batch without its done mark is known by its
 * commit alone (exactly-once rules, §2), whichever pipeline it is of.
 */
import { isLandfallError, messageOf } from "../base/landfall-error.ts";
import { stopwatch } from "../base/stopwatch.ts";
import type { Action } from "../delta/actions.ts";
import type { Storage } from "../storage/storage.ts";
import { ownCompactionOf } from "./compaction-record.ts";
import { readFoldedBatches } from "./folded-batches.ts";
import { ownCommitOf } from "./own-commit.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { appIdOf, readPipelines, type PipelineIdentity } from "./pipeline-identity.ts";
import { compactionMarkKey, doneMarkKey } from "./state-keys.ts";

/** After a checkpoint. What fails is a note: the log is as readable as before. @throws only when the run is aborted */
export async function cleanUpLogIfDue(context: PipelineContext): Promise<void> {
  const { table, clock, signal } = context;
  const watch = stopwatch<"cleanup">();
  try {
    let pipelines: readonly PipelineIdentity[] | undefined;
    const cleaned = await table.cleanUpLog({
      now: clock.now(),
      signal,
      mayRemove: async (_version, actions) => {
        pipelines ??= await readPipelines(table.storage);
        return isOnRecord(table.storage, pipelines, actions);
      },
    });
    if (cleaned === undefined) return;
    context.emit({ type: "log.cleaned", ...cleaned, milliseconds: watch.lap("cleanup") });
  } catch (error) {
    if (signal?.aborted === true || isLandfallError(error, "ABORTED")) throw error;
    context.emit({ type: "note", text: `The Delta log was not cleaned up: ${messageOf(error)}` });
  }
}

/** True where nobody needs the commit to know what it did. */
async function isOnRecord(
  storage: Storage,
  pipelines: readonly PipelineIdentity[],
  actions: readonly Action[],
): Promise<boolean> {
  for (const { name, pipelineId } of pipelines) {
    const own = ownCommitOf(actions, appIdOf(pipelineId));
    if (own !== undefined && !(await isMarked(storage, name, own))) return false;
  }
  const compaction = ownCompactionOf(actions);
  if (compaction === undefined || pipelines.every(({ name }) => name !== compaction.pipeline)) return true;
  return (await storage.head(compactionMarkKey(compaction.pipeline, compaction.id))) !== undefined;
}

async function isMarked(
  storage: Storage,
  pipeline: string,
  { number, batchId }: { readonly number: number; readonly batchId: string },
): Promise<boolean> {
  if ((await storage.head(doneMarkKey(pipeline, number, batchId))) !== undefined) return true;
  const [folded] = await readFoldedBatches(storage, pipeline, { from: number, to: number });
  return folded?.batchId === batchId;
}
