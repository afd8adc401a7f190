/** Reads a table from whichever part of its log serves, the cheapest first. */
import { isLandfallError, LandfallError } from "../base/landfall-error.ts";
import type { Storage } from "../storage/storage.ts";
import type { ParquetAccess } from "./checkpoint-rows.ts";
import { CheckpointUnusable } from "./checkpoint-unusable.ts";
import { CompactionUnusable } from "./compaction-unusable.ts";
import { LAST_CHECKPOINT } from "./log-files.ts";
import type { LogNotice } from "./log-notice.ts";
import { candidateSegments, newestVersion, segmentError, type LogSegment } from "./log-segment.ts";
import { lastCheckpointHint, listLog, type LogListing } from "./log-storage.ts";

export interface SegmentOptions {
  readonly storage: Storage;
  /** Needed where the commits no longer reach back to version 0. */
  readonly parquet?: ParquetAccess;
  /** Default: the newest. */
  readonly version?: number;
  /** Told of each file that was passed over because it is damaged or missing, once a read without it has succeeded. */
  readonly onNotice?: ((notice: LogNotice) => void) | undefined;
  readonly signal?: AbortSignal;
}

export interface WithSegmentOptions extends SegmentOptions {
  /** The part of the log that served for this version before: tried first, so that the log is not listed again. */
  readonly known?: LogSegment | undefined;
}

/**
 * Runs a read over the cheapest part of the log that serves, and over the next one when a checkpoint or a log compaction file turns out
 * to be unusable. `_last_checkpoint` only shortens the listing. Undefined where there is no Delta log or an empty one.
 *
 * @param read may be called again, from the start
 * @throws LandfallError TABLE_LOG_CORRUPT, TABLE_VERSION_MISSING; what the read throws
 */
export async function withSegment<T>(
  options: WithSegmentOptions,
  read: (segment: LogSegment) => Promise<T>,
): Promise<T | undefined> {
  const { storage, version, signal, known } = options;
  if (known !== undefined) {
    try {
      return await read(known);
    } catch (error) {
      // Cleaned up since, or damaged where the read before did not look: what serves now is found, and told, by listing.
      if (!isUnusable(error)) throw error;
    }
  }
  const hinted = options.parquet === undefined ? undefined : await lastCheckpointHint(storage);
  const hint = hinted === "damaged" ? undefined : hinted;
  const tried = new Set<string | undefined>();
  const notices: LogNotice[] = [];
  if (hinted === "damaged") notices.push(hintNotice(storage.location, "is damaged"));
  let failure: { readonly error: CheckpointUnusable; readonly file: string | undefined } | undefined;
  const starts =
    hint !== undefined && hint > 0 && hint <= (version ?? hint) ? [hint, undefined] : [undefined];
  for (const from of starts) {
    const listing = await listLog({
      storage,
      ...(from === undefined ? {} : { from }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (from === undefined && newestVersion(listing) === undefined) return undefined;
    if (from !== undefined && !listing.checkpoints.some((checkpoint) => checkpoint.version === from))
      notices.push(
        hintNotice(storage.location, `names version ${from}, of which there is no complete checkpoint`),
      );
    const segments = candidateSegments(listing, version);
    if (from === undefined && segments.length === 0) throw segmentError(listing, storage.location, version);
    for (let segment = segments.shift(); segment !== undefined; segment = segments.shift()) {
      const name = segment.checkpoint?.keys[0];
      if (tried.has(name)) continue;
      try {
        const result = await read(segment);
        if (options.onNotice !== undefined) {
          const missing = incompleteNotices(storage.location, { listing, segment, hint });
          [...notices, ...missing].forEach(options.onNotice);
        }
        return result;
      } catch (error) {
        if (error instanceof CompactionUnusable) {
          notices.push(passedOver(storage.location, error, error.compaction.key));
          segments.unshift(without(segment, error.compaction.key));
          continue;
        }
        if (!(error instanceof CheckpointUnusable)) throw error;
        tried.add(name);
        failure ??= { error, file: name };
        // Without a Parquet port nothing is known of the checkpoint.
        if (error.refusal === undefined && name !== undefined)
          notices.push(passedOver(storage.location, error, name));
      }
    }
  }
  throw noSegmentServed(failure, storage.location);
}

function isUnusable(error: unknown): boolean {
  return (
    error instanceof CheckpointUnusable ||
    error instanceof CompactionUnusable ||
    isLandfallError(error, "OBJECT_MISSING")
  );
}

function without(segment: LogSegment, key: string): LogSegment {
  return { ...segment, compactions: (segment.compactions ?? []).filter((other) => other.key !== key) };
}

function passedOver(table: string, error: Error, file: string): LogNotice {
  return {
    table,
    file,
    message: `A damaged file of the Delta log of ${table} was passed over, and older ones were read: ${error.message}.`,
  };
}

function hintNotice(table: string, what: string): LogNotice {
  return {
    table,
    file: LAST_CHECKPOINT,
    message: `${LAST_CHECKPOINT} of ${table} ${what}; the log was listed whole instead.`,
  };
}

/** Of checkpoints that would have been read, had they all of their parts. One that `_last_checkpoint` names has been told with it. */
function incompleteNotices(
  table: string,
  {
    listing,
    segment,
    hint,
  }: { readonly listing: LogListing; readonly segment: LogSegment; readonly hint: number | undefined },
): LogNotice[] {
  const used = segment.checkpoint?.version ?? -1;
  return (listing.incomplete ?? [])
    .filter(({ version }) => version > used && version <= segment.version && version !== hint)
    .map(({ version, keys }) => ({
      table,
      file: keys[0]!,
      message: `The checkpoint of version ${version} of ${table} lacks a part, or is still being written; there is ${keys.join(", ")}. Older files were read instead.`,
    }));
}

function noSegmentServed(
  failure: { readonly error: CheckpointUnusable; readonly file: string | undefined } | undefined,
  table: string,
): LandfallError {
  if (failure?.error.refusal !== undefined) return failure.error.refusal;
  return new LandfallError("TABLE_LOG_CORRUPT", {
    message: `The Delta log of ${table} has been trimmed and no checkpoint of it can be read${failure === undefined ? "" : `: ${failure.error.message}`}.`,
    hint: "Restore the checkpoint or the commits before it from a backup.",
    table,
    ...(failure?.file === undefined ? {} : { file: failure.file }),
    cause: failure?.error,
  });
}
