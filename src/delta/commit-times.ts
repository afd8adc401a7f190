/**
 * When versions were made (PROTOCOL.md, "In-Commit Timestamps"): as the commits themselves say from the version on that enabled it, and
 * before it, or without it, by the times of their files. Clocks are set back and hosts disagree, so a file's time that does not come after
 * the one before it counts as a millisecond later, as in Delta Spark.
 */
import { LandfallError } from "../base/landfall-error.ts";
import type { Storage } from "../storage/storage.ts";
import { findCommitInfo, type Metadata, type Protocol } from "./actions.ts";
import { checkpointsOf } from "./checkpoint-files.ts";
import { parseCommit } from "./commit-json.ts";
import { hasInCommitTimestamps, statedTimestamp } from "./in-commit-timestamp.ts";
import { timedLogFiles } from "./listed-log-files.ts";
import { commitKey, type LogFile } from "./log-files.ts";
import { oldestReadable } from "./log-segment.ts";

/** All times in milliseconds since the epoch. */
export interface CommitTimes {
  /** Versions that can be read and whose commits are there, ascending and without a gap. */
  readonly versions: readonly number[];
  /** The first version that states its own time; Infinity where none does. */
  readonly statedFrom: number;
  /** @throws LandfallError TABLE_LOG_CORRUPT for a version that should state its time and does not, OBJECT_MISSING */
  of(version: number): Promise<number>;
}

/** One listing; a commit that states its own time is opened when it is asked for. */
export async function commitTimes(options: {
  readonly storage: Storage;
  /** The newest state. */
  readonly state: { readonly protocol: Protocol; readonly metadata: Metadata };
  readonly signal?: AbortSignal | undefined;
}): Promise<CommitTimes> {
  const { storage, state, signal } = options;
  const { versions, of: timeOfFile } = await fileTimes({ storage, signal });
  const readable = new Set(versions);
  const statedFrom = firstStated(state);
  return {
    versions,
    statedFrom,
    of: async (version) => {
      if (version >= statedFrom) return statedTime(storage, version);
      return readable.has(version) ? timeOfFile.get(version)! : missing(storage, version);
    },
  };
}

export interface FileTimes {
  /** The commits that the log holds, ascending. */
  readonly commits: readonly number[];
  /** Those of versions that can be read, without a gap. */
  readonly versions: readonly number[];
  /** Of each commit the time of its file, made to ascend: milliseconds since the epoch. */
  readonly of: ReadonlyMap<number, number>;
}

/** One listing. */
export async function fileTimes(options: {
  readonly storage: Storage;
  readonly signal?: AbortSignal | undefined;
}): Promise<FileTimes> {
  const modified = new Map<number, number>();
  const others: LogFile[] = [];
  for await (const { file, modified: time } of timedLogFiles(options)) {
    if (file.kind === "commit") modified.set(file.version, time);
    else others.push(file);
  }
  const commits = [...modified.keys()];
  const oldest = oldestReadable({ commits, checkpoints: checkpointsOf(others), compactions: [] }) ?? Infinity;
  const isReadable = (version: number): boolean => version >= oldest;
  const timesOf = (versions: readonly number[]): Map<number, number> =>
    monotonicTimes(versions.map((version) => [version, modified.get(version)!]));
  const versions = commits.filter(isReadable);
  // What is left of commits before the first readable one says nothing of those that time travel finds.
  const older = commits.filter((version) => !isReadable(version));
  return { commits, versions, of: new Map([...timesOf(older), ...timesOf(versions)]) };
}

/** Each at least a millisecond after the one before it. */
export function monotonicTimes(
  times: readonly (readonly [version: number, time: number])[],
): Map<number, number> {
  const monotonic = new Map<number, number>();
  let last = -Infinity;
  for (const [version, time] of times) {
    last = Math.max(time, last + 1);
    monotonic.set(version, last);
  }
  return monotonic;
}

/** Where the property names no version, in-commit timestamps are on since the table was made. */
function firstStated(state: { readonly protocol: Protocol; readonly metadata: Metadata }): number {
  const { configuration } = state.metadata;
  if (!hasInCommitTimestamps(state)) return Infinity;
  const since = Number(configuration["delta.inCommitTimestampEnablementVersion"] ?? 0);
  return Number.isSafeInteger(since) && since > 0 ? since : 0;
}

async function statedTime(storage: Storage, version: number): Promise<number> {
  const file = commitKey(version);
  const content = await storage.get(file);
  const actions = parseCommit(content, { table: storage.location, version, skipFiles: true });
  const stated = statedTimestamp(findCommitInfo(actions));
  if (stated !== undefined) return stated;
  throw new LandfallError("TABLE_LOG_CORRUPT", {
    message: `${file} of ${storage.location} states no inCommitTimestamp, which the table asks of this version.`,
    hint: "Ask for a version instead of a time, or find out which program wrote this commit.",
    file,
    table: storage.location,
    version,
  });
}

function missing(storage: Storage, version: number): never {
  throw new LandfallError("TABLE_VERSION_MISSING", {
    message: `The log of ${storage.location} has no commit of a version ${version} that can be read.`,
    table: storage.location,
    version,
  });
}
