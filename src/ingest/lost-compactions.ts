/**
 * What compactions leave behind that did not come to their mark. One whose commit landed gets the mark. The files of one that did not are
 * removed once its commit can land no more: another commit took one of its inputs out of the table, or it is older than any writer
 * pauses (the time after which VACUUM takes files that no commit names). Until then they stay, and its inputs are due again.
 */
import { faultPoint } from "../base/fault-point.ts";
import { isLandfallError, messageOf } from "../base/landfall-error.ts";
import { findCommitInfo } from "../delta/actions.ts";
import { canonicalPath, storageKeyOfPath } from "../delta/add-path.ts";
import { localRoot } from "../delta/locate-file.ts";
import { readCommit } from "../delta/log-storage.ts";
import { touches } from "./commit-compaction.ts";
import {
  listCompactions,
  readCompaction,
  writeCompactionMark,
  type CompactionRecord,
} from "./compaction-record.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { sha256 } from "./state-file.ts";
import { compactionKey } from "./state-keys.ts";

const LONGEST_PAUSE_MS = 7 * 86_400_000;

/** To be called after take-in. Answers how many are still open; a failure is a note, and the next start tries again. */
export async function endLostCompactions(context: PipelineContext): Promise<number> {
  const { storage } = context.table;
  const { open } = await listCompactions(storage, context.name);
  let left = 0;
  for (const id of open) {
    context.signal?.throwIfAborted();
    try {
      const record = await readCompaction(storage, { pipeline: context.name, id });
      if (!(await end(context, record))) left += 1;
    } catch (error) {
      if (isLandfallError(error, "ABORTED")) throw error;
      left += 1;
      context.emit({ type: "note", text: `An unfinished compaction was left as it is: ${messageOf(error)}` });
    }
  }
  return left;
}

/** True where nothing of it is open any more. */
async function end(context: PipelineContext, record: CompactionRecord): Promise<boolean> {
  const { storage } = context.table;
  const fate = await fateOf(context, record);
  if (fate === "open") return false;
  if (fate === "lost") {
    await removeCompaction(context, record);
    return true;
  }
  const hash = sha256(await storage.get(compactionKey(context.name, record.id)));
  await writeCompactionMark(storage, context.name, { id: record.id, version: fate, sha256: hash });
  return true;
}

/** The version of its commit; `lost` where it can land no more. */
async function fateOf(context: PipelineContext, record: CompactionRecord): Promise<number | "lost" | "open"> {
  const { storage } = context.table;
  const state = await context.table.refresh(context.signal);
  // The commit that takes a file of it out is its own, or makes it one that can land no more.
  const root = localRoot(storage);
  const inputs = new Set(record.inputs.map(({ path }) => canonicalPath(path, root)));
  for (let version = record.version + 1; version <= (state?.version ?? -1); version++) {
    const commit = await readCommit({ storage, version });
    // Cleaned up by another program: nobody can tell any more whether it was this one.
    if (commit === undefined) return "open";
    if (findCommitInfo(commit.actions)?.txnId === record.id) return version;
    if (touches(commit.actions, inputs, root)) return "lost";
  }
  return context.clock.now() - Date.parse(record.at) > LONGEST_PAUSE_MS ? "lost" : "open";
}

/** The record last: as long as it is there, what it names is found again. */
export async function removeCompaction(context: PipelineContext, record: CompactionRecord): Promise<void> {
  const { storage } = context.table;
  faultPoint("compact.lost");
  for (const { path } of record.outputs) {
    const key = storageKeyOfPath(path);
    if (key === undefined) continue;
    await storage.delete(key);
    await storage.removeLeftovers(key);
  }
  await storage.delete(compactionKey(context.name, record.id));
}
