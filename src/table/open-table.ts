/** A Delta table to read, in any program: `import { openTable } from "landfall/delta"`. */
import { availableParallelism } from "node:os";
import { checkOptions, demandOptions, type OptionKinds } from "../base/check-options.ts";
import { systemClock } from "../base/clock.ts";
import { LandfallError } from "../base/landfall-error.ts";
import { parseBytes, parseDuration } from "../base/units.ts";
import { commitHistory } from "../delta/commit-history.ts";
import { describeCommit, type CommitDescription } from "../delta/describe-commit.ts";
import type { LogNotice } from "../delta/log-notice.ts";
import { tableMissing } from "../delta/table-missing.ts";
import { readTableState } from "../delta/table-state.ts";
import { askedVersion, demandVersion } from "./asked-version.ts";
import { checkTable, type TableCheck } from "./check/check-table.ts";
import { checkCompareOptions, compare, type CompareOptions } from "./compare/compare.ts";
import type { TableDifference } from "./compare/compare-snapshots.ts";
import { newestState } from "./newest-state.ts";
import { CHANGES_OPTIONS, scanChanges, type ChangesOptions, type TableChanges } from "./scan-changes.ts";
import { tableAccess, type TableAccess } from "./table-access.ts";
import { tableLocation } from "./table-location.ts";
import { tableSnapshot, type TableSnapshot } from "./table-snapshot.ts";
import { watchVersions } from "./watch-versions.ts";

export interface OpenTableOptions {
  /** Ends every question to the table. Default: nothing does. */
  readonly signal?: AbortSignal | undefined;
  /** Reads files, too, that the log names outside of the table's folder, as shallow clones have them. Default: they are refused. */
  readonly allowOutside?: boolean | undefined;
  /** Told of what is damaged in the log and was passed over, because the rest of it serves. Default: nobody is. */
  readonly onNotice?: ((notice: LogNotice) => void) | undefined;
  /** What reading data and checkpoints may use, such as `2g`. Default: `1g`. */
  readonly memory?: string | undefined;
  /** Threads that read data and checkpoints. Default: as many as the machine has. */
  readonly threads?: number | undefined;
}

export const OPEN_TABLE_OPTIONS: OptionKinds<OpenTableOptions> = {
  signal: "signal",
  allowOutside: "flag",
  onNotice: "function",
  memory: "text",
  threads: "number",
};

export interface SnapshotOptions {
  /** Default: the newest. */
  readonly version?: number | undefined;
  /**
   * The version that was the newest at this time: milliseconds since the epoch, or a Date. Versions have the times of their commits' files, or
   * in-commit timestamps where the table has them. Not beside `version`.
   */
  readonly timestamp?: number | Date | undefined;
  readonly signal?: AbortSignal | undefined;
}

const SNAPSHOT_OPTIONS: OptionKinds<SnapshotOptions> = { version: "any", timestamp: "any", signal: "signal" };

export interface CheckOptions extends SnapshotOptions {
  /** Reads every row and every deletion vector, and judges the statistics by them. Default: the log, and the files' names and sizes. */
  readonly data?: boolean | undefined;
}

const CHECK_OPTIONS: OptionKinds<CheckOptions> = { ...SNAPSHOT_OPTIONS, data: "flag" };

export interface HistoryOptions {
  /** Versions at most. Default: 1,000. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const HISTORY_OPTIONS: OptionKinds<HistoryOptions> = { limit: "number", signal: "signal" };

export interface WatchOptions {
  /** The first version that is told; those that are there already come at once. Default: the next one that is committed. */
  readonly from?: number | undefined;
  /** How often the log is looked at, such as `500ms` or `1 min`. Default: `1s`. */
  readonly every?: string | undefined;
  /** Ends the loop, without an error. */
  readonly signal?: AbortSignal | undefined;
}

const WATCH_OPTIONS: OptionKinds<WatchOptions> = { from: "any", every: "text", signal: "signal" };

/** What a watch tells of each version. */
export interface CommittedVersion {
  readonly snapshot: TableSnapshot;
  /** What the commit says of itself, and how many files it added and removed. */
  readonly commit: CommitDescription;
}

