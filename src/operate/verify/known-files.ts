/** All batches and compactions of a table's pipelines, those that have ended too, and the data files that they made. */
import { localRoot } from "../../delta/locate-file.ts";
import type { Snapshot } from "../../delta/snapshot.ts";
import type { PipelineIdentity } from "../../ingest/pipeline-identity.ts";
import type { Storage } from "../../storage/storage.ts";
import { checkBatches, type CheckBatchesOptions, type ManifestFile } from "./check-batches.ts";
import { checkCompactions, type MarkedCompaction } from "./check-compactions.ts";
import { checkEnded, dropEnded, type EndedPipeline } from "./check-ended.ts";
import type { Findings } from "./finding.ts";
import type { DoneMarks } from "./read-done-marks.ts";
import type { History } from "./read-history.ts";

interface StandingPipeline extends Pick<CheckBatchesOptions, "top" | "markDue" | "onManifest"> {
  readonly identity: PipelineIdentity;
  readonly marks: DoneMarks;
  readonly compactions: ReadonlyMap<string, MarkedCompaction>;
}

export interface KnownFiles {
  /** By their path in the log. */
  readonly ours: ReadonlyMap<string, ManifestFile>;
  /** Canonical paths of files that compactions took out. */
  readonly compacted: ReadonlySet<string>;
  /** Of batches: those that have not ended. */
  readonly counts: {
    readonly batches: number;
    readonly sourceFiles: number;
    readonly rows: number;
    readonly compactions: number;
  };
}

export async function knownFiles(options: {
  readonly storage: Storage;
  readonly opened: readonly StandingPipeline[];
  readonly ended: readonly EndedPipeline[];
  readonly history: History;
  readonly snapshot: Snapshot | undefined;
  readonly findings: Findings;
  readonly signal?: AbortSignal | undefined;
}): Promise<KnownFiles> {
  const { opened, ended, snapshot, ...shared } = options;
  const { findings } = shared;
  const ours = new Map<string, ManifestFile>();
  const counts = { batches: 0, sourceFiles: 0, rows: 0, compactions: 0 };
  for (const { identity: pipeline, marks, top, markDue, onManifest } of opened) {
    const checked = await checkBatches({ ...shared, pipeline, marks, top, markDue, onManifest });
    counts.batches += checked.batches;
    counts.sourceFiles += checked.arrivals;
    counts.rows += checked.rows;
    for (const [path, file] of checked.files) ours.set(path, file);
  }
  const endedFiles = new Map<string, PipelineIdentity>();
  for (const one of ended) {
    for (const [path, file] of await checkEnded({ ...shared, ended: one })) {
      ours.set(path, file);
      endedFiles.set(path, one.identity);
    }
  }
  const compacted = new Set<string>();
  // Files of one pipeline may be compacted by another.
  for (const { identity, compactions: marks } of ended) {
    const before = new Set(ours.keys());
    counts.compactions += await checkCompactions({
      ...shared,
      pipeline: identity.name,
      marks,
      ours,
      compacted,
    });
    for (const path of ours.keys()) if (!before.has(path)) endedFiles.set(path, identity);
  }
  for (const { identity, compactions: marks } of opened)
    counts.compactions += await checkCompactions({
      ...shared,
      pipeline: identity.name,
      marks,
      ours,
      compacted,
    });
  dropEnded({ ours, endedFiles, snapshot, root: localRoot(shared.storage), findings });
  return { ours, compacted, counts };
}
