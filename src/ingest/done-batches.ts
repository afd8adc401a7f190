/** Every batch of a pipeline that is done, by the files beside the table alone: marked one by one, or folded. */
import { isLandfallError } from "../base/landfall-error.ts";
import type { Storage } from "../storage/storage.ts";
import { listBatchNames } from "./batch-names.ts";
import { foldedReader } from "./folded-batches.ts";
import { parseDoneMark, parseManifest, type DoneMark, type Manifest } from "./manifest.ts";
import { readManifest } from "./settle-batch.ts";
import { batchesFolder, doneMarkKey } from "./state-keys.ts";

export interface DoneBatch {
  readonly number: number;
  readonly batchId: string;
  /** The table version of its commit. */
  readonly version: number;
  readonly manifest: Manifest;
}

/**
 * Ascending by number. One that is folded while this goes on is found in its new place.
 *
 * @throws LandfallError STATE_CORRUPT, STATE_NEWER
 */
export async function* doneBatches(storage: Storage, pipeline: string): AsyncGenerator<DoneBatch> {
  const { done, folded: files } = await listBatchNames(storage, pipeline);
  const folded = foldedReader(storage, pipeline);
  const numbers = new Set(done.keys());
  for (const { first, last } of files) for (let number = first; number <= last; number++) numbers.add(number);
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const batchId = done.get(number)?.[0];
    const marked =
      batchId === undefined ? undefined : await readDoneMark(storage, pipeline, { number, batchId });
    const found = marked ?? (await folded.find(number));
    if (found === undefined) continue;
    const { batchId: won, version, sha256 } = found;
    const file = `${storage.location}/${batchesFolder(pipeline)}`;
    const manifest =
      "manifest" in found
        ? parseManifest(Buffer.from(found.manifest), { file, number, batchId: won, sha256 })
        : await readManifest({ name: pipeline, table: { storage } }, found, folded);
    yield { number, batchId: won, version, manifest };
  }
}

/** Undefined where it is not there; it may have been, a moment ago, and be folded by now. */
export async function readDoneMark(
  storage: Storage,
  pipeline: string,
  { number, batchId }: { readonly number: number; readonly batchId: string },
): Promise<DoneMark | undefined> {
  const key = doneMarkKey(pipeline, number, batchId);
  try {
    return parseDoneMark(await storage.get(key), `${storage.location}/${key}`);
  } catch (error) {
    if (isLandfallError(error, "OBJECT_MISSING")) return undefined;
    throw error;
  }
}
