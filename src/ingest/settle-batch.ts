/**
 * Settle: the outcomes of a committed batch go into the ledger, from the manifest of the batchId that committed and from nothing
 * else; then the done mark. Both may be done again and by anybody (exactly-once rules, §3.5).
 */
import { faultPoint } from "../base/fault-point.ts";
import { commitKey } from "../delta/log-files.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import type { Stopwatch } from "../base/stopwatch.ts";
import type { Winner } from "./find-winner.ts";
import { foldedReader, type FoldedReader } from "./folded-batches.ts";
import { manifestOutcomes, parseManifest, serializeDoneMark, type Manifest } from "./manifest.ts";
import type { Storage } from "../storage/storage.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { corrupt, sha256 } from "./state-file.ts";
import { doneMarkKey, manifestKey } from "./state-keys.ts";

interface ManifestContext {
  readonly name: string;
  readonly table: { readonly storage: Storage };
}

type ManifestName = Pick<Winner, "number" | "batchId" | "manifestText"> & { readonly sha256?: string };

/**
 * Reads the manifest that a commit names, which may have been folded; who reads many brings a reader.
 *
 * @throws LandfallError STATE_CORRUPT when it is gone or not the one
 */
export async function readManifest(
  context: ManifestContext,
  winner: ManifestName,
  folded?: FoldedReader,
): Promise<Manifest> {
  const { key, content } = await manifestContent(context, winner, folded);
  const { number, batchId, sha256: named } = winner;
  const hash = named === undefined ? {} : { sha256: named };
  return parseManifest(content, {
    file: `${context.table.storage.location}/${key}`,
    number,
    batchId,
    ...hash,
  });
}

/** The SHA-256 of a batch's manifest as it stands. @throws LandfallError STATE_CORRUPT when it is gone */
export async function readManifestSha256(
  context: PipelineContext,
  batch: Pick<Winner, "number" | "batchId">,
): Promise<string> {
  return sha256((await manifestContent(context, batch)).content);
}

async function manifestContent(
  { name, table: { storage } }: ManifestContext,
  { number, batchId, manifestText }: ManifestName,
  folded: FoldedReader = foldedReader(storage, name),
): Promise<{ readonly key: string; readonly content: Buffer }> {
  const key = manifestKey(name, number, batchId);
  if (manifestText !== undefined) return { key, content: Buffer.from(manifestText) };
  try {
    return { key, content: await storage.get(key) };
  } catch (error) {
    if (!isLandfallError(error, "OBJECT_MISSING")) throw error;
    const batch = await folded.find(number);
    if (batch?.batchId === batchId) return { key, content: Buffer.from(batch.manifest) };
    throw corrupt(`${storage.location}/${key}`, "it is gone, and its batch has committed", error);
  }
}

/** Settles a won batch and writes its done mark. Does nothing where that has been done. */
export async function settleBatch(
  context: PipelineContext,
  winner: Winner,
  watch?: Stopwatch<"settle" | "done">,
): Promise<Manifest> {
  // Who committed may have died before the log's entry was durable, and the ledger must never know more than the log.
  await context.table.storage.makeDurable(commitKey(winner.version));
  const manifest = await readManifest(context, winner);
  faultPoint("settle.before");
  await context.ledger.settle({
    number: winner.number,
    batchId: winner.batchId,
    version: winner.version,
    at: context.clock.now(),
    outcomes: manifestOutcomes(manifest),
  });
  faultPoint("settle.after");
  watch?.lap("settle");
  await writeDoneMark(context, winner);
  watch?.lap("done");
  return manifest;
}

/** Writes the done mark of a settled batch if it is missing, and tells the ledger. */
export async function writeDoneMark(context: PipelineContext, winner: Winner): Promise<void> {
  if (!winner.done) {
    const { number, batchId, version, sha256 } = winner;
    const key = doneMarkKey(context.name, number, batchId);
    await context.table.storage.put(key, serializeDoneMark({ number, batchId, version, sha256 }), {
      ifAbsent: true,
    });
    faultPoint("done.written");
  }
  await context.ledger.markDone(winner.number);
  faultPoint("done.known");
}
