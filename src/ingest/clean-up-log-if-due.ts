/**
 * Removes expired commits of the Delta log, but none that a pipeline of Landfall still needs: a batch without its done mark is known by its
 * commit alone (exactly-once rules, §2), whichever pipeline it is of.
 */
import { isLandfallError, messageOf } from "../base/landfall-error.ts";
import { stopwatch } from "../base/stopwatch.ts";
import type { Action } from "../delta/actions.ts";
import type { Storage } from "../storage/storage.ts";
import { ownCompactionOf } from "./compaction-record.ts";
import { foldedReader, type FoldedReader } from "./folded-batches.ts";
import { ownCommitOf } from "./own-commit.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { appIdOf, readPipelines, type PipelineIdentity } from "./pipeline-identity.ts";
import { compactionMarkKey, doneMarkKey } from "./state-keys.ts";
import { endsPipeline } from "./take-in.ts";

/** After a checkpoint. What fails is a note: the log is as readable as before. @throws only when the run is aborted */
export async function cleanUpLogIfDue(context: PipelineContext): Promise<void> {
  const { table, clock, signal } = context;
  const watch = stopwatch<"cleanup">();
  try {
    let pipelines: readonly KnownPipeline[] | undefined;
    const cleaned = await table.cleanUpLog({
      now: clock.now(),
      signal,
      mayRemove: async (_version, actions) => {
        pipelines ??= (await readPipelines(table.storage)).map((pipeline) => {
          return { ...pipeline, folded: foldedReader(table.storage, pipeline.name) };
        });
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

/** Versions come in order, and so do batches: each file of folded ones is read once. */
type KnownPipeline = PipelineIdentity & { readonly folded: FoldedReader };

/** True where nobody needs the commit to know what it did. */
async function isOnRecord(
  storage: Storage,
  pipelines: readonly KnownPipeline[],
  actions: readonly Action[],
): Promise<boolean> {
  for (const pipeline of pipelines) {
    const own = ownCommitOf(actions, appIdOf(pipeline.pipelineId));
    if (own !== undefined && !(await isMarked(storage, pipeline, own))) return false;
    // Of a full refresh that was cut off: what ends it reads the commit.
    if (endsPipeline(actions, appIdOf(pipeline.pipelineId))) return false;
  }
  const compaction = ownCompactionOf(actions);
  if (compaction === undefined || pipelines.every(({ name }) => name !== compaction.pipeline)) return true;
  return (await storage.head(compactionMarkKey(compaction.pipeline, compaction.id))) !== undefined;
}

async function isMarked(
  storage: Storage,
  { name, folded }: KnownPipeline,
  { number, batchId }: { readonly number: number; readonly batchId: string },
): Promise<boolean> {
  if ((await storage.head(doneMarkKey(name, number, batchId))) !== undefined) return true;
  return (await folded.find(number))?.batchId === batchId;
}
