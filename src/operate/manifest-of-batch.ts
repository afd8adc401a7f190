/** The manifest of a committed batch, for verbs that only look. */
import { isLandfallError } from "../base/landfall-error.ts";
import { readCommit } from "../delta/log-storage.ts";
import type { FoldedReader } from "../ingest/folded-batches.ts";
import type { Manifest } from "../ingest/manifest.ts";
import { ownCommitOf } from "../ingest/own-commit.ts";
import { appIdOf, type PipelineIdentity } from "../ingest/pipeline-identity.ts";
import { readManifest } from "../ingest/settle-batch.ts";
import type { Batch } from "../ledger/ledger.ts";
import type { Storage } from "../storage/storage.ts";

/** Undefined where it or its commit is gone. */
export async function manifestOfBatch(
  storage: Storage,
  identity: PipelineIdentity,
  batch: Batch,
  /** Of who asks for many: a file of folded batches is then read once. */
  folded?: FoldedReader,
): Promise<Manifest | undefined> {
  const { number, batchId, version } = batch;
  if (version === undefined) return undefined;
  const commit = await readCommit({ storage, version });
  const own = commit && ownCommitOf(commit.actions, appIdOf(identity.pipelineId));
  try {
    const winner = { number, batchId, version, ...(own === undefined ? {} : { sha256: own.sha256 }) };
    return await readManifest({ name: identity.name, table: { storage } }, winner, folded);
  } catch (error) {
    if (isLandfallError(error, "STATE_CORRUPT")) return undefined;
    throw error;
  }
}
