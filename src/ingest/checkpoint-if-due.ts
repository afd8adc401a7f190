import { isLandfallError, messageOf } from "../base/landfall-error.ts";
import { shouldCheckpoint, writeCheckpoint } from "../delta/checkpoint.ts";
import { readSnapshot } from "../delta/snapshot.ts";
import type { PipelineContext } from "./pipeline-context.ts";

/** Writes Delta's checkpoint where the table's interval asks for one. A checkpoint that fails is a warning: the commit stands. */
export async function checkpointIfDue(context: PipelineContext, version: number): Promise<void> {
  const { storage, parquet, scratchFolder } = context.table;
  try {
    const state = await context.table.refresh();
    if (state === undefined || !shouldCheckpoint({ version, configuration: state.metadata.configuration }))
      return;
    const snapshot = await readSnapshot({ storage, parquet, scratchFolder, version });
    if (snapshot !== undefined)
      await writeCheckpoint({ storage, parquet, scratchFolder, snapshot, now: context.clock.now() });
  } catch (error) {
    if (isLandfallError(error, "ABORTED")) throw error;
    context.emit({
      type: "note",
      text: `The checkpoint of version ${version} was not written: ${messageOf(error)}`,
    });
  }
}
