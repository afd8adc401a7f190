/** Every committed batch of a pipeline: its commit, its manifest and its done mark say the same (exactly-once rules, §2, §6). */
import { isLandfallError } from "../../base/landfall-error.ts";
import { foldedReader, type FoldedReader } from "../../ingest/folded-batches.ts";
import { rowsInTable, type Manifest } from "../../ingest/manifest.ts";
import type { PipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { readManifest } from "../../ingest/settle-batch.ts";
import { doneMarkKey, manifestKey } from "../../ingest/state-keys.ts";
import type { Storage } from "../../storage/storage.ts";
import type { Findings } from "./finding.ts";
import { DONE_MARK_HINT, type DoneMarks } from "./read-done-marks.ts";
import type { History, LoggedCommit } from "./read-history.ts";

/** A data file as a manifest names it. */
export interface ManifestFile {
  readonly rows: number;
  readonly bytes: number;
}

export interface CheckedBatches {
  /** Batches whose manifest was read. */
  readonly batches: number;
  readonly rows: number;
  readonly arrivals: number;
  /** Data files of the pipeline by their path in the log. */
  readonly files: ReadonlyMap<string, ManifestFile>;
}

export interface CheckBatchesOptions {
  readonly storage: Storage;
  readonly pipeline: PipelineIdentity;
  readonly history: History;
  readonly marks: DoneMarks;
  /** The pipeline's number in the table's `txn`. */
  readonly top: number;
  /** Batches whose done mark the next run writes, or the run that is under way. */
  readonly markDue: (number: number) => "next run" | "this run" | undefined;
  /** Told of each manifest that was read. */
  readonly onManifest?: ((manifest: Manifest) => Promise<void>) | undefined;
  readonly findings: Findings;
  readonly signal?: AbortSignal | undefined;
}

export async function checkBatches(options: CheckBatchesOptions): Promise<CheckedBatches> {
  const { pipeline, history, marks, top, findings } = options;
  const files = new Map<string, ManifestFile>();
  const sums = { batches: 0, rows: 0, arrivals: 0 };
  const commits = commitsByNumber(history, pipeline, findings);
  const folded = foldedReader(options.storage, pipeline.name);
  for (const number of marks.byNumber.keys()) {
    if (number <= top) continue;
    const { batchId } = marks.byNumber.get(number)!;
    findings.add("fault", "DONE_MARK_WITHOUT_COMMIT", {
      what: `A done mark says that batch ${number} committed; the table's txn of "${pipeline.name}" says ${top}.`,
      where: doneMarkKey(pipeline.name, number, batchId),
      hint: "The table was put back to before this batch: see TABLE_CHANGED.",
    });
  }
  for (let number = 1; number <= top; number++) {
    options.signal?.throwIfAborted();
    const commit = commits.get(number);
    checkMark(options, number, commit);
    const winner = winnerOf(number, commit, marks);
    if (winner === undefined) {
      reportUnknown(options, number);
      continue;
    }
    const manifest = await readCheckedManifest(options, winner, folded);
    if (manifest === undefined) continue;
    sums.batches += 1;
    sums.arrivals += manifest.arrivals.length;
    for (const { path, rows, bytes } of manifest.dataFiles) files.set(path, { rows, bytes });
    sums.rows += rowsInTable(manifest);
    await checkRejects(options, manifest);
    checkRows(options, manifest, commit);
    await options.onManifest?.(manifest);
  }
  return { ...sums, files };
}

interface Named {
  readonly number: number;
  readonly batchId: string;
  readonly sha256: string;
}

function winnerOf(number: number, commit: LoggedCommit | undefined, marks: DoneMarks): Named | undefined {
  if (commit?.own !== undefined) return commit.own;
  return marks.byNumber.get(number);
}

/** Numbers ascend with the versions, each once. */
function commitsByNumber(
  history: History,
  pipeline: PipelineIdentity,
  findings: Findings,
): Map<number, LoggedCommit> {
  const commits = new Map<number, LoggedCommit>();
  let last = 0;
  for (const commit of history.commits) {
    if (commit.own?.pipelineId !== pipeline.pipelineId) continue;
    const { number } = commit.own;
    if (number <= last) {
      findings.add("fault", "BATCH_REPEATED", {
        what: `Version ${commit.version} commits batch ${number} of "${pipeline.name}" after batch ${last} had been committed: its rows may stand twice.`,
        where: `version ${commit.version}`,
        hint: "Please report it with the log; compare the two commits before anything is removed.",
      });
    }
    if (!commits.has(number)) commits.set(number, commit);
    last = Math.max(last, number);
  }
  return commits;
}

function checkMark(options: CheckBatchesOptions, number: number, commit: LoggedCommit | undefined): void {
  const { pipeline, marks, findings } = options;
  const mark = marks.byNumber.get(number);
  const own = commit?.own;
  if (commit === undefined || own === undefined || marks.damaged.has(number)) return;
  if (mark === undefined) {
    const due = options.markDue(number);
    if (due === "this run") return;
    findings.add("note", "DONE_MARK_MISSING", {
      what: `Batch ${number} of "${pipeline.name}" has no done mark. The log still holds its commit, so nothing is lost.`,
      where: doneMarkKey(pipeline.name, number, own.batchId),
      hint:
        due === "next run"
          ? "The next run writes it."
          : "Restore it from a backup, or remove the ledger: the next run writes both anew. Do it before the log is cleaned up.",
    });
    return;
  }
  const same = mark.batchId === own.batchId && mark.version === commit.version && mark.sha256 === own.sha256;
  if (same) return;
  findings.add("fault", "DONE_MARK_WRONG", {
    what: `The done mark of batch ${number} names version ${mark.version} and ${mark.batchId}; the log has it at version ${commit.version} as ${own.batchId}.`,
    where: doneMarkKey(pipeline.name, number, mark.batchId),
    hint: DONE_MARK_HINT,
  });
}

function reportUnknown(options: CheckBatchesOptions, number: number): void {
  const { pipeline, history, findings, marks } = options;
  if (marks.damaged.has(number)) return;
  const where = `batch ${number} of ${pipeline.name}`;
  findings.add("fault", "BATCH_UNKNOWN", {
    what: `Batch ${number} of "${pipeline.name}" committed, but neither a done mark nor the log says what it held.`,
    where,
    hint:
      history.oldest === 0
        ? "A file of _delta_log or of _landfall was removed: restore it from a backup."
        : "The log was cleaned up before Landfall took the batch in, or a done mark was removed: restore it from a backup.",
  });
}

async function readCheckedManifest(
  options: CheckBatchesOptions,
  winner: Named,
  folded: FoldedReader,
): Promise<Manifest | undefined> {
  const { storage, pipeline, findings } = options;
  const where = manifestKey(pipeline.name, winner.number, winner.batchId);
  try {
    return await readManifest({ name: pipeline.name, table: { storage } }, winner, folded);
  } catch (error) {
    if (!isLandfallError(error, "STATE_CORRUPT")) throw error;
    // That is one finding, of the file.
    if (options.marks.inDamagedFile.has(winner.number)) return undefined;
    const hint = "Restore it from a backup before the ledger is lost.";
    const what = isLandfallError(error.cause, "OBJECT_MISSING")
      ? `The manifest of batch ${winner.number} of "${pipeline.name}" is gone: nothing but the ledger says which files the batch holds.`
      : error.message.replace(
          `The state file ${storage.location}/${where}`,
          `The manifest of batch ${winner.number} of "${pipeline.name}"`,
        );
    const code = isLandfallError(error.cause, "OBJECT_MISSING") ? "MANIFEST_MISSING" : "MANIFEST_DAMAGED";
    findings.add("fault", code, { what, where, hint });
    return undefined;
  }
}

async function checkRejects(options: CheckBatchesOptions, manifest: Manifest): Promise<void> {
  const { rejects, number } = manifest;
  if (rejects === undefined || (await options.storage.head(rejects.path)) !== undefined) return;
  options.findings.add("fault", "REJECTS_MISSING", {
    what: `The file with the ${rejects.rows} rejected records of batch ${number} is gone.`,
    where: rejects.path,
    hint: "Restore it from a backup; the records are still in the source files, if those are there.",
  });
}

/** What went into the transform = what was written of the files. */
function checkTransform({ findings }: CheckBatchesOptions, { number, transform, arrivals }: Manifest): void {
  const passed = arrivals.reduce((sum, arrival) => sum + arrival.written, 0);
  if (transform === undefined || transform.rowsIn === passed) return;
  findings.add("fault", "ROWS_DIFFER", {
    what: `The manifest of batch ${number} accounts for ${passed} rows of files that went into the transform, and says that it got ${transform.rowsIn}.`,
    where: `batch ${number}`,
    hint: "Please report it.",
  });
}

/** The rows of the commit's adds = the rows of the manifest's arrivals = the rows of its data files. */
function checkRows(options: CheckBatchesOptions, manifest: Manifest, commit: LoggedCommit | undefined): void {
  const { findings } = options;
  const { number, dataFiles } = manifest;
  const written = rowsInTable(manifest);
  checkTransform(options, manifest);
  const inFiles = dataFiles.reduce((sum, file) => sum + file.rows, 0);
  const where = commit === undefined ? `batch ${number}` : `version ${commit.version}`;
  if (written !== inFiles) {
    findings.add("fault", "ROWS_DIFFER", {
      what: `The manifest of batch ${number} accounts for ${written} rows, and names data files of ${inFiles} rows.`,
      where,
      hint: "Please report it.",
    });
  }
  if (commit === undefined) return;
  const named = new Map(dataFiles.map((file) => [file.path, file]));
  const wrong = commit.adds.filter((add) => named.get(add.path)?.bytes !== add.size);
  if (wrong.length > 0 || named.size !== commit.adds.length) {
    const [first] = wrong;
    findings.add("fault", "FILES_DIFFER", {
      what: `The commit of batch ${number} does not add the data files of its manifest${first === undefined ? "" : ` (${first.path}, ${first.size} bytes)`}.`,
      where,
      hint: "The log or the manifest was edited: restore it from a backup.",
    });
  }
  const logged = commit.adds.reduce<number | undefined>(
    (sum, add) => (sum === undefined || add.rows === undefined ? undefined : sum + add.rows),
    0,
  );
  if (logged === written) return;
  findings.add("fault", "ROWS_DIFFER", {
    what: `The commit of batch ${number} adds data files of ${logged ?? "an unknown number of"} rows; its manifest accounts for ${written}.`,
    where,
    hint: "The statistics in the log or the manifest were edited: `landfall verify --data` counts the rows themselves.",
  });
}
