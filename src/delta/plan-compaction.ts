/**
 * Which small files are worth to be rewritten into one. Changes nothing. Names and numbers are those of Databricks' auto compaction: files of less than
 * half of `maxFileSize` are small, and a partition is due with `minNumFiles` of them.
 */
import { bytesOf } from "../base/bytes-of.ts";
import type { AddFile, PartitionValues } from "./actions.ts";
import { storageKeyOfPath } from "./add-path.ts";
import { partitionKey } from "./partition-value.ts";

export interface CompactionLimits {
  readonly minNumFiles: number;
  /** Bytes: what the small files of a partition become, at most. */
  readonly maxFileSize: number;
}

/** Files of one partition that become one. */
export interface CompactionGroup {
  readonly partitionValues: PartitionValues;
  /** The smallest first. */
  readonly files: readonly AddFile[];
}

export interface CompactionPlan {
  /** Empty: nothing is due. All of them are one commit. */
  readonly groups: readonly CompactionGroup[];
  /** True where more is due than these, or more files than are looked at. */
  readonly more: boolean;
  /** Small files with deletion vectors: left as they are. */
  readonly withDeletionVectors: number;
  /** Small live files that were looked at. */
  readonly small: number;
}

/** Partitions of one commit, as Spark has it. */
const MAX_PARTITIONS = 128;
/** Of a table with more small files the others wait for the next look: these are held in memory. */
const LOOKED_AT = 50_000;

/** @param isOwn asked of small files only: others are left as they are. @throws what reading `live` or `isOwn` throws */
export async function planCompaction(
  live: AsyncIterable<AddFile>,
  limits: CompactionLimits,
  isOwn: (add: AddFile) => Promise<boolean>,
): Promise<CompactionPlan> {
  const partitions = new Map<string, AddFile[]>();
  let small = 0;
  let withDeletionVectors = 0;
  let isCut = false;
  for await (const add of live) {
    if (add.size * 2 >= limits.maxFileSize || !isPlain(add) || !(await isOwn(add))) continue;
    if (add.deletionVector !== undefined) {
      withDeletionVectors += 1;
      continue;
    }
    if (small >= LOOKED_AT) {
      isCut = true;
      continue;
    }
    small += 1;
    const key = partitionKey(add.partitionValues);
    const files = partitions.get(key);
    if (files === undefined) partitions.set(key, [add]);
    else files.push(add);
  }
  const due: CompactionGroup[] = [];
  for (const files of partitions.values()) {
    const group = groupOf(files, limits);
    if (group !== undefined) due.push(group);
  }
  const groups = withinReach(due, limits);
  return { groups, more: isCut || groups.length < due.length, withDeletionVectors, small };
}

/** What lies in the table's folder and tells no row's identity: other files are their writers' to move. */
function isPlain(add: AddFile): boolean {
  return storageKeyOfPath(add.path) !== undefined && add.baseRowId === undefined;
}

/** Undefined where too few are small. */
function groupOf(all: readonly AddFile[], limits: CompactionLimits): CompactionGroup | undefined {
  const files = all.toSorted((a, b) => a.size - b.size || (a.path < b.path ? -1 : 1));
  let sum = bytesOf(files);
  // A file that is larger than all smaller ones together stays: so a rewrite at least doubles each of its files, and a byte is rewritten
  // as often as a small file can be doubled, not with every fiftieth batch.
  while (files.length > 1 && files.at(-1)!.size * 2 > sum) sum -= files.pop()!.size;
  if (files.length < Math.max(2, limits.minNumFiles)) return undefined;
  let bytes = 0;
  const taken = files.filter(({ size }) => (bytes += size) <= limits.maxFileSize);
  return taken.length < 2 ? undefined : { partitionValues: files[0]!.partitionValues, files: taken };
}

/**
 * The partitions with the most files first. Together they are no more than one file of full size: so a commit takes a second or two, and
 * files that arrive meanwhile wait no longer.
 */
function withinReach(due: CompactionGroup[], limits: CompactionLimits): CompactionGroup[] {
  const taken: CompactionGroup[] = [];
  let bytes = 0;
  for (const group of due.sort((a, b) => b.files.length - a.files.length).slice(0, MAX_PARTITIONS)) {
    const size = bytesOf(group.files);
    if (taken.length > 0 && bytes + size > limits.maxFileSize) continue;
    taken.push(group);
    bytes += size;
  }
  return taken;
}
