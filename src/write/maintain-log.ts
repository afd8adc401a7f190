/**
 * What follows a commit and must not fail it: its `.crc` file, a checkpoint where the table's interval asks for one, and the clean-up of what has
 * expired.
 */
import { rm } from "node:fs/promises";
import { faultPoint } from "../base/fault-point.ts";
import { messageOf } from "../base/landfall-error.ts";
import { uuidv7 } from "../base/uuid.ts";
import { findCommitInfo, type Action } from "../delta/actions.ts";
import { shouldCheckpoint, writeCheckpoint } from "../delta/checkpoint.ts";
import { cleanUpLog } from "../delta/clean-up-log.ts";
import { totalsAfter, type FileTotals } from "../delta/file-totals.ts";
import type { KeptRows } from "../delta/kept-rows.ts";
import type { TableState } from "../delta/table-state.ts";
import { readChecksumTotals } from "../delta/version-checksum.ts";
import type { TableParts } from "../table/table-access.ts";
import { recordChecksum } from "./record-checksum.ts";
import type { WriteContext } from "./write-context.ts";

export interface MaintainLogOptions {
  readonly parts: TableParts;
  /** The table that the commit follows on. */
  readonly before: TableState;
  /** The commit's own. */
  readonly actions: readonly Action[];
  /** The table with it. */
  readonly state: TableState;
  readonly signal: AbortSignal;
}

export async function maintainLog(
  context: Pick<WriteContext, "clock" | "checkpointRows">,
  options: MaintainLogOptions,
): Promise<void> {
  const { parts, before, actions, state } = options;
  // A checkpoint counts the files anyway, so that what another writer stated wrongly is not carried on for ever.
  const counted = await checkpointIfDue(context, options);
  await recordChecksum(parts, {
    state,
    totals: async () => {
      if (counted !== undefined) return counted;
      const known = await readChecksumTotals(parts.storage, before);
      return known && totalsAfter(known, actions);
    },
  });
}

/** How much the version holds, where a checkpoint of it was written and its files were counted. */
async function checkpointIfDue(
  { clock, checkpointRows }: Pick<WriteContext, "clock" | "checkpointRows">,
  { parts, state, signal }: MaintainLogOptions,
): Promise<FileTotals | undefined> {
  const { storage, parquet, onNotice } = parts;
  const { version, metadata } = state;
  if (!shouldCheckpoint({ version, configuration: metadata.configuration })) return undefined;
  let totals: FileTotals | undefined;
  // They serve once, and each in a file of its own: several operations may be at this at the same time.
  const { kept: before } = checkpointRows;
  checkpointRows.kept = undefined;
  const keepAt = `${parquet.scratchFolder}/checkpoint-rows-${uuidv7()}.json`;
  try {
    faultPoint("write.checkpoint.before");
    const now = clock.now();
    let kept: KeptRows | undefined;
    const asked = { storage, parquet, version, now, state, kept: before, keepAt, signal };
    ({ totals, kept } = await writeCheckpoint(asked));
    checkpointRows.kept = kept;
    faultPoint("write.checkpoint.after");
    await cleanUpLog({
      storage,
      parquet,
      state,
      now: clock.now(),
      signal,
      // A pipeline may still need a commit of its own, which it removes itself once it does not.
      mayRemove: (_version, commit) => Promise.resolve(findCommitInfo(commit)?.["landfall"] === undefined),
    });
  } catch (error) {
    onNotice?.({
      table: storage.location,
      file: `version ${version}`,
      message: `Version ${version} of ${storage.location} is committed; its checkpoint or the clean-up of the log failed, and the next commit of this kind tries again: ${messageOf(error)}`,
    });
  } finally {
    if (before !== undefined) await rm(before.path, { force: true });
  }
  return totals;
}
