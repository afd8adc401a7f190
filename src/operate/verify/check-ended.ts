/** Pipelines that a full refresh has ended: their batches are proved like any other, and none of their rows stands in the table any more. */
import { canonicalPath } from "../../delta/add-path.ts";
import type { Snapshot } from "../../delta/snapshot.ts";
import { appIdOf, type PipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { declaredNameOf } from "../../ingest/pipeline-name.ts";
import { ENDED, takenNumber } from "../../ingest/take-in.ts";
import type { Storage } from "../../storage/storage.ts";
import { checkBatches, type ManifestFile } from "./check-batches.ts";
import { readCompactionMarks, type MarkedCompaction } from "./check-compactions.ts";
import type { Findings } from "./finding.ts";
import { readDoneMarks, type DoneMarks } from "./read-done-marks.ts";
import type { History } from "./read-history.ts";

export interface EndedPipeline {
  readonly identity: PipelineIdentity;
  readonly marks: DoneMarks;
  readonly compactions: ReadonlyMap<string, MarkedCompaction>;
}

/** To be called before the log is read, as for any pipeline. */
export async function readEnded(
  storage: Storage,
  identity: PipelineIdentity,
  findings: Findings,
): Promise<EndedPipeline> {
  const marks = await readDoneMarks(storage, identity.name, findings);
  return { identity, marks, compactions: await readCompactionMarks(storage, identity.name, findings) };
}

/** Answers the data files of its batches. */
export async function checkEnded(options: {
  readonly storage: Storage;
  readonly ended: EndedPipeline;
  readonly history: History;
  readonly findings: Findings;
  readonly signal?: AbortSignal | undefined;
}): Promise<ReadonlyMap<string, ManifestFile>> {
  const { storage, ended, history, findings, signal } = options;
  const { identity, marks } = ended;
  const top = lastNumber(ended, history);
  const markDue = (): undefined => undefined;
  const batches = { storage, pipeline: identity, history, marks, top, markDue, findings, signal };
  return (await checkBatches(batches)).files;
}

/** Nobody need know any more where the files went that are not live; those that are should not be. */
export function dropEnded(options: {
  readonly ours: Map<string, ManifestFile>;
  /** The pipeline that each was of. */
  readonly endedFiles: ReadonlyMap<string, PipelineIdentity>;
  readonly snapshot: Snapshot | undefined;
  /** As of `canonicalPath`. */
  readonly root: string | undefined;
  readonly findings: Findings;
}): void {
  const { ours, endedFiles, snapshot, root, findings } = options;
  const live = new Set([...(snapshot?.adds.values() ?? [])].map(({ path }) => canonicalPath(path, root)));
  for (const [path, { name }] of endedFiles) {
    if (!live.has(canonicalPath(path, root))) {
      ours.delete(path);
      continue;
    }
    findings.add("fault", "REFRESHED_ROWS_STAND", {
      what: `A data file with ${ours.get(path)?.rows ?? "some"} rows from before a full refresh of "${declaredNameOf(name)}" is in the table: its rows may stand twice.`,
      where: path,
      hint: "Somebody restored the table to an earlier version: start over once more with `landfall run --full-refresh --refresh-rows all`.",
    });
  }
}

/** The table's `txn` no longer tells: every batch was taken in, and marked as done, before the refresh. */
function lastNumber({ identity, marks }: EndedPipeline, history: History): number {
  const logged = history.commits.flatMap(({ own }) =>
    own?.pipelineId === identity.pipelineId ? [own.number] : [],
  );
  return Math.max(0, ...marks.byNumber.keys(), ...logged);
}

/** Its rows have left the table, and it has not been started over yet. */
export function isCutOff(snapshot: Snapshot | undefined, { pipelineId }: PipelineIdentity): boolean {
  return takenNumber(snapshot, appIdOf(pipelineId)) === ENDED;
}

export function reportCutOff({ name }: PipelineIdentity, findings: Findings): void {
  findings.add("note", "REFRESH_CUT_OFF", {
    what: `A full refresh has taken the rows of "${declaredNameOf(name)}" out of the table and was cut off before the files were read anew.`,
    where: name,
    hint: "Run with --full-refresh: it ends the refresh and reads the source.",
  });
}
