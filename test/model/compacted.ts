/** I7: what must hold of a table whose files are compacted: the same rows, each once, in files that are there; and nothing left over. */
import { uuidOfDataFile } from "../../src/delta/data-file.ts";
import { compactionKey, compactionMarkKey, parseBatchName } from "../../src/ingest/state-keys.ts";
import { shortIds } from "./call.ts";
import { isBatch, isCompaction, isRefresh } from "./landed.ts";
import type { StoreContent } from "./world.ts";

/** In every state: what a compaction takes out is live and comes back with the same rows, and every live file is there. */
export function checkCompacted(store: StoreContent): string | undefined {
  const live = new Map<string, readonly string[]>();
  for (const [version, landed] of [...store.landed].sort(([a], [b]) => a - b)) {
    if (landed === "foreign") continue;
    if (isCompaction(landed)) {
      const dead = landed.removed.find((key) => !live.has(key));
      if (dead !== undefined) return shortIds(`I7: version ${version} takes out ${dead}, which is not live`);
      const before = textOf(landed.removed.flatMap((key) => live.get(key) ?? []));
      const after = textOf(landed.added.flatMap(({ rows }) => rows));
      if (before !== after) return shortIds(`I7: version ${version} makes ${after} of ${before}`);
      for (const key of landed.removed) live.delete(key);
    }
    if (isRefresh(landed)) {
      if (textOf(landed.removed) !== textOf([...live.keys()]))
        return shortIds(
          `I8: the full refresh takes out ${textOf(landed.removed)}; live were ${textOf([...live.keys()])}`,
        );
      live.clear();
      continue;
    }
    for (const { key, rows } of landed.added) live.set(key, rows);
  }
  for (const key of live.keys())
    if (!store.objects.has(key)) return shortIds(`I7: the live file ${key} is not there`);
  return undefined;
}

function textOf(rows: readonly string[]): string {
  return [...rows].sort().join(", ") || "nothing";
}

/** At rest: a compaction that landed has its mark, and each data file is of a commit, or of something that is still to be cleared up. */
export function checkLeftOver(store: StoreContent): string | undefined {
  const known = new Set<string>();
  for (const landed of store.landed.values()) {
    if (isBatch(landed)) known.add(landed.batchId);
    if (!isCompaction(landed)) continue;
    const { compaction } = landed;
    known.add(compaction);
    if (!store.objects.has(compactionMarkKey("model", compaction)))
      return shortIds(`I7: the compaction ${compaction} has landed, and has no mark`);
  }
  for (const key of store.objects.keys()) {
    const id = uuidOfDataFile(key);
    if (id === undefined || known.has(id) || store.objects.has(compactionKey("model", id))) continue;
    const isOfBatch = [...store.objects.keys()].some((other) => parseBatchName(other)?.batchId === id);
    if (!isOfBatch) return shortIds(`I7: the file ${key} is left over`);
  }
  return undefined;
}
