/** Making a version: put-if-absent of its commit, and the questions that a lost answer leaves (PROTOCOL.md; exactly-once rules §3). */
import { LandfallError } from "../base/landfall-error.ts";
import type { Storage } from "../storage/storage.ts";
import { findCommitInfo, type Action } from "./actions.ts";
import { serializeCommit } from "./commit-json.ts";
import { commitKey } from "./log-files.ts";
import { readCommit } from "./log-storage.ts";

export type CommitOutcome =
  | { readonly outcome: "committed" }
  /** Another commit holds the version; `checkAppendConflict` says whether to try the next. */
  | { readonly outcome: "taken"; readonly winner: readonly Action[] };

export interface TryCommitOptions {
  readonly storage: Storage;
  /** One more than the version that the actions were made for. */
  readonly version: number;
  /** Must hold a commitInfo with a txnId of its own, by which a commit is known as ours. */
  readonly actions: readonly Action[];
}

/**
 * Tries to make the version. Trying again with the same actions is safe: a commit that is there already under our txnId counts as
 * committed. When the store's answer is lost, the version is read back.
 *
 * @throws LandfallError the store's own error when the version is not there after it; TABLE_LOG_CORRUPT when the version is taken by
 * something that is no commit; INTERNAL when the actions have no txnId
 */
export async function tryCommit(options: TryCommitOptions): Promise<CommitOutcome> {
  const { storage, version, actions } = options;
  const txnId = findCommitInfo(actions)?.txnId;
  if (typeof txnId !== "string" || txnId === "") {
    throw new LandfallError("INTERNAL", {
      message: `The commit that was to become version ${version} of ${storage.location} has no commitInfo.txnId, by which its writer knows it again.`,
      hint: "This is a fault of the caller; nothing was written.",
      table: storage.location,
      version,
    });
  }
  let failure: unknown;
  try {
    const outcome = await storage.put(commitKey(version), serializeCommit(actions), { ifAbsent: true });
    if (outcome === "created") return { outcome: "committed" };
  } catch (error) {
    failure = error;
  }
  // "exists" may also be the answer to a repeat of our own put, made inside the store's client.
  const present = await readAfterPut(options, failure);
  if (present === undefined) {
    throw failure ?? vanished(storage.location, version);
  }
  if (findCommitInfo(present)?.txnId === txnId) return { outcome: "committed" };
  return { outcome: "taken", winner: present };
}

/**
 * After a won commit: whether it stands. A foreign txnId means that a writer without put-if-absent has overwritten it.
 *
 * @throws LandfallError STORAGE_FAILED and others of the store, TABLE_LOG_CORRUPT
 */
export async function readBack(options: {
  readonly storage: Storage;
  readonly version: number;
  readonly txnId: string;
}): Promise<"ours" | "clobbered"> {
  const commit = await readCommit(options);
  return commit?.commitInfo?.txnId === options.txnId ? "ours" : "clobbered";
}

async function readAfterPut(
  options: TryCommitOptions,
  failure: unknown,
): Promise<readonly Action[] | undefined> {
  try {
    const commit = await readCommit(options);
    return commit?.actions;
  } catch (error) {
    // Where the put failed, that is the error to tell; reading back was only a question.
    throw failure ?? error;
  }
}

function vanished(table: string, version: number): LandfallError {
  return new LandfallError("STORAGE_FAILED", {
    message: `The store said that version ${version} of ${table} exists, and then that it does not.`,
    hint: "Run again; if it happens again, the store is not consistent enough to hold a Delta log.",
    table,
    version,
  });
}
