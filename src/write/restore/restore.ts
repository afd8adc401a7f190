/** `table restore`: the table is what it was at another version, by a commit of its own. */
import type { OptionKinds } from "../../base/check-options.ts";
import { LandfallError } from "../../base/landfall-error.ts";
import { pathOfVector } from "../../delta/deletion-vector/path-of-vector.ts";
import { checkWritable, HONOURED_BY_LOG } from "../../delta/features.ts";
import { namedFileSize } from "../../delta/named-file-size.ts";
import { readSnapshot, type Snapshot } from "../../delta/snapshot.ts";
import { tableMissing } from "../../delta/table-missing.ts";
import { askedVersion } from "../../table/asked-version.ts";
import type { TableParts } from "../../table/table-access.ts";
import { commitWrite } from "../commit-write.ts";
import type { WriteContext } from "../write-context.ts";
import type { CommittedWrite } from "../write-plan.ts";
import { planRestore, type PlanRestoreOptions } from "./plan-restore.ts";

export interface RestoreOptions {
  /** The version whose rows, columns and properties the table is to have again. */
  readonly version?: number | undefined;
  /** Instead of it: the version that was the newest at this time; milliseconds since the epoch, or a Date. */
  readonly timestamp?: number | Date | undefined;
  /** Restores without the files that are gone, and so without their rows. Default: they are an error. */
  readonly ignoreMissing?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const RESTORE_OPTIONS: OptionKinds<RestoreOptions> = {
  version: "any",
  timestamp: "any",
  ignoreMissing: "flag",
  signal: "signal",
};

/** Files that are looked at at once. */
const AT_ONCE = 64;

/**
 * Undefined where the table is like that already. About 1 KB of memory a live file of either version.
 *
 * @throws LandfallError USAGE, TABLE_VERSION_MISSING, OBJECT_MISSING naming a file that a vacuum has taken away, TABLE_FEATURE_UNSUPPORTED,
 *   `CONFLICT_…`; then nothing has changed
 */
export function restore(context: WriteContext, options: RestoreOptions): Promise<CommittedWrite | undefined> {
  if (options.version === undefined && options.timestamp === undefined) {
    throw new LandfallError("USAGE", {
      message: "A restore needs the version or the time to go back to.",
      hint: "`landfall table history` shows the versions that there are.",
    });
  }
  const asked = wordsOf(options);
  return commitWrite(context, {
    signal: options.signal,
    honoured: HONOURED_BY_LOG,
    plan: async (state, { parts, signal }) => {
      const version = await askedVersion(options, { parts, newest: context.newest, signal });
      const current = await snapshotAt(state.version, parts, signal);
      const target = await snapshotAt(version!, parts, signal);
      checkWritable({ ...current, protocol: target.protocol }, HONOURED_BY_LOG);
      const missing = await missingFiles({ current, target }, parts, signal);
      if (missing.size > 0 && options.ignoreMissing !== true) throw gone(target, missing, parts);
      return planRestore({ current, target, missing, now: context.clock.now(), asked });
    },
  });
}

function wordsOf({ version, timestamp }: RestoreOptions): PlanRestoreOptions["asked"] {
  if (version !== undefined) return { version };
  const time = Number(timestamp);
  return { timestamp: Number.isFinite(time) ? new Date(time).toISOString() : String(timestamp) };
}

async function snapshotAt(version: number, parts: TableParts, signal: AbortSignal): Promise<Snapshot> {
  const snapshot = await readSnapshot({ ...parts, version, signal });
  if (snapshot === undefined) throw tableMissing(parts.storage);
  return snapshot;
}

/** Keys of files that are to come back and are not there, or whose deletion vector is not. */
async function missingFiles(
  { current, target }: { readonly current: Snapshot; readonly target: Snapshot },
  { storage }: TableParts,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const wanted = [...target.adds].filter(([key]) => !current.adds.has(key));
  const missing = new Set<string>();
  for (let start = 0; start < wanted.length; start += AT_ONCE) {
    signal.throwIfAborted();
    const group = wanted.slice(start, start + AT_ONCE).map(async ([key, { path, deletionVector }]) => {
      const vector = deletionVector === undefined ? undefined : pathOfVector(deletionVector);
      for (const one of vector === undefined ? [path] : [path, vector])
        // A shallow clone's files may lie anywhere; that they are there is all that is asked.
        if ((await namedFileSize({ storage, path: one, allowOutside: true })) === undefined) missing.add(key);
    });
    await Promise.all(group);
  }
  return missing;
}

function gone(
  { version, adds }: Snapshot,
  missing: ReadonlySet<string>,
  { storage }: TableParts,
): LandfallError {
  const { path } = adds.get([...missing][0]!)!;
  const count = missing.size === 1 ? "" : ` and ${missing.size - 1} more`;
  return new LandfallError("OBJECT_MISSING", {
    message: `Version ${version} of ${storage.location} cannot be restored: its file ${path}${count} is not there any more; a vacuum takes away what no retained version needs.`,
    hint: "Restore a later version, put the file back from a backup, or say --ignore-missing (ignoreMissing: true) to go on without its rows.",
    file: path,
    table: storage.location,
    version,
  });
}
