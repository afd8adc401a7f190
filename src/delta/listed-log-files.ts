/** The files that a listing of `_delta_log` finds and whose names Delta defines. */
import { millisecondsOf } from "../base/nanoseconds.ts";
import type { Storage } from "../storage/storage.ts";
import { keyBefore, LOG_FOLDER, parseLogFileName, type LogFile } from "./log-files.ts";

export interface ListLogOptions {
  readonly storage: Storage;
  /** Only files of this version and later. Default: all. */
  readonly from?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ListedLogFile {
  /** Relative to the table's root. */
  readonly key: string;
  readonly file: LogFile;
}

export interface TimedLogFile extends ListedLogFile {
  /** When it was last modified: milliseconds since the epoch. */
  readonly modified: number;
}

/** In the order of their keys, which for commits is that of their versions. */
export async function* listedLogFiles(options: ListLogOptions): AsyncGenerator<ListedLogFile> {
  for await (const key of options.storage.keys(rangeOf(options))) {
    const file = logFileOf(key);
    if (file !== undefined) yield { key, file };
  }
}

/** The same with their times, which costs a look at each of them. */
export async function* timedLogFiles(options: ListLogOptions): AsyncGenerator<TimedLogFile> {
  for await (const { key, modifiedNs } of options.storage.list(rangeOf(options))) {
    const file = logFileOf(key);
    if (file !== undefined) yield { key, file, modified: millisecondsOf(modifiedNs) };
  }
}

function rangeOf({ from, signal }: ListLogOptions): Parameters<Storage["keys"]>[0] {
  return {
    prefix: LOG_FOLDER,
    // Some tools keep the files of a folder elsewhere, and links to them in it; a commit that was left out would be an older table.
    links: true,
    ...(from === undefined || from === 0 ? {} : { startAfter: keyBefore(from) }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function logFileOf(key: string): LogFile | undefined {
  return parseLogFileName(key.slice(LOG_FOLDER.length));
}
