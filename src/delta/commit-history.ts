/** The commits that a table's log still holds, newest first. */
import type { Storage } from "../storage/storage.ts";
import type { Action } from "./actions.ts";
import { listLog, readCommit } from "./log-storage.ts";
import { tableMissing } from "./table-missing.ts";

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
  readonly describe: (version: number, actions: readonly Action[]) => T;
  readonly signal?: AbortSignal;
}): Promise<CommitHistory<T>> {
  const { storage, limit, describe, signal } = options;
  const { commits: listed } = await listLog({ storage, ...(signal ? { signal } : {}) });
  const oldest = listed[0];
  if (oldest === undefined) throw tableMissing(storage);
  const commits: T[] = [];
  for (const version of listed.toReversed().slice(0, limit)) {
    signal?.throwIfAborted();
    // One that is cleaned up meanwhile is no longer part of the history.
    const commit = await readCommit({ storage, version });
    if (commit !== undefined) commits.push(describe(version, commit.actions));
  }
  return { commits, truncated: listed.length > limit, oldest };
}
