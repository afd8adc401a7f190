/** Reading and listing `_delta_log` in a store. */
import { isLandfallError } from "../base/landfall-error.ts";
import { isJsonObject, parseJson } from "../base/lossless-json.ts";
import type { Storage } from "../storage/storage.ts";
import { findCommitInfo, type Action, type CommitInfo } from "./actions.ts";
import { parseCommit } from "./commit-json.ts";
import { listedLogFiles, type ListLogOptions } from "./listed-log-files.ts";
import { checkpointsOf, incompleteCheckpoints, type CheckpointFiles } from "./checkpoint-files.ts";
import { commitKey, LAST_CHECKPOINT, type LogFile } from "./log-files.ts";

/** What lies in a log, or in its part from some version on. */
export interface LogListing {
  /** Ascending. */
  readonly commits: readonly number[];
  /** Those of which no file is missing, ascending; of one version the last is the one to prefer. */
  readonly checkpoints: readonly CheckpointFiles[];
  /** Multi-part ones of which a part is not there, with those that are. Absent where nobody asks. */
  readonly incomplete?: readonly CheckpointFiles[];
  /** Ascending by their first version. */
  readonly compactions: readonly LogCompaction[];
}

/** A log compaction file: the reconciled actions of a range of commits, which it may stand for (PROTOCOL.md, "Log Compaction Files"). */
export interface LogCompaction {
  /** Relative to the table's root. */
  readonly key: string;
  /** The first and the last version, both in the range. */
  readonly from: number;
  readonly to: number;
}

/** The object's bytes, undefined when there is none. */
export async function getIfPresent(storage: Storage, key: string): Promise<Buffer | undefined> {
  try {
    return await storage.get(key);
  } catch (error) {
    if (isLandfallError(error, "OBJECT_MISSING")) return undefined;
    throw error;
  }
}

export async function listLog(options: ListLogOptions): Promise<LogListing> {
  const commits: number[] = [];
  const compactions: LogCompaction[] = [];
  const others: LogFile[] = [];
  for await (const { key, file } of listedLogFiles(options)) {
    if (file.kind === "commit") commits.push(file.version);
    else if (file.kind === "compaction") compactions.push({ key, from: file.from, to: file.to });
    else others.push(file);
  }
  return {
    commits,
    checkpoints: checkpointsOf(others),
    incomplete: incompleteCheckpoints(others),
    compactions,
  };
}

/**
 * The version that `_last_checkpoint` names. It is only a hint: undefined when it is absent, "damaged" when it names none, and what it names
 * may be gone.
 */
export async function lastCheckpointHint(storage: Storage): Promise<number | "damaged" | undefined> {
  try {
    const content = await getIfPresent(storage, LAST_CHECKPOINT);
    if (content === undefined) return undefined;
    const hint = parseJson(content.toString("utf8"));
    const version = isJsonObject(hint) ? hint["version"] : undefined;
    return typeof version === "number" && Number.isSafeInteger(version) && version >= 0 ? version : "damaged";
  } catch {
    // Also where it cannot be read at all: what the log holds is found by listing it, which fails where the place is what fails.
    return "damaged";
  }
}

/**
 * The newest version in the log; undefined where there is no log. One listing.
 *
 * @param options.from a version known to exist: only what is newer is listed, and it is the answer when nothing is
 */
export async function latestVersion(options: ListLogOptions): Promise<number | undefined> {
  const listing = await listLog(options);
  const newest = Math.max(
    listing.commits.at(-1) ?? -1,
    listing.checkpoints.at(-1)?.version ?? -1,
    options.from ?? -1,
  );
  return newest === -1 ? undefined : newest;
}

export interface Commit {
  readonly actions: readonly Action[];
  readonly commitInfo?: CommitInfo;
}

/**
 * One version's commit; undefined when it is not in the log.
 *
 * @throws LandfallError TABLE_LOG_CORRUPT
 */
export async function readCommit(options: {
  readonly storage: Storage;
  readonly version: number;
}): Promise<Commit | undefined> {
  const { storage, version } = options;
  const content = await getIfPresent(storage, commitKey(version));
  if (content === undefined) return undefined;
  const actions = parseCommit(content, { table: storage.location, version });
  const commitInfo = findCommitInfo(actions);
  return commitInfo === undefined ? { actions } : { actions, commitInfo };
}
