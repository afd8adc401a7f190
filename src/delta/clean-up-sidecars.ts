/** Sidecars that no checkpoint names any more (PROTOCOL.md, "Metadata Cleanup"). */
import { millisecondsOf } from "../base/nanoseconds.ts";
import type { Storage } from "../storage/storage.ts";
import { sidecarKeysOf, type ParquetAccess } from "./checkpoint-rows.ts";
import { listLog } from "./log-storage.ts";
import { SIDECAR_FOLDER } from "./sidecar-key.ts";

const DAY = 86_400_000;

/**
 * Removes them where they are older than a day: a younger one may belong to a checkpoint that is being written.
 *
 * @param options.now milliseconds since the epoch
 * @returns how many went
 * @throws CheckpointUnusable where one of the log's checkpoints cannot be read, so that nobody knows what it names: nothing goes then
 */
export async function cleanUpSidecars(options: {
  readonly storage: Storage;
  readonly parquet: ParquetAccess;
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}): Promise<number> {
  const { storage, parquet, now, signal } = options;
  const call = signal === undefined ? {} : { signal };
  const old: string[] = [];
  for await (const { key, modifiedNs } of storage.list({ prefix: SIDECAR_FOLDER, ...call })) {
    if (millisecondsOf(modifiedNs) < now - DAY) old.push(key);
  }
  if (old.length === 0) return 0;
  const named = new Set<string>();
  const { checkpoints } = await listLog({ storage, ...call });
  for (const checkpoint of checkpoints) {
    for (const key of await sidecarKeysOf({ storage, checkpoint, parquet, signal })) named.add(key);
  }
  const unnamed = old.filter((key) => !named.has(key));
  if (unnamed.length > 0) await storage.delete(unnamed);
  return unnamed.length;
}
