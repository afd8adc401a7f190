/**
 * Every compaction of a pipeline: its commit says what its record says, it changed no row, and the files that it took held the rows that
 * they were known to hold. The record stays when the log is cleaned up, so that the rows of a batch can be followed into today's files.
 */
import { isLandfallError } from "../../base/landfall-error.ts";
import { canonicalPath } from "../../delta/add-path.ts";
import { localRoot } from "../../delta/locate-file.ts";
import {
  listCompactions,
  readCompaction,
  readCompactionMark,
  type CompactedFile,
  type CompactionRecord,
} from "../../ingest/compaction-record.ts";
import { compactionKey, compactionMarkKey } from "../../ingest/state-keys.ts";
import type { Storage } from "../../storage/storage.ts";
import type { ManifestFile } from "./check-batches.ts";
import type { Findings } from "./finding.ts";
import type { History, LoggedCommit } from "./read-history.ts";

/** A compaction that landed, as its mark says. */
export interface MarkedCompaction {
  readonly version: number;
  readonly sha256: string;
}

/** To be called before the log is read, as the done marks are. */
export async function readCompactionMarks(
  storage: Storage,
  pipeline: string,
  findings: Findings,
): Promise<ReadonlyMap<string, MarkedCompaction>> {
  const marks = new Map<string, MarkedCompaction>();
  for (const id of (await listCompactions(storage, pipeline)).done) {
    try {
      marks.set(id, await readCompactionMark(storage, pipeline, id));
    } catch (error) {
      if (!isLandfallError(error, "STATE_CORRUPT")) throw error;
      const where = compactionMarkKey(pipeline, id);
      findings.add("fault", "COMPACTION_RECORD_DAMAGED", { what: error.message, where, hint: HINT });
    }
  }
  return marks;
}

const HINT = "Restore it from a backup: it is what says into which files the rows of earlier ones went.";

export interface CheckCompactionsOptions {
  readonly storage: Storage;
  readonly pipeline: string;
  readonly history: History;
  readonly marks: ReadonlyMap<string, MarkedCompaction>;
  /** Rows and bytes of data files by their path in the log; gets those that compactions made. */
  readonly ours: Map<string, ManifestFile>;
  /** Gets the canonical paths of the files that compactions took out of the table. */
  readonly compacted: Set<string>;
  readonly findings: Findings;
  readonly signal?: AbortSignal | undefined;
}

/** In the order of versions, so that what one made is known when the next takes it. Answers how many were compared. */
export async function checkCompactions(options: CheckCompactionsOptions): Promise<number> {
  const { storage, pipeline, history, marks, findings, signal } = options;
  const root = localRoot(storage);
  const logged = new Map<string, LoggedCommit>();
  for (const commit of history.commits)
    if (commit.compaction?.pipeline === pipeline) logged.set(commit.compaction.id, commit);
  const landed = new Map<string, MarkedCompaction>(marks);
  for (const [id, { version, compaction }] of logged) landed.set(id, { version, sha256: compaction!.sha256 });
  const rows = rowsInLog(history, root);
  let compared = 0;
  for (const [id, { version, sha256 }] of [...landed].sort(([, a], [, b]) => a.version - b.version)) {
    signal?.throwIfAborted();
    const mark = marks.get(id);
    if (mark !== undefined && (mark.version !== version || mark.sha256 !== sha256))
      differs(findings, version, "its mark names another version or record than the log");
    const record = await readRecord(options, { id, sha256 });
    if (record === undefined) continue;
    compared += 1;
    checkRows(options, { record, version, rows });
    const commit = logged.get(id);
    if (commit !== undefined) checkCommit(findings, record, commit);
    for (const { path } of record.inputs) options.compacted.add(canonicalPath(path, root));
    for (const { path, ...file } of record.outputs) options.ours.set(path, file);
  }
  await tellOpen(options, landed);
  return compared;
}

/** Of all files that the log still holds the adds of, whoever added them. */
function rowsInLog({ commits }: History, root: string | undefined): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  for (const { adds } of commits)
    for (const add of adds) if (add.rows !== undefined) rows.set(canonicalPath(add.path, root), add.rows);
  return rows;
}

async function readRecord(
  { storage, pipeline, findings }: CheckCompactionsOptions,
  of: { readonly id: string; readonly sha256: string },
): Promise<CompactionRecord | undefined> {
  try {
    return await readCompaction(storage, { pipeline, ...of });
  } catch (error) {
    if (!isLandfallError(error) || !["OBJECT_MISSING", "STATE_CORRUPT"].includes(error.code)) throw error;
    findings.add("fault", "COMPACTION_RECORD_DAMAGED", {
      what: error.code === "OBJECT_MISSING" ? "The record of a compaction is gone." : error.message,
      where: compactionKey(pipeline, of.id),
      hint: HINT,
    });
    return undefined;
  }
}

function checkRows(
  { storage, ours, findings }: CheckCompactionsOptions,
  compaction: {
    readonly record: CompactionRecord;
    readonly version: number;
    readonly rows: ReadonlyMap<string, number>;
  },
): void {
  const { record, version, rows } = compaction;
  const before = sumOf(record.inputs);
  const after = sumOf(record.outputs);
  if (before !== after) differs(findings, version, `it took ${before} rows and made ${after}`);
  for (const { path, rows: taken } of record.inputs) {
    const known = ours.get(path)?.rows ?? rows.get(canonicalPath(path, localRoot(storage)));
    if (known !== undefined && known !== taken)
      differs(findings, version, `it took ${taken} rows of ${path}, which held ${known}`);
  }
}

function sumOf(files: readonly CompactedFile[]): number {
  return files.reduce((sum, { rows }) => sum + rows, 0);
}

/** The commit takes out the inputs, adds the outputs, and says that no row changed. */
function checkCommit(findings: Findings, record: CompactionRecord, commit: LoggedCommit): void {
  const { version, adds, removes, changesData } = commit;
  if (changesData) differs(findings, version, "its commit says that it changed rows");
  const inputs = new Set(record.inputs.map(({ path }) => path));
  if (removes.length !== inputs.size || removes.some((path) => !inputs.has(path)))
    differs(findings, version, "its commit takes out other files than its record says");
  const outputs = new Map(record.outputs.map((file) => [file.path, file]));
  const isSame = adds.every(({ path, size, rows }) => {
    const made = outputs.get(path);
    return made?.bytes === size && made.rows === rows;
  });
  if (!isSame || adds.length !== outputs.size)
    differs(findings, version, "its commit adds other files or rows than its record says");
}

function differs(findings: Findings, version: number, how: string): void {
  findings.add("fault", "COMPACTION_DIFFERS", {
    what: `The compaction of version ${version} is not what it should be: ${how}.`,
    where: `version ${version}`,
    hint: "The log or the record was edited, or rows were lost: `landfall verify --data` counts the rows themselves.",
  });
}

/** What did not come to its end is no fault: nothing of it is in the table, or its mark is still to be written. */
async function tellOpen(
  { storage, pipeline, marks, findings }: CheckCompactionsOptions,
  landed: ReadonlyMap<string, MarkedCompaction>,
): Promise<void> {
  for (const id of (await listCompactions(storage, pipeline)).open) {
    if (marks.has(id)) continue;
    findings.add("note", "COMPACTION_OPEN", {
      what: landed.has(id)
        ? "A compaction has committed and is not marked as done yet: the next run marks it."
        : "A compaction did not come to its commit. Its files are no part of the table; a later run removes them.",
      where: compactionKey(pipeline, id),
    });
  }
}
