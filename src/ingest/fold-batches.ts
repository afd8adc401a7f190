/**
 * Folds the manifests and done marks of done batches into compact files (exactly-once rules, §2): the file is written and durable
 * before the first of its originals goes. Two hosts that fold at once come to one file, or to files that say the same. Nothing of a
 * lost attempt is touched: who won stands in the file, and `lost-attempts.ts` goes by it as it does by a done mark.
 */
import { faultPoint } from "../base/fault-point.ts";
import { isLandfallError, messageOf } from "../base/landfall-error.ts";
import { listBatchNames, type BatchNames, type FoldedFile } from "./batch-names.ts";
import { readFoldedFile, serializeFolded, type FoldedBatch } from "./folded-batches.ts";
import { parseDoneMark } from "./manifest.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { FILES_A_CALL, filesWithOriginals, planFold, type FoldGroup, type FoldLimits } from "./plan-fold.ts";
import { doneMarkKey, foldedKey, manifestKey } from "./state-keys.ts";
import { corrupt, sha256 as hashOf, utf8Text } from "./state-file.ts";

/**
 * Answers whether more is left to fold. What fails is a note, and everything stays as readable as it was: a later call goes on.
 *
 * @throws only when the run is aborted
 */
export async function foldBatches(context: PipelineContext, limits: FoldLimits): Promise<boolean> {
  try {
    for (let files = 0, bytes = 0; ; files++) {
      context.signal?.throwIfAborted();
      const names = await listBatchNames(context.table.storage, context.name);
      for (const file of filesWithOriginals(names)) await removeOriginals(context, names, file);
      const lastTakenIn = (await context.ledger.lastTakenIn())?.number ?? 0;
      const group = planFold(names, { lastTakenIn, limits });
      if (group === undefined) return false;
      if (files === FILES_A_CALL) return true;
      const written = await writeFolded(context, names, group);
      if (written === undefined) return false;
      bytes += written;
      // What one file takes is the memory of a call, too: a large one is read back, and its originals go, in the next.
      if (bytes >= limits.bytes / 2) return true;
    }
  } catch (error) {
    if (context.signal?.aborted === true || isLandfallError(error, "ABORTED")) throw error;
    context.emit({ type: "note", text: `Done batches could not be folded: ${messageOf(error)}` });
    return false;
  }
}

/** The bytes of the file. Undefined where this ledger does not know all of these batches as they are marked. */
async function writeFolded(
  context: PipelineContext,
  names: BatchNames,
  group: FoldGroup,
): Promise<number | undefined> {
  const { name, pipelineId, table } = context;
  const { first, last } = group;
  const batches: FoldedBatch[] = [];
  for (let number = first; number <= last; number++) {
    context.signal?.throwIfAborted();
    const batch = await readDone(context, number, names.done.get(number)?.[0] ?? "");
    if (batch === undefined) return undefined;
    batches.push(batch);
  }
  const key = foldedKey(name, first, last);
  faultPoint("fold.before");
  const content = serializeFolded(pipelineId, batches);
  const outcome = await table.storage.put(key, content, { ifAbsent: true });
  faultPoint("fold.written");
  if (outcome === "created") context.emit({ type: "batches.folded", first, last });
  return content.length;
}

/** Undefined where it is gone by now, or where the ledger has not settled this very batch. */
async function readDone(
  { name, table: { storage }, ledger }: PipelineContext,
  number: number,
  batchId: string,
): Promise<FoldedBatch | undefined> {
  const settled = await ledger.batch(batchId);
  if (settled?.state !== "settled" || settled.number !== number) return undefined;
  try {
    const file = `${storage.location}/${doneMarkKey(name, number, batchId)}`;
    const mark = parseDoneMark(await storage.get(doneMarkKey(name, number, batchId)), file);
    if (mark.number !== number || mark.batchId !== batchId || mark.version !== settled.version)
      throw corrupt(file, `it names batch ${mark.number} (${mark.batchId}) at version ${mark.version}`);
    const { version, sha256 } = mark;
    const manifest = `${storage.location}/${manifestKey(name, number, batchId)}`;
    const content = await storage.get(manifestKey(name, number, batchId));
    // Its content was judged when it was taken in; here the bytes alone are copied.
    if (hashOf(content) !== sha256)
      throw corrupt(manifest, "its SHA-256 is not the one that its commit names");
    return { number, batchId, version, sha256, manifest: utf8Text(content, manifest) };
  } catch (error) {
    if (isLandfallError(error, "OBJECT_MISSING")) return undefined;
    throw error;
  }
}

/** Manifests first: as long as one stands its mark does, so that nobody takes it for one of a lost attempt. */
async function removeOriginals(context: PipelineContext, names: BatchNames, file: FoldedFile): Promise<void> {
  const { name, table } = context;
  // Read back as a whole, and durable: who wrote it may have died before it was.
  const folded = await readFoldedFile(table.storage, file);
  if (folded === undefined) return;
  await table.storage.makeDurable(file.key);
  const standing = new Set(names.manifests.map(({ key }) => key));
  const manifests = folded
    .map(({ number, batchId }) => manifestKey(name, number, batchId))
    .filter((key) => standing.has(key));
  const marks = folded
    .filter(({ number, batchId }) => names.done.get(number)?.includes(batchId))
    .map(({ number, batchId }) => doneMarkKey(name, number, batchId));
  if (manifests.length > 0) await table.storage.delete(manifests);
  faultPoint("fold.manifests");
  if (marks.length > 0) await table.storage.delete(marks);
  faultPoint("fold.done");
}
