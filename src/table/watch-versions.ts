/** New versions of a table as they are committed, each once and in order. */
import type { Clock } from "../base/clock.ts";
import { LandfallError } from "../base/landfall-error.ts";
import { millisecondsOf } from "../base/nanoseconds.ts";
import { commitMark } from "../delta/commit-mark.ts";
import { fileTimes } from "../delta/commit-times.ts";
import { describeCommit, type CommitDescription } from "../delta/describe-commit.ts";
import { commitKey } from "../delta/log-files.ts";
import { latestVersion, readCommit, type Commit } from "../delta/log-storage.ts";
import { tableMissing } from "../delta/table-missing.ts";
import { readTableState, stateAfter, type TableState } from "../delta/table-state.ts";
import type { ReadTableOptions } from "../delta/table-state.ts";

export interface WatchedVersion {
  readonly state: TableState;
  readonly commit: CommitDescription;
}

export interface WatchVersionsOptions extends Pick<ReadTableOptions, "storage" | "parquet" | "onNotice"> {
  /** The first version that is told. Default: the next one that is committed. */
  readonly from: number | undefined;
  /** Milliseconds between two looks at the log. */
  readonly every: number;
  readonly clock: Clock;
  /** Ends it: the reason is thrown. */
  readonly signal: AbortSignal;
}

/**
 * @throws LandfallError TABLE_MISSING, also where the table is dropped meanwhile, TABLE_CHANGED_IDENTITY where another one takes its place,
 *   TABLE_VERSION_MISSING where a version to be told was cleaned up before it was read; as `readTableState`
 */
export async function* watchVersions(
  options: WatchVersionsOptions,
): AsyncGenerator<WatchedVersion, never, undefined> {
  const { storage, every, clock, signal } = options;
  const newest = await latestVersion({ storage, signal });
  if (newest === undefined) throw tableMissing(storage);
  const from = options.from ?? newest + 1;
  let state = await stateAt(Math.min(from, newest), options);
  let fileTime = (await fileTimes({ storage, signal })).of.get(state.version) ?? -Infinity;
  let mark = await commitMark(storage, state.version);
  if (state.version === from) {
    const { actions } = await commitOf(from, options);
    yield { state, commit: describeCommit({ version: from, actions, fileTime }) };
  }
  for (;;) {
    const found = await commitMark(storage, state.version);
    if (found !== mark) await demandSameTable(state, found !== undefined, options);
    mark = found;
    const known = state;
    for (const version of await committedAfter(state.version, options)) {
      const { actions, modified } = await commitOf(version, options);
      // As all times of files are made to ascend.
      fileTime = Math.max(modified, fileTime + 1);
      state = stateAfter(state, { version, actions, table: storage.location });
      if (version >= from) yield { state, commit: describeCommit({ version, actions, fileTime }) };
    }
    if (state.version !== known.version) mark = await commitMark(storage, state.version);
    await clock.sleep(every, signal);
  }
}

/** @param isThere whether the log has a commit of the state's version, which is not the one that it was read from */
async function demandSameTable(
  state: TableState,
  isThere: boolean,
  options: WatchVersionsOptions,
): Promise<void> {
  const { storage, signal } = options;
  const { version, metadata } = state;
  if (isThere) {
    if ((await stateAt(version, options)).metadata.id === metadata.id) return;
  } else {
    const newest = await latestVersion({ storage, signal });
    if (newest === undefined) throw tableMissing(storage);
    // Cleaned up, as old commits are.
    if (newest >= version) return;
  }
  throw new LandfallError("TABLE_CHANGED_IDENTITY", {
    message: `The table at ${storage.location} is no longer the one whose version ${version} was told: it was dropped and made again, or restored.`,
    hint: "Watch it anew, from the version that is wanted of what stands there now.",
    table: storage.location,
    version,
  });
}

async function stateAt(version: number, options: WatchVersionsOptions): Promise<TableState> {
  const { storage, parquet, onNotice, signal } = options;
  const reading = { storage, ...(parquet ? { parquet } : {}), onNotice, signal };
  const state = await readTableState({ ...reading, version });
  if (state === undefined) throw tableMissing(storage);
  return state;
}

/** Those that the log says were committed, whether or not it still has the commits. */
async function committedAfter(version: number, options: WatchVersionsOptions): Promise<readonly number[]> {
  const { storage, signal } = options;
  const newest = (await latestVersion({ storage, from: version, signal })) ?? version;
  return Array.from({ length: newest - version }, (_, i) => version + 1 + i);
}

/** With the time of its file: milliseconds since the epoch. */
async function commitOf(
  version: number,
  options: WatchVersionsOptions,
): Promise<{ readonly actions: Commit["actions"]; readonly modified: number }> {
  const { storage, signal } = options;
  signal.throwIfAborted();
  const [commit, object] = [await readCommit({ storage, version }), await storage.head(commitKey(version))];
  if (commit !== undefined && object !== undefined)
    return { actions: commit.actions, modified: millisecondsOf(object.modifiedNs) };
  throw new LandfallError("TABLE_VERSION_MISSING", {
    message: `The commit of version ${version} of ${storage.location} was cleaned up before it was read.`,
    hint: "Watch again from a later version, or keep the log longer (delta.logRetentionDuration).",
    table: storage.location,
    version,
  });
}
