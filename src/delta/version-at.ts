/** Time travel by timestamp: the newest version that is not younger than a time. */
import { LandfallError } from "../base/landfall-error.ts";
import { partitionPoint } from "../base/partition-point.ts";
import { commitTimes, type CommitTimes } from "./commit-times.ts";
import { readTableState, type ReadTableOptions, type TableState } from "./table-state.ts";

export interface VersionAtOptions extends Omit<ReadTableOptions, "version"> {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** The newest state, where the caller has it: it is not read again. */
  readonly state?: TableState | undefined;
}

/**
 * The version that was the newest at the time; undefined where there is no table. As in Delta Spark, a time before the oldest version that
 * can still be read and one after the newest are errors, which name that version and its time.
 *
 * @throws LandfallError TABLE_VERSION_MISSING; as `readTableState`
 */
export async function versionAt(options: VersionAtOptions): Promise<number | undefined> {
  const { storage, timestamp, signal } = options;
  const state = options.state ?? (await readTableState(options));
  if (state === undefined) return undefined;
  const times = await commitTimes({ storage, state, signal });
  const newest = times.versions.at(-1);
  const found = await lastNotAfter(times, timestamp);
  if (found === undefined) throw await outside(options, times, times.versions[0]);
  if (found === newest && (await times.of(found)) < timestamp) throw await outside(options, times, newest);
  return found;
}

async function lastNotAfter(times: CommitTimes, timestamp: number): Promise<number | undefined> {
  const { versions, statedFrom } = times;
  const isNotAfter = async (version: number): Promise<boolean> => (await times.of(version)) <= timestamp;
  // Files' times and stated times are two clocks: which of them counts is decided by the first stated one (PROTOCOL.md).
  const stated = versions.filter((version) => version >= statedFrom);
  if (stated[0] !== undefined && (await isNotAfter(stated[0]))) return lastOf(stated, isNotAfter);
  return lastOf(
    versions.filter((version) => version < statedFrom),
    isNotAfter,
  );
}

/** Of versions whose times ascend, the last for which it holds. */
async function lastOf(
  versions: readonly number[],
  holds: (version: number) => Promise<boolean>,
): Promise<number | undefined> {
  return versions[(await partitionPoint(versions, holds)) - 1];
}

async function outside(
  { storage, timestamp }: VersionAtOptions,
  times: CommitTimes,
  nearest: number | undefined,
): Promise<LandfallError> {
  const table = storage.location;
  const text = (time: number): string => new Date(time).toISOString();
  if (nearest === undefined) {
    return new LandfallError("TABLE_VERSION_MISSING", {
      message: `The log of ${table} holds no commit by whose time a version could be found.`,
      hint: "Ask for a version instead of a time.",
      table,
    });
  }
  const [isNewest, time] = [nearest === times.versions.at(-1), await times.of(nearest)];
  const isAfter = isNewest && time < timestamp;
  return new LandfallError("TABLE_VERSION_MISSING", {
    message: `The ${isAfter ? "newest" : "oldest readable"} version of ${table} is ${nearest}, of ${text(time)}; ${text(timestamp)} is ${isAfter ? "after" : "before"} it.`,
    hint: isAfter
      ? "Leave the time out to read the newest version."
      : `Ask for a later time, or for version ${nearest}.`,
    table,
    version: nearest,
  });
}
