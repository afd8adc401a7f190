/** Which files of a table are worth to be written anew, and together with which others. Pure: by their adds alone. */
import type { AddFile, PartitionValues } from "../../delta/actions.ts";
import { partitionKey } from "../../delta/partition-value.ts";
import { recordsOf } from "../../delta/stated-statistics.ts";

export interface OptimizeLimits {
  /** Bytes that a file should have; of those of less than half of it several become one. */
  readonly targetFileSize: number;
  /** A file with more of its rows deleted than this, as a share, is written anew without them. */
  readonly maxDeletedShare: number;
}

/** Files of one partition that are written anew together. */
export interface OptimizeGroup {
  readonly partitionValues: PartitionValues;
  readonly files: readonly AddFile[];
}

/** As Spark has it (`delta.optimize.maxDeletedRowsRatio`). */
export const MAX_DELETED_SHARE = 0.05;

/**
 * Bins of small files, and files with many deleted rows, partition by partition: each bin is about one file of the target's size. What would
 * only be copied is left alone.
 */
export function planBinPacking(files: readonly AddFile[], limits: OptimizeLimits): OptimizeGroup[] {
  const { targetFileSize, maxDeletedShare } = limits;
  const isGain = (add: AddFile): boolean =>
    add.size * 2 < targetFileSize || deletedShare(add) > maxDeletedShare;
  return byPartition(files.filter(isGain)).flatMap(({ partitionValues, files: candidates }) => {
    const groups: AddFile[][] = [];
    let bytes = Infinity;
    for (const add of candidates.toSorted((a, b) => a.size - b.size || (a.path < b.path ? -1 : 1))) {
      if (bytes + add.size > targetFileSize) {
        groups.push([]);
        bytes = 0;
      }
      groups.at(-1)!.push(add);
      bytes += add.size;
    }
    return groups
      .filter((group) => group.length > 1 || deletedShare(group[0]!) > maxDeletedShare)
      .map((group) => ({ partitionValues, files: group }));
  });
}

/** All files of each partition: rows that belong together may stand in any of them. */
export function planClustering(files: readonly AddFile[]): OptimizeGroup[] {
  return byPartition(files);
}

/** Unknown where the add does not count its rows: then every row might be deleted. */
function deletedShare(add: AddFile): number {
  if (add.deletionVector === undefined) return 0;
  const records = recordsOf(add);
  return records === undefined || records === 0 ? 1 : Number(add.deletionVector.cardinality) / records;
}

function byPartition(files: readonly AddFile[]): OptimizeGroup[] {
  const groups = Map.groupBy(files, ({ partitionValues }) => partitionKey(partitionValues));
  return [...groups.values()].map((of) => ({ partitionValues: of[0]!.partitionValues, files: of }));
}
