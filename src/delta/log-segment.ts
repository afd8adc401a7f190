/** Which files of a log give a version's state (PROTOCOL.md, "Action Reconciliation"): decided from a listing alone. */
import { LandfallError } from "../base/landfall-error.ts";
import type { CheckpointFiles } from "./checkpoint-files.ts";
import type { LogListing } from "./log-storage.ts";

/** A checkpoint, if any, and all commits after it up to the version. */
export interface LogSegment {
  readonly version: number;
  /** Without one the commits begin at 0. */
  readonly checkpoint?: CheckpointFiles;
}

/** What is asked of a segment where only its commits are read. */
export interface CommitRange {
  readonly version: number;
  readonly checkpoint?: { readonly version: number };
}

/** The versions of a segment's commits, ascending. */
export function commitsOf(segment: CommitRange): number[] {
  const first = (segment.checkpoint?.version ?? -1) + 1;
  return Array.from({ length: segment.version - first + 1 }, (_, index) => first + index);
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
  const segments: LogSegment[] = listing.checkpoints
    .filter(({ version: at }) => at <= target && at + 1 >= first)
    .toReversed()
    .map((checkpoint) => ({ version: target, checkpoint }));
  if (first === 0) segments.push({ version: target });
  return segments;
}

/** Undefined for an empty log. */
export function newestVersion(listing: LogListing): number | undefined {
  const newest = Math.max(listing.commits.at(-1) ?? -1, listing.checkpoints.at(-1)?.version ?? -1);
  return newest === -1 ? undefined : newest;
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
