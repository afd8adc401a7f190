/**
 * Log clean-up (PROTOCOL.md, "Metadata Cleanup"): commits and checkpoints that are older than `delta.logRetentionDuration` are removed, up to
 * a checkpoint from which every version that is kept can be read. Whole days: what was the table's state at midnight of the first day
 * that is kept stays readable.
 */
import { faultPoint } from "../base/fault-point.ts";
import type { Storage } from "../storage/storage.ts";
import type { Action } from "./actions.ts";
import { checkpointsOf, type CheckpointFiles } from "./checkpoint-files.ts";
import { sidecarKeysOf, type ParquetAccess } from "./checkpoint-rows.ts";
import { CheckpointUnusable } from "./checkpoint-unusable.ts";
import { cleanUpSidecars } from "./clean-up-sidecars.ts";
import { parseCommit } from "./commit-json.ts";
import { checkWritable, HONOURED_BY_LOG, writerFeaturesOf } from "./features.ts";
import { parseInterval } from "./interval.ts";
import { timedLogFiles, type ListedLogFile } from "./listed-log-files.ts";
import { LOG_FOLDER, type LogFile } from "./log-files.ts";
import { readState, type TableState } from "./table-state.ts";

export interface CleanUpLogOptions {
  readonly storage: Storage;
  readonly parquet: ParquetAccess;
  /** The newest. */
  readonly state: TableState;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Asked of each commit that would go, without its file actions, ascending; after a false neither it nor a later one goes. */
  readonly mayRemove: (version: number, actions: readonly Action[]) => Promise<boolean>;
  readonly signal?: AbortSignal | undefined;
}

export interface LogCleanUp {
  /** The oldest version whose commit is kept. */
  readonly before: number;
  /** Files that were removed. */
  readonly files: number;
}

const DAY = 86_400_000;
const DEFAULT_RETENTION = 30 * DAY;
/** Each removal is made durable, and a batch may be waiting: more goes with the next checkpoint. */
const AT_ONCE = 500;

/**
 * Undefined where nothing has expired. A process that dies on the way leaves a log that ends as it did and begins later: files go from
 * the oldest on.
 *
 * @throws CheckpointUnusable where the checkpoint that would stand in for the commits cannot be read: then nothing has been removed
 */
export async function cleanUpLog(options: CleanUpLogOptions): Promise<LogCleanUp | undefined> {
  const { storage, state, now, signal } = options;
  const { configuration } = state.metadata;
  const cutOff = cutOffTime(configuration, now);
  if (cutOff === undefined) return undefined;
  checkWritable(state, HONOURED_BY_LOG);
  const expired = await listExpired({ storage, cutOff, signal });
  const removable = await lastRemovable(options, expired);
  const checkpoint = newestCheckpoint(expired, removable);
  if (checkpoint === undefined) return undefined;
  const going = expired.filter(({ file }) => goesBefore(file, checkpoint.version)).slice(0, AT_ONCE);
  if (going.length === 0) return undefined;
  await checkStandIn(options, checkpoint);
  faultPoint("cleanup.before");
  for (const { key } of going) {
    signal?.throwIfAborted();
    await storage.delete(key);
    // Hadoop's check sum of it, which names nothing any more.
    await storage.delete(`${LOG_FOLDER}.${key.slice(LOG_FOLDER.length)}.crc`);
    faultPoint("cleanup.removed");
  }
  const left = expired[going.length]?.file;
  const sidecars = writerFeaturesOf(state.protocol).includes("v2Checkpoint")
    ? await cleanUpSidecars(options)
    : 0;
  return {
    before: left === undefined ? checkpoint.version : versionOf(left),
    files: going.length + sidecars,
  };
}

/** @throws CheckpointUnusable where it cannot take the place of the commits before it */
async function checkStandIn(options: CleanUpLogOptions, checkpoint: CheckpointFiles): Promise<void> {
  const { storage, parquet, signal } = options;
  await readState({ storage, parquet }, { version: checkpoint.version, checkpoint });
  for (const key of await sidecarKeysOf({ storage, checkpoint, parquet, signal })) {
    if ((await storage.head(key)) === undefined) throw new CheckpointUnusable(`${key} is missing`);
  }
}

/** Midnight (UTC) of the first day that is kept; undefined where nothing may go, or nobody can tell what may. */
export function cutOffTime(configuration: Readonly<Record<string, string>>, now: number): number | undefined {
  if (configuration["delta.enableExpiredLogCleanup"]?.toLowerCase() === "false") return undefined;
  const property = configuration["delta.logRetentionDuration"];
  const retention = property === undefined ? DEFAULT_RETENTION : parseInterval(property);
  return retention === undefined ? undefined : Math.floor((now - retention) / DAY) * DAY;
}

/** Everything up to the newest commit that is not younger than the cut-off, ascending. Nothing behind it is even looked at. */
async function listExpired(options: {
  readonly storage: Storage;
  readonly cutOff: number;
  readonly signal: AbortSignal | undefined;
}): Promise<readonly ListedLogFile[]> {
  const listed: ListedLogFile[] = [];
  let kept = 0;
  for await (const { key, file, modified } of timedLogFiles(options)) {
    if (file.kind === "lastCheckpoint") continue;
    if (file.kind === "commit") {
      // Times of commits that go back are those of later ones, as Delta takes them: so the first that is too young ends it.
      if (modified > options.cutOff) break;
      kept = listed.length + 1;
    }
    listed.push({ key, file });
  }
  return listed.slice(0, kept);
}

/** The version up to which commits may go, that version's own being kept; -1 where none would go. */
async function lastRemovable(
  { storage, mayRemove, signal }: CleanUpLogOptions,
  expired: readonly ListedLogFile[],
): Promise<number> {
  const wanted = newestCheckpoint(expired, Number.MAX_SAFE_INTEGER)?.version ?? -1;
  for (const { key, file } of expired) {
    if (file.kind !== "commit" || file.version >= wanted) continue;
    signal?.throwIfAborted();
    const { version } = file;
    const content = await storage.get(key);
    const actions = parseCommit(content, { table: storage.location, version, skipFiles: true });
    if (!(await mayRemove(version, actions))) return version;
  }
  return wanted;
}

function newestCheckpoint(expired: readonly ListedLogFile[], limit: number): CheckpointFiles | undefined {
  return checkpointsOf(expired.map(({ file }) => file)).findLast(({ version }) => version <= limit);
}

function versionOf(file: LogFile): number {
  if (file.kind === "lastCheckpoint") return -1;
  return file.kind === "compaction" ? file.from : file.version;
}

/** The checkpoint's own commit stays: a checkpoint does not tell who made the version. */
function goesBefore(file: LogFile, checkpoint: number): boolean {
  return file.kind === "compaction" ? file.from <= checkpoint : versionOf(file) < checkpoint;
}
