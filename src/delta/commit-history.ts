/** The commits that a table's log still holds, newest first. */
import type { Storage } from "../storage/storage.ts";
import type { Action } from "./actions.ts";
import { fileTimes } from "./commit-times.ts";
import { readCommit } from "./log-storage.ts";
import { tableMissing } from "./table-missing.ts";

/** A commit, for who makes something of it. */
export interface DescribedCommit {
  readonly version: number;
  readonly actions: readonly Action[];
  /** The time of its file, made to ascend: milliseconds since the epoch. */
  readonly fileTime: number;
}

export interface CommitHistory<T> {
  readonly commits: readonly T[];
  /** True when older ones were left out by the limit. */
  readonly truncated: boolean;
  /** The oldest version whose commit the log still holds. */
  readonly oldest: number;
}

/**
 * What `describe` makes of each commit: the actions of one at a time are held.
 *
 * @param options.limit commits at most
 * @throws LandfallError TABLE_MISSING, TABLE_LOG_CORRUPT
 */
export async function commitHistory<T>(options: {
  readonly storage: Storage;
  readonly limit: number;
  readonly describe: (commit: DescribedCommit) => T;
  readonly signal?: AbortSignal;
}): Promise<CommitHistory<T>> {
  const { storage, limit, describe, signal } = options;
  const { commits: listed, of: timeOfFile } = await fileTimes({ storage, signal });
  const oldest = listed[0];
  if (oldest === undefined) throw tableMissing(storage);
  const commits: T[] = [];
  for (const version of listed.toReversed().slice(0, limit)) {
    signal?.throwIfAborted();
    // One that is cleaned up meanwhile is no longer part of the history.
    const commit = await readCommit({ storage, version });
    if (commit !== undefined)
      commits.push(describe({ version, actions: commit.actions, fileTime: timeOfFile.get(version)! }));
  }
  return { commits, truncated: listed.length > limit, oldest };
}
