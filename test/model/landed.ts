/** What commits brought to the table: told by their actions, and kept whatever becomes of the log. */
import type { Action } from "../../src/delta/actions.ts";
import { storageKeyOfPath } from "../../src/delta/add-path.ts";
import { ownCompactionOf } from "../../src/ingest/compaction-record.ts";
import { ownCommitOf } from "../../src/ingest/own-commit.ts";

export interface LandedFile {
  readonly key: string;
  readonly rows: readonly string[];
}

export interface LandedBatch {
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

export type Landed = LandedBatch | LandedCompaction | "foreign";

export function isBatch(landed: Landed): landed is LandedBatch {
  return landed !== "foreign" && "batchId" in landed;
}

export function isCompaction(landed: Landed): landed is LandedCompaction {
  return landed !== "foreign" && "compaction" in landed;
}

/** @param contentOf the objects as they are right after the commit */
export function landedOf(
  actions: readonly Action[],
  { appId, contentOf }: { readonly appId: string; readonly contentOf: (key: string) => Buffer | undefined },
): Landed {
  const added = actions.flatMap((action) => {
    if (!("add" in action)) return [];
    const key = keyOf(action.add.path);
    const content = contentOf(key);
    const rows = content === undefined ? [`${key} is missing`] : (JSON.parse(content.toString()) as string[]);
    return [{ key, rows }];
  });
  const batch = ownCommitOf(actions, appId);
  if (batch !== undefined)
    return {
      number: batch.number,
      batchId: batch.batchId,
      added,
      rows: added.flatMap(({ rows }) => rows),
    };
  const compaction = ownCompactionOf(actions);
  if (compaction === undefined) return "foreign";
  const removed = actions.flatMap((action) => ("remove" in action ? [keyOf(action.remove.path)] : []));
  return { compaction: compaction.id, added, removed };
}

function keyOf(path: string): string {
  return storageKeyOfPath(path) ?? path;
}
