/** Which files of a log give a version's state (PROTOCOL.md, "Action Reconciliation"): decided from a listing alone. */
import { LandfallError } from "../base/landfall-error.ts";
import type { CheckpointFiles } from "./checkpoint-files.ts";
import type { LogCompaction, LogListing } from "./log-storage.ts";

/** A checkpoint, if any, and all commits after it up to the version. */
export interface LogSegment {
  readonly version: number;
  /** Without one the commits begin at 0. */
  readonly checkpoint?: CheckpointFiles;
  /** Those of the log: `piecesOf` takes which lie wholly in the range. */
  readonly compactions?: readonly LogCompaction[];
}

/** What is asked of a segment where only its commits are read. */
export interface CommitRange {
  readonly version: number;
  readonly checkpoint?: { readonly version: number };
  readonly compactions?: readonly LogCompaction[];
}

/** The versions of a segment's commits, ascending. */
export function commitsOf(segment: CommitRange): number[] {
  const first = (segment.checkpoint?.version ?? -1) + 1;
  return Array.from({ length: segment.version - first + 1 }, (_, index) => first + index);
}

/** The files that say what a segment's versions did to the table's files, newest first: commits, and compactions in the place of some. */
export function piecesOf(segment: CommitRange): (number | LogCompaction)[] {
  const first = (segment.checkpoint?.version ?? -1) + 1;
  const longest = new Map<number, LogCompaction>();
  for (const compaction of segment.compactions ?? []) {
    const { from, to } = compaction;
    if (from < first || to > segment.version || to <= from) continue;
    if ((longest.get(to)?.from ?? to) > from) longest.set(to, compaction);
  }
  const pieces: (number | LogCompaction)[] = [];
  for (let version = segment.version; version >= first;) {
    const compaction = longest.get(version);
    pieces.push(compaction ?? version);
    version = (compaction?.from ?? version) - 1;
  }
  return pieces;
}

/**
 * All ways to reconstruct the version, the cheapest first: from the newest checkpoint down to the JSON of version 0. Empty when
 * the listing does not suffice.
 *
 * @param version default: the newest in the listing
 */
export function candidateSegments(listing: LogListing, version?: number): LogSegment[] {
  const target = version ?? newestVersion(listing);
  if (target === undefined) return [];
  const first = firstContiguous(listing, target);
  const { compactions } = listing;
  const segments: LogSegment[] = listing.checkpoints
    .filter(({ version: at }) => at <= target && at + 1 >= first)
    .toReversed()
    .map((checkpoint) => ({ version: target, checkpoint, compactions }));
  if (first === 0) segments.push({ version: target, compactions });
  return segments;
}

/** Undefined for an empty log. */
export function newestVersion(listing: LogListing): number | undefined {
  const newest = Math.max(listing.commits.at(-1) ?? -1, listing.checkpoints.at(-1)?.version ?? -1);
  return newest === -1 ? undefined : newest;
}

/** The oldest version that can be read, and with it all later ones; undefined where the newest cannot. */
export function oldestReadable(listing: LogListing): number | undefined {
  const newest = newestVersion(listing);
  if (newest === undefined) return undefined;
  const first = firstContiguous(listing, newest);
  return first === 0 ? 0 : listing.checkpoints.find(({ version }) => version + 1 >= first)?.version;
}

/** Why a complete listing gives no segment for the version. Call it only when `candidateSegments` is empty. */
export function segmentError(listing: LogListing, table: string, version?: number): LandfallError {
  const newest = newestVersion(listing) ?? -1;
  const target = version ?? newest;
  const subject = { table, version: target };
  if (target > newest || target < 0) {
    return new LandfallError("TABLE_VERSION_MISSING", {
      message: `The table ${table} has no version ${target}; its newest is ${newest}.`,
      ...subject,
    });
  }
  const first = firstContiguous(listing, target);
  const earliest = Math.min(listing.commits[0] ?? newest, listing.checkpoints[0]?.version ?? newest);
  const trimmed = version !== undefined && (first > target || first <= earliest) && target < newest;
  if (trimmed) {
    return new LandfallError("TABLE_VERSION_MISSING", {
      message: `The history of ${table} before its version ${earliest} has been trimmed, so version ${target} cannot be read.`,
      hint: "Ask for a later version.",
      ...subject,
    });
  }
  return new LandfallError("TABLE_LOG_CORRUPT", {
    message: `The Delta log of ${table} has a gap: version ${first - 1} is missing, and no checkpoint stands in for it.`,
    hint: "Restore the missing file of _delta_log from a backup; without it the table's state is not known.",
    ...subject,
  });
}

/** The lowest version from which on no commit up to the target is missing; target + 1 when the target's own is. */
function firstContiguous(listing: LogListing, target: number): number {
  let first = target + 1;
  for (let index = listing.commits.length - 1; index >= 0; index--) {
    const version = listing.commits[index]!;
    if (version > target) continue;
    if (version !== first - 1) break;
    first = version;
  }
  return first;
}
