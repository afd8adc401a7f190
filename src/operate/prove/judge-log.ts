/** Is the Delta log without gaps, and does it hold each batch number once, in order? */
import type { Storage } from "../../storage/storage.ts";
import { listLog, readCommit } from "../../delta/log-storage.ts";
import type { Snapshot } from "../../delta/snapshot.ts";
import { ownCompactionOf } from "../../ingest/compaction-record.ts";
import { doneBatches } from "../../ingest/done-batches.ts";
import { ownCommitOf, type OwnCommit } from "../../ingest/own-commit.ts";
import { appIdOf, readPipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { manifestKey } from "../../ingest/state-keys.ts";
import type { ScratchKind } from "./fault-steps.ts";
import { SCRATCH_NAME } from "./scratch-pipelines.ts";

/** Also answers the batches that committed, for the judgement of the files. */
export async function judgeLog(options: {
  readonly storage: Storage;
  readonly snapshot: Snapshot | undefined;
  readonly kind: ScratchKind;
}): Promise<{ readonly faults: readonly string[]; readonly winners: readonly Winner[] }> {
  const { storage, snapshot, kind } = options;
  const faults: string[] = [];
  const { commits, checkpoints } = await listLog({ storage });
  const oldest = commits[0] ?? 0;
  for (const [i, version] of commits.entries())
    if (version !== oldest + i) faults.push(`the log has a gap before version ${version}`);
  if ((snapshot?.version ?? -1) !== (commits.at(-1) ?? -1))
    faults.push(`the snapshot is at version ${snapshot?.version ?? -1} of ${commits.length} commits`);
  // Only our own clean-up takes commits away, and leaves a checkpoint in their place.
  if (oldest > 0 && kind !== "compact") faults.push(`the log begins at version ${oldest}`);
  else if (oldest > 0 && !checkpoints.some(({ version }) => version >= oldest))
    faults.push(`the log begins at version ${oldest}, and no checkpoint stands for what was before`);
  const identity = await readPipelineIdentity(storage, SCRATCH_NAME);
  const appId = appIdOf(identity?.pipelineId ?? "");
  const winners: Winner[] = [...(await cleanedUp(storage, oldest))];
  for (const version of commits) {
    const commit = await readCommit({ storage, version });
    if (commit !== undefined && kind === "compact" && ownCompactionOf(commit.actions) !== undefined) continue;
    const own = commit && ownCommitOf(commit.actions, appId);
    if (own === undefined) faults.push(`version ${version} is no commit of the pipeline`);
    else if (own.number !== winners.length + 1)
      faults.push(`version ${version} is batch ${own.number}, after batch ${winners.length}`);
    if (own !== undefined) winners.push(own);
  }
  return { faults, winners };
}

type Winner = Pick<OwnCommit, "number" | "batchId" | "manifest">;

/** Batches whose commits are gone, by their done marks or folded. */
async function cleanedUp(storage: Storage, oldest: number): Promise<readonly Winner[]> {
  const gone: Winner[] = [];
  if (oldest === 0) return gone;
  for await (const { number, batchId, version } of doneBatches(storage, SCRATCH_NAME))
    if (version < oldest)
      gone.push({ number, batchId, manifest: manifestKey(SCRATCH_NAME, number, batchId) });
  return gone;
}
