/** One table as a run sees it: its store, and its state brought forward whenever somebody asks. */
import { isLandfallError } from "../base/landfall-error.ts";
import type { ParquetAccess } from "../delta/checkpoint-rows.ts";
import { cleanUpLog, type CleanUpLogOptions, type LogCleanUp } from "../delta/clean-up-log.ts";
import { writeCheckpoint } from "../delta/checkpoint.ts";
import type { AddFile } from "../delta/actions.ts";
import { readLiveFiles } from "../delta/live-files.ts";
import type { KeptRows } from "../delta/kept-rows.ts";
import type { LogNotice } from "../delta/log-notice.ts";
import { advanceTableState, readTableState, type TableState } from "../delta/table-state.ts";
import type { Storage } from "../storage/storage.ts";

export interface TableHandle {
  readonly storage: Storage;
  readonly parquet: ParquetAccess;
  /** The latest state; undefined while the table does not exist. Reads only the commits that are new. */
  refresh(signal?: AbortSignal): Promise<TableState | undefined>;
  /** The state that the last refresh gave. */
  known(): TableState | undefined;
  /** Reads the live files of the state that is known; undefined while there is none. @throws as `readLiveFiles` */
  liveFiles<T>(
    read: (live: AsyncIterable<AddFile>) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T | undefined>;
  /** Writes Delta's checkpoint of a version that exists; `now` in milliseconds since the epoch. @throws as `writeCheckpoint` */
  checkpoint(version: number, now: number): Promise<void>;
  /** Removes what has expired of the log. @throws as `cleanUpLog` */
  cleanUpLog(
    options: Pick<CleanUpLogOptions, "now" | "mayRemove" | "signal">,
  ): Promise<LogCleanUp | undefined>;
}

export interface OpenTableOptions {
  readonly storage: Storage;
  readonly parquet: ParquetAccess;
  /** Told once of each damaged file of the log that was passed over. Default: nobody listens. */
  readonly onNotice?: (notice: LogNotice) => void;
}

export function openTable(options: OpenTableOptions): TableHandle {
  const { storage, parquet } = options;
  const told = new Set<string>();
  const onNotice = (notice: LogNotice): void => {
    if (told.has(notice.message)) return;
    told.add(notice.message);
    options.onNotice?.(notice);
  };
  let state: TableState | undefined;
  let kept: KeptRows | undefined;
  return {
    storage,
    parquet,
    async refresh(signal) {
      const reading = { storage, parquet, onNotice, ...(signal ? { signal } : {}) };
      try {
        state = state === undefined ? await readTableState(reading) : await advanceTableState(state, reading);
      } catch (error) {
        if (!isLandfallError(error, "OBJECT_MISSING") && !isLandfallError(error, "TABLE_LOG_CORRUPT"))
          throw error;
        // Cleaned up between its listing and the read, or since the state that we knew: what is left is read anew, once.
        state = await readTableState(reading);
      }
      return state;
    },
    known: () => state,
    async liveFiles(read, signal) {
      if (state === undefined) return undefined;
      return readLiveFiles({ storage, parquet, state, kept, onNotice, ...(signal ? { signal } : {}) }, read);
    },
    async cleanUpLog(options) {
      return state === undefined ? undefined : cleanUpLog({ storage, parquet, state, ...options });
    },
    async checkpoint(version, now) {
      const from = kept;
      // What was kept serves once: after a failure the log is read anew.
      kept = undefined;
      const isAtVersion = state?.version === version;
      const keepAt = `${parquet.scratchFolder}/checkpoint-rows.json`;
      const options = { storage, parquet, version, now, keepAt };
      ({ kept } = await writeCheckpoint(isAtVersion ? { ...options, state: state!, kept: from } : options));
    },
  };
}
