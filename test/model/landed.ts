/** What commits brought to the table: told by their actions, and kept whatever becomes of the log. */
import { findCommitInfo, type Action } from "../../src/delta/actions.ts";
import { storageKeyOfPath } from "../../src/delta/add-path.ts";
import { ownCompactionOf } from "../../src/ingest/compaction-record.ts";
import { ownCommitOf } from "../../src/ingest/own-commit.ts";

export interface LandedFile {
  readonly key: string;
  readonly rows: readonly string[];
}

export interface LandedBatch {
  /** Of the pipeline's state whose batch it is: 1 for the first. */
  readonly ordinal: number;
  readonly number: number;
  readonly batchId: string;
  readonly added: readonly LandedFile[];
  readonly rows: readonly string[];
}

export interface LandedCompaction {
  readonly compaction: string;
  readonly added: readonly LandedFile[];
  /** Keys of the files that it took out. */
  readonly removed: readonly string[];
}

/** It ended the pipeline's id. */
export interface LandedRefresh {
  /** The id that comes after it. */
  readonly to: string;
  readonly removed: readonly string[];
}

export type Landed = LandedBatch | LandedCompaction | LandedRefresh | "foreign";

export function isRefresh(landed: Landed): landed is LandedRefresh {
  return landed !== "foreign" && "to" in landed;
}

export function isBatch(landed: Landed): landed is LandedBatch {
  return landed !== "foreign" && "batchId" in landed;
}

export function isCompaction(landed: Landed): landed is LandedCompaction {
  return landed !== "foreign" && "compaction" in landed;
}

/** @param contentOf the objects as they are right after the commit */
export function landedOf(
  actions: readonly Action[],
  options: {
    /** Those that the pipeline has had so far, the newest last. */
    readonly appIds: readonly string[];
    readonly contentOf: (key: string) => Buffer | undefined;
  },
): Landed {
  const { appIds, contentOf } = options;
  const added = actions.flatMap((action) => {
    if (!("add" in action)) return [];
    const key = keyOf(action.add.path);
    const content = contentOf(key);
    const rows = content === undefined ? [`${key} is missing`] : (JSON.parse(content.toString()) as string[]);
    return [{ key, rows }];
  });
  for (const [index, appId] of appIds.entries()) {
    const batch = ownCommitOf(actions, appId);
    if (batch === undefined) continue;
    return {
      ordinal: index + 1,
      number: batch.number,
      batchId: batch.batchId,
      added,
      rows: added.flatMap(({ rows }) => rows),
    };
  }
  const removed = actions.flatMap((action) => ("remove" in action ? [keyOf(action.remove.path)] : []));
  const told = findCommitInfo(actions)?.["landfall"] as { readonly fullRefresh?: { readonly to: string } };
  if (told?.fullRefresh !== undefined) return { to: told.fullRefresh.to, removed };
  const compaction = ownCompactionOf(actions);
  if (compaction === undefined) return "foreign";
  return { compaction: compaction.id, added, removed };
}

function keyOf(path: string): string {
  return storageKeyOfPath(path) ?? path;
}
