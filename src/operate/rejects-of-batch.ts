/** Where the records lie that a committed batch rejected. */
import { isLandfallError } from "../base/landfall-error.ts";
import { readCommit } from "../delta/log-storage.ts";
import { ownCommitOf } from "../ingest/own-commit.ts";
import { appIdOf, type PipelineIdentity } from "../ingest/pipeline-identity.ts";
import { readManifest } from "../ingest/settle-batch.ts";
import type { Batch } from "../ledger/ledger.ts";
import type { Storage } from "../storage/storage.ts";

/** Relative to the table. The manifest knows it; undefined where that or its commit is gone, for then nobody does. */
export async function rejectsOfBatch(
  storage: Storage,
  identity: PipelineIdentity,
  batch: Batch,
): Promise<string | undefined> {
  const { number, batchId, version } = batch;
  if (version === undefined) return undefined;
  const commit = await readCommit({ storage, version });
  const own = commit && ownCommitOf(commit.actions, appIdOf(identity.pipelineId));
  try {
    const winner = { number, batchId, version, ...(own === undefined ? {} : { sha256: own.sha256 }) };
    return (await readManifest({ name: identity.name, table: { storage } }, winner)).rejects?.path;
  } catch (error) {
    if (isLandfallError(error, "STATE_CORRUPT")) return undefined;
    throw error;
  }
}
