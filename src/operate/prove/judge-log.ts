/** Is the Delta log without gaps, and does it hold each batch number once, in order? */
import { listAll, type Storage } from "../../storage/storage.ts";
import { readCommit } from "../../delta/log-storage.ts";
import type { Snapshot } from "../../delta/snapshot.ts";
import { ownCommitOf, type OwnCommit } from "../../ingest/own-commit.ts";
import { appIdOf, readPipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { SCRATCH_NAME } from "./scratch-pipelines.ts";

/** Also answers the batches that committed, for the judgement of the files. */
export async function judgeLog(options: {
  readonly storage: Storage;
  readonly snapshot: Snapshot | undefined;
}): Promise<{ readonly faults: readonly string[]; readonly winners: readonly OwnCommit[] }> {
  const { storage, snapshot } = options;
  const faults: string[] = [];
  const winners: OwnCommit[] = [];
  const commits = (await listAll(storage, { prefix: "_delta_log/" })).filter(({ key }) =>
    /^_delta_log\/\d{20}\.json$/.test(key),
  );
  commits.forEach(({ key }, version) => {
    if (!key.endsWith(`${String(version).padStart(20, "0")}.json`))
      faults.push(`the log has a gap before ${key}`);
  });
  if ((snapshot?.version ?? -1) !== commits.length - 1)
    faults.push(`the snapshot is at version ${snapshot?.version ?? -1} of ${commits.length} commits`);
  const identity = await readPipelineIdentity(storage, SCRATCH_NAME);
  const appId = appIdOf(identity?.pipelineId ?? "");
  for (let version = 0; version < commits.length; version++) {
    const commit = await readCommit({ storage, version });
    const own = commit && ownCommitOf(commit.actions, appId);
    if (own === undefined) faults.push(`version ${version} is no commit of the pipeline`);
    else if (own.number !== winners.length + 1)
      faults.push(`version ${version} is batch ${own.number}, after batch ${winners.length}`);
    if (own !== undefined) winners.push(own);
  }
  return { faults, winners };
}
