/** The versions that a range of versions or times means. */
import { LandfallError } from "../../base/landfall-error.ts";
import { partitionPoint } from "../../base/partition-point.ts";
import type { CommitTimes } from "../commit-times.ts";
import type { ReadTableOptions, TableState } from "../table-state.ts";
import { versionAt } from "../version-at.ts";

export interface VersionRangeOptions extends Omit<ReadTableOptions, "version"> {
  /** The newest state of the table. */
  readonly newest: TableState;
  readonly times: CommitTimes;
  /** A version; or a time, which stands for the first version that is not older. */
  readonly from: number | Date;
  /** A version; or a time, which stands for the last version that is not younger. Default: the newest. */
  readonly to: number | Date | undefined;
}

export interface VersionRange {
  readonly from: number;
  /** `from - 1` where the range begins with the version that comes next. */
  readonly to: number;
}

/**
 * As in Delta Spark a time stands for the first version at or after it where the range begins, and for the last version at or before it
 * where it ends; times outside of those that the log knows are refused.
 *
 * @throws LandfallError USAGE, TABLE_VERSION_MISSING
 */
export async function versionRange(options: VersionRangeOptions): Promise<VersionRange> {
  const { storage, newest, times } = options;
  const table = storage.location;
  for (const [name, value] of [
    ["from", options.from],
    ["to", options.to],
  ] as const) {
    const isGood = value instanceof Date ? !Number.isNaN(value.getTime()) : Number.isSafeInteger(value ?? 0);
    if (isGood && Number(value ?? 0) >= 0) continue;
    throw new LandfallError("USAGE", {
      message: `${name} is neither a version nor a time.`,
      hint: "Give a version as a whole number from 0, or a Date.",
      table,
    });
  }
  const from = options.from instanceof Date ? await firstSince(options.from, options) : options.from;
  if (options.to === undefined && from === newest.version + 1) return { from, to: newest.version };
  const to = await lastOf(options);
  for (const version of [from, to]) {
    if (version <= newest.version) continue;
    throw new LandfallError("TABLE_VERSION_MISSING", {
      message: `The table ${table} has no version ${version}; its newest is ${newest.version}.`,
      table,
      version,
    });
  }
  if (from > to) {
    throw new LandfallError("USAGE", {
      message: `The changes of ${table} are asked for from version ${from} to version ${to}, and nothing lies between them.`,
      hint: "Give the older version or time first; a range of times needs a commit in it.",
      table,
    });
  }
  const oldest = times.versions[0] ?? Infinity;
  if (from < oldest || times.versions.at(-1)! < to) {
    const missing = from < oldest ? from : times.versions.at(-1)! + 1;
    throw new LandfallError("TABLE_VERSION_MISSING", {
      message: `The log of ${table} no longer holds the commit of version ${missing}, which says what it changed.`,
      hint:
        oldest === Infinity
          ? "It holds no commits: ask again when there are new ones."
          : `Ask for the changes from version ${oldest} on.`,
      table,
      version: missing,
    });
  }
  return { from, to };
}

async function lastOf({ to, newest, ...options }: VersionRangeOptions): Promise<number> {
  if (to === undefined) return newest.version;
  if (!(to instanceof Date)) return to;
  return (await versionAt({ ...options, timestamp: to.getTime(), state: newest })) ?? newest.version;
}

async function firstSince(time: Date, { storage, times }: VersionRangeOptions): Promise<number> {
  const { versions, statedFrom } = times;
  const newest = versions.at(-1);
  const isBefore = async (version: number): Promise<boolean> => (await times.of(version)) < time.getTime();
  // Files' times and stated times are two clocks, each of which ascends: the first stated one decides which is looked at.
  const stated = versions.filter((version) => version >= statedFrom);
  const isStated = stated[0] !== undefined && (await times.of(stated[0])) <= time.getTime();
  const searched = isStated ? stated : versions.filter((version) => version < statedFrom);
  const found = searched[await partitionPoint(searched, isBefore)] ?? (isStated ? undefined : stated[0]);
  if (found !== undefined) return found;
  throw new LandfallError("TABLE_VERSION_MISSING", {
    message: `No version of ${storage.location} is as young as ${time.toISOString()}${newest === undefined ? "" : `; its newest is ${newest}, of ${new Date(await times.of(newest)).toISOString()}`}.`,
    hint: "Ask for an earlier time.",
    table: storage.location,
    ...(newest === undefined ? {} : { version: newest }),
  });
}