/** Close it, or open it with `await using`. Every call rejects with a LandfallError, TABLE_MISSING where there is no table, or with the signal's reason. */
export interface DeltaTable extends AsyncDisposable {
  /** The table's folder, absolute. */
  readonly location: string;
  /**
   * One version of the table. The newest is read from the last one known by the commits since. Rejects with TABLE_VERSION_MISSING for a
   * version or a time that does not exist or that the log no longer gives, TABLE_FEATURE_UNSUPPORTED for a table that needs more than is known here.
   */
  snapshot(options?: SnapshotOptions): Promise<TableSnapshot>;
  /**
   * Whether one version is what its log says: files, commits, checkpoint, `.crc`, and with `data` rows, statistics and deletion vectors. What is
   * wrong is told and not thrown. Changes nothing.
   */
  check(options?: CheckOptions): Promise<TableCheck>;
  /** Which rows two versions have apart, or this table and another: counts and some of them. Files that both versions have are not read. */
  compare(options: CompareOptions): Promise<TableDifference>;
  /** What the commits say that the log still holds, the newest first. */
  history(options?: HistoryOptions): Promise<readonly CommitDescription[]>;
  /** What versions did to the rows, in order of the versions: from the change data feed. Nothing is read before it is asked for. */
  changes(options: ChangesOptions): TableChanges;
  /**
   * Each version as it is committed, in order and without a gap; those missed between two looks are told, too. Rejects with
   * TABLE_VERSION_MISSING where one was cleaned up before it was read, TABLE_MISSING where the table is dropped, and TABLE_CHANGED_IDENTITY where
   * another one is made in its place. Ends with the signal, with `close`, or when the loop is left.
   */
  watch(options?: WatchOptions): AsyncIterable<CommittedVersion>;
  /** Ends what is under way and waits for it; a second call does nothing more. */
  close(): Promise<void>;
}

const HISTORY_LIMIT = 1000;

/** A table to read, and what else works on it shares: the way in, and the newest state that is known. */
export interface OpenedTable {
  readonly table: DeltaTable;
  readonly access: TableAccess;
  readonly newest: ReturnType<typeof newestState>;
}

/**
 * The table at a path or a `file:` URL. Nothing is opened, and nothing missed, before the first question.
 *
 * @throws LandfallError USAGE
 */
export function openToRead(uri: string | URL, options: OpenTableOptions = {}): OpenedTable {
  const access = tableAccess({
    location: tableLocation(uri),
    memory: understood("memory", options.memory ?? "1g", parseBytes, "2g"),
    threads: options.threads ?? availableParallelism(),
    allowOutside: options.allowOutside ?? false,
    onNotice: options.onNotice,
    signal: options.signal,
  });
  const newest = newestState();
  const table: DeltaTable = {
    location: access.location,
    snapshot: async (asked = {}) => {
      checkOptions("table.snapshot", asked, SNAPSHOT_OPTIONS);
      return access.ask(asked.signal, async (parts, signal) => {
        const version = await askedVersion(asked, { parts, newest: newest.read, signal });
        if (version === undefined) return tableSnapshot(access, await newest.read(parts, signal));
        const state =
          newest.known(version) ?? (await readTableState({ ...parts, version, holdCommits: true, signal }));
        if (state === undefined) throw tableMissing(parts.storage);
        return tableSnapshot(access, state);
      });
    },
    check: async (asked = {}) => {
      checkOptions("table.check", asked, CHECK_OPTIONS);
      return access.ask(asked.signal, async (parts, signal) => {
        const version = await askedVersion(asked, { parts, newest: newest.read, signal });
        return checkTable({ parts, version, data: asked.data, signal });
      });
    },
    compare: async (asked) => {
      checkCompareOptions(asked);
      return access.ask(asked.signal, (parts, signal) =>
        compare(parts, { ...asked, newest: newest.read, signal }),
      );
    },
    history: async (asked = {}) => {
      checkOptions("table.history", asked, HISTORY_OPTIONS);
      const { limit = HISTORY_LIMIT } = asked;
      return access.ask(asked.signal, async ({ storage }, signal) => {
        return (await commitHistory({ storage, limit, describe: describeCommit, signal })).commits;
      });
    },
    changes(asked) {
      checkOptions("table.changes", asked, CHANGES_OPTIONS);
      demandOptions("table.changes", asked, ["from"]);
      return scanChanges(access, newest.read, asked);
    },
    watch(asked = {}) {
      checkOptions("table.watch", asked, WATCH_OPTIONS);
      const every = understood("every", asked.every ?? "1s", parseDuration, "30s");
      const { from } = asked;
      demandVersion("from", from);
      return endedBy(
        [asked.signal, options.signal, access.closing],
        access.askInPieces(asked.signal, async function* (parts, signal) {
          for await (const { state, commit } of watchVersions({
            ...parts,
            from,
            every,
            clock: systemClock,
            signal,
          }))
            yield { snapshot: tableSnapshot(access, state), commit };
        }),
      );
    },
    close: () => access.close(),
    [Symbol.asyncDispose]: () => access.close(),
  };
  return { table, access, newest };
}

/** The pieces, and an end where a signal breaks them off. */
async function* endedBy<T>(
  signals: readonly (AbortSignal | undefined)[],
  pieces: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* pieces;
  } catch (error) {
    if (!signals.some((signal) => signal?.aborted === true && signal.reason === error)) throw error;
  }
}

function understood(
  name: string,
  text: string,
  parse: (text: string) => number | undefined,
  example: string,
): number {
  const value = parse(text);
  if (value !== undefined && value > 0) return value;
  throw new LandfallError("USAGE", {
    message: `${name}: ${JSON.stringify(text)} is not understood.`,
    hint: `Write it such as ${JSON.stringify(example)}.`,
  });
}
