/** Is every file there that the table and its state name, and no file besides? */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { encodePathBytes } from "../../base/path-bytes.ts";
import { storageKeyOfPath } from "../../delta/add-path.ts";
import type { Snapshot } from "../../delta/snapshot.ts";
import { listBatchNames } from "../../ingest/batch-names.ts";
import { listCompactions, readCompaction } from "../../ingest/compaction-record.ts";
import { listVacateNames, readFoldedVacates } from "../../ingest/folded-vacates.ts";
import { foldedReader, readFoldedFile } from "../../ingest/folded-batches.ts";
import { parseManifest } from "../../ingest/manifest.ts";
import type { OwnCommit } from "../../ingest/own-commit.ts";
import {
  baselineKey,
  compactionKey,
  compactionMarkKey,
  decisionKey,
  doneMarkKey,
  parseVacateName,
  pipelineKey,
  stateFolder,
} from "../../ingest/state-keys.ts";
import { readManifest } from "../../ingest/settle-batch.ts";
import { listDecisions } from "../../ingest/take-in-decisions.ts";
import type { Storage } from "../../storage/storage.ts";
import { SCRATCH_NAME } from "./scratch-pipelines.ts";

/** What the log itself may hold. */
const LOG_FILE = /^_delta_log\/(\d{20}\.(json|checkpoint\.parquet)|_last_checkpoint)$/;

/** Looks at the folder with its own eyes: the storage port hides temporary files. */
export async function judgeFiles(options: {
  readonly table: string;
  readonly storage: Storage;
  readonly snapshot: Snapshot | undefined;
  readonly winners: readonly Pick<OwnCommit, "number" | "batchId" | "manifest">[];
}): Promise<readonly string[]> {
  const { table, storage, snapshot } = options;
  const faults: string[] = [];
  const folded = await foldedBatches(storage);
  const allowed = await namedByState(options);
  // What a compaction took out stays until a VACUUM.
  for (const { path } of snapshot?.removes.values() ?? []) allowed.add(storageKeyOfPath(path) ?? path);
  faults.push(...(await judgeCompactions(options, allowed)));
  for (const add of snapshot?.adds.values() ?? []) {
    const key = storageKeyOfPath(add.path) ?? add.path;
    allowed.add(key);
    const info = await storage.head(key);
    if (info?.size !== add.size)
      faults.push(`${key} should have ${add.size} bytes, and has ${info?.size ?? "gone"}`);
  }
  for (const { number, batchId, manifest } of options.winners) {
    const isFolded = folded.get(number) === batchId;
    for (const key of [manifest, doneMarkKey(SCRATCH_NAME, number, batchId)]) {
      const isThere = (await storage.head(key)) !== undefined;
      if (!isFolded) allowed.add(key);
      if (isThere === isFolded)
        faults.push(isThere ? `${key} is folded, and still there` : `${key} is not there`);
    }
  }
  for (const name of filesBelow(table)) {
    const key = encodePathBytes(name);
    if (!allowed.has(key) && !LOG_FILE.test(key)) faults.push(`${key} belongs to nothing`);
  }
  return faults;
}

/** Records and marks; of one without a mark what it made, as long as its commit may still land. */
async function judgeCompactions(
  { storage, snapshot }: { readonly storage: Storage; readonly snapshot: Snapshot | undefined },
  allowed: Set<string>,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const { done, open } = await listCompactions(storage, SCRATCH_NAME);
  for (const id of [...done, ...open]) allowed.add(compactionKey(SCRATCH_NAME, id));
  for (const id of done) allowed.add(compactionMarkKey(SCRATCH_NAME, id));
  const live = new Set([...(snapshot?.adds.values() ?? [])].map(({ path }) => path));
  for (const id of open) {
    const { inputs, outputs } = await readCompaction(storage, { pipeline: SCRATCH_NAME, id });
    if (inputs.some(({ path }) => !live.has(path)))
      faults.push(`the compaction ${id} can land no more, and was not ended`);
    for (const { path } of outputs) allowed.add(storageKeyOfPath(path) ?? path);
  }
  return faults;
}

/** The batchId of every number that is in a file of folded batches, which are read as a whole. */
async function foldedBatches(storage: Storage): Promise<ReadonlyMap<number, string>> {
  const batches = new Map<number, string>();
  for (const file of (await listBatchNames(storage, SCRATCH_NAME)).folded)
    for (const { number, batchId } of (await readFoldedFile(storage, file)) ?? [])
      batches.set(number, batchId);
  return batches;
}

/** Keys that the state names: the pipeline's own files, rejects of committed batches, attempts for a number still to come. */
async function namedByState(options: {
  readonly storage: Storage;
  readonly winners: readonly Pick<OwnCommit, "number" | "batchId" | "manifest">[];
}): Promise<Set<string>> {
  const { storage, winners } = options;
  const folder = stateFolder(SCRATCH_NAME);
  const allowed = new Set([
    pipelineKey(SCRATCH_NAME),
    baselineKey(SCRATCH_NAME),
    ...["", "-wal", "-shm"].map((end) => `${folder}ledger.db${end}`),
    `${folder}lease.lock`,
  ]);
  const committed = new Set(winners.map(({ batchId }) => batchId));
  const vacates = await listVacateNames(storage, SCRATCH_NAME);
  for (const { key, batchId } of vacates.records) if (committed.has(batchId)) allowed.add(key);
  for (const file of vacates.folded) {
    const records = await readFoldedVacates(storage, file);
    if (records.every(({ key }) => committed.has(parseVacateName(key)?.batchId ?? ""))) allowed.add(file.key);
  }
  for (const id of await listDecisions(storage, SCRATCH_NAME)) allowed.add(decisionKey(SCRATCH_NAME, id));
  const { manifests, folded } = await listBatchNames(storage, SCRATCH_NAME);
  for (const { key } of folded) allowed.add(key);
  const reader = foldedReader(storage, SCRATCH_NAME);
  for (const winner of winners) {
    const { rejects } = await readManifest({ name: SCRATCH_NAME, table: { storage } }, winner, reader);
    if (rejects !== undefined) allowed.add(rejects.path);
  }
  for (const { key, number, batchId } of manifests) {
    // Files of a lost attempt may be removed only once its number is committed.
    if (committed.has(batchId) || number <= winners.length) continue;
    const manifest = parseManifest(await storage.get(key), { file: key, number, batchId });
    allowed.add(key);
    if (manifest.rejects !== undefined) allowed.add(manifest.rejects.path);
    for (const { path } of manifest.dataFiles) allowed.add(storageKeyOfPath(path) ?? path);
  }
  return allowed;
}

function filesBelow(folder: string, prefix = ""): string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const key = `${prefix}${entry.name}`;
    return entry.isDirectory() ? filesBelow(folder, `${key}/`) : [key];
  });
}
