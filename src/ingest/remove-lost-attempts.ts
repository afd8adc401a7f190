/**
 * Files of a lost attempt for a number are removed only once that number is committed under another batchId: until then a
 * process that was paused may still commit them (exactly-once rules, §3).
 */
import { storageKeyOfPath } from "../delta/add-path.ts";
import { parseManifest } from "./manifest.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { batchPrefix, parseBatchName } from "./state-keys.ts";

/** Removes data files, rejects and manifest of every other attempt for a number that `winner` has committed. */
export async function removeLostAttempts(
  context: PipelineContext,
  settled: { readonly number: number; readonly batchId: string },
): Promise<void> {
  const { storage } = context.table;
  for await (const object of storage.list({ prefix: batchPrefix(context.name, settled.number) })) {
    const name = parseBatchName(object.key);
    if (name?.kind !== "manifest" || name.batchId === settled.batchId) continue;
    const lost = parseManifest(await storage.get(object.key), { file: object.key, ...name });
    for (const file of lost.dataFiles) {
      const key = storageKeyOfPath(file.path);
      if (key !== undefined) await storage.delete(key);
    }
    if (lost.rejects !== undefined) await storage.delete(lost.rejects.path);
    await storage.delete(object.key);
  }
}
