/** What follows a commit and must not fail it: a checkpoint where the table's interval asks for one, and the clean-up of what has expired. */
import { faultPoint } from "../base/fault-point.ts";
import { messageOf } from "../base/landfall-error.ts";
import { findCommitInfo } from "../delta/actions.ts";
import { shouldCheckpoint, writeCheckpoint } from "../delta/checkpoint.ts";
import { cleanUpLog } from "../delta/clean-up-log.ts";
import type { TableState } from "../delta/table-state.ts";
import type { TableParts } from "../table/table-access.ts";
import type { WriteContext } from "./write-context.ts";

export async function maintainLog(
  { clock }: Pick<WriteContext, "clock">,
  options: { readonly parts: TableParts; readonly state: TableState; readonly signal: AbortSignal },
): Promise<void> {
  const { parts, state, signal } = options;
  const { storage, parquet, onNotice } = parts;
  const { version, metadata } = state;
  if (!shouldCheckpoint({ version, configuration: metadata.configuration })) return;
  try {
    faultPoint("write.checkpoint.before");
    await writeCheckpoint({ storage, parquet, version, now: clock.now(), state, signal });
    faultPoint("write.checkpoint.after");
    await cleanUpLog({
      storage,
      parquet,
      state,
      now: clock.now(),
      signal,
      // A pipeline may still need a commit of its own, which it removes itself once it does not.
      mayRemove: (_version, actions) => Promise.resolve(findCommitInfo(actions)?.["landfall"] === undefined),
    });
  } catch (error) {
    onNotice?.({
      table: storage.location,
      file: `version ${version}`,
      message: `Version ${version} of ${storage.location} is committed; its checkpoint or the clean-up of the log failed, and the next commit of this kind tries again: ${messageOf(error)}`,
    });
  }
}
