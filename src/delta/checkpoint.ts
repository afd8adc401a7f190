/** Writing checkpoints (PROTOCOL.md, "Checkpoints"): the state of a version as one Parquet file, or, where the table asks for it, by the V2 spec. */
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { faultPoint } from "../base/fault-point.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { CarriedRows } from "../schema/carried-rows.ts";
import { convertCheckpoint, type ConvertedCheckpoint } from "./convert-checkpoint.ts";
import { draftCheckpoint, type CheckpointDraft, type DraftCheckpointOptions } from "./draft-checkpoint.ts";
import type { FileTotals } from "./file-totals.ts";
import type { KeptRows } from "./kept-rows.ts";
import { pointTo } from "./last-checkpoint.ts";
import { replaceObject } from "./replace-object.ts";

export interface WriteCheckpointOptions extends Omit<DraftCheckpointOptions, "folder"> {
  /** A local file, in the scratch folder, to keep the rows in for a later call. Default: they are not kept. */
  readonly keepAt?: string;
}

export interface CheckpointWritten {
  readonly version: number;
  /** Actions in it. */
  readonly size: number;
  readonly sizeInBytes: number;
  readonly numOfAddFiles: number;
}

/** Beyond it the rows are not kept: a long run is not to hold a copy of a huge table's state on disk. */
const KEPT_BYTES = 64 * 1024 ** 2;
/** A checkpoint from here on, whose rows would mostly be too many to keep, is carried over in columns. */
const CARRIED_BYTES = 4 * 1024 ** 2;
const DEFAULT_INTERVAL = 10;

/** Whether a checkpoint is due after this commit, by `delta.checkpointInterval` (default 10), as Delta Spark counts. */
export function shouldCheckpoint(options: {
  readonly version: number;
  readonly configuration: Readonly<Record<string, string>>;
}): boolean {
  const asked = Number(options.configuration["delta.checkpointInterval"] ?? DEFAULT_INTERVAL);
  const interval = Number.isSafeInteger(asked) && asked > 0 ? asked : DEFAULT_INTERVAL;
  return options.version > 0 && options.version % interval === 0;
}

/**
 * Writes the checkpoint of a version, whose commit must exist, and then `_last_checkpoint`. Streams, so that the number of files does not
 * matter. Doing it twice, or beside another writer, is harmless; a failure leaves the table as it was and must not fail the commit that led
 * here. Sidecars that are put before the file that names them cannot be are cleaned up as any that nobody names.
 *
 * @throws LandfallError as `readTableState`; TABLE_FEATURE_UNSUPPORTED for a table that we may not write to; the Parquet port's and
 * the store's errors
 */
export async function writeCheckpoint(
  options: WriteCheckpointOptions,
): Promise<CheckpointWritten & { readonly kept?: KeptRows; readonly totals: FileTotals | undefined }> {
  const { storage, parquet, version } = options;
  const folder = `${parquet.scratchFolder}/checkpoint-${uuidv7()}`;
  await mkdir(folder, { mode: 0o700 });
  try {
    const { draft, converted } = await makeFiles({ ...options, folder });
    const { files, size, v2Checkpoint, carried } = converted;
    for (const { key, parquetPath } of files)
      await replaceObject(storage, key, () => storage.putFile(key, parquetPath));
    faultPoint("checkpoint.written");
    const numOfAddFiles = draft.numOfAddFiles + (carried?.files ?? 0);
    const totals = draft.totals && withCarried(draft.totals, carried);
    const sizeInBytes = files.reduce((sum, file) => sum + file.sizeInBytes, 0);
    const written = { version, size, sizeInBytes, numOfAddFiles };
    await pointTo(storage, { ...written, v2Checkpoint });
    return { ...written, totals, ...(carried === undefined ? await keep(options, draft) : {}) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** From a large checkpoint its rows are carried over; where that cannot be, each goes through the draft. */
async function makeFiles(
  options: DraftCheckpointOptions,
): Promise<{ readonly draft: CheckpointDraft; readonly converted: ConvertedCheckpoint }> {
  const { parquet, folder, signal } = options;
  const draft = await draftCheckpoint({ carryFrom: CARRIED_BYTES, ...options });
  try {
    const converted = await convertCheckpoint({ parquet, draft, folder, signal });
    if (converted !== undefined) return { draft, converted };
  } catch (error) {
    signal?.throwIfAborted();
    // The checkpoint that was to be carried may be damaged: whoever reads its rows finds out, and takes an older one.
    if (draft.carries === undefined) throw error;
  }
  return makeFiles({ ...options, carryFrom: Number.POSITIVE_INFINITY });
}

function withCarried(totals: FileTotals, carried: CarriedRows | undefined): FileTotals {
  if (carried === undefined) return totals;
  return {
    files: totals.files + carried.files,
    bytes: totals.bytes + carried.bytes,
    vectors: totals.vectors === undefined ? undefined : totals.vectors + carried.vectors,
    deletedRows: totals.deletedRows === undefined ? undefined : totals.deletedRows + carried.deletedRows,
  };
}

/** In the place of what was kept before. */
async function keep(
  { keepAt, version }: WriteCheckpointOptions,
  { state, parts }: CheckpointDraft,
): Promise<{ readonly kept?: KeptRows }> {
  const [only, ...others] = parts;
  if (keepAt === undefined || only === undefined || others.length > 0) return {};
  if ((await stat(only.jsonPath)).size > KEPT_BYTES) return {};
  await rename(only.jsonPath, keepAt);
  return { kept: { version, tableId: state.metadata.id, path: keepAt } };
}
