/** Which files the log says that somebody needs, and which it names that nobody needs any more. */
import type { Action, AddFile, RemoveFile } from "../../delta/actions.ts";
import { pathOfVector } from "../../delta/deletion-vector/path-of-vector.ts";
import { keyOfPath } from "../../delta/locate-file.ts";
import { LOG_FOLDER, parseLogFileName } from "../../delta/log-files.ts";
import { readCommit } from "../../delta/log-storage.ts";
import { replayFiles } from "../../delta/snapshot.ts";
import type { TableState } from "../../delta/table-state.ts";
import { withSegment } from "../../delta/with-segment.ts";
import type { TableParts } from "../../table/table-access.ts";
import type { Storage } from "../../storage/storage.ts";

/** Storage keys of data files, change data files and files of deletion vectors; what lies outside of the table's folder is in neither. */
export interface NamedFiles {
  /** Of the newest version, or of one that was the newest since the cutoff. */
  readonly needed: ReadonlySet<string>;
  /** The log still names them, and they are not needed. */
  readonly expired: ReadonlySet<string>;
}

export interface NamedFilesOptions {
  readonly parts: Pick<TableParts, "storage" | "parquet">;
  /** The newest. */
  readonly state: TableState;
  /** Milliseconds since the epoch: versions from then on are to stay readable. */
  readonly cutoff: number;
  /** All commits that still stand are read. Default: those since the cutoff. */
  readonly allCommits: boolean;
  readonly signal: AbortSignal;
}

/** @throws LandfallError as `readTableState`: of a log that cannot be read whole, nothing is said */
export async function namedFiles(options: NamedFilesOptions): Promise<NamedFiles> {
  const { parts, state, cutoff, signal } = options;
  const { storage } = parts;
  const needed = new Set<string>();
  const named = new Set<string>();
  const note = (file: Pick<AddFile, "path" | "deletionVector">, isNeeded: boolean): void => {
    for (const key of keysOf(storage, file)) (isNeeded ? needed : named).add(key);
  };
  const noteRemove = (remove: RemoveFile, committed: number): void =>
    note(remove, Number(remove.deletionTimestamp ?? committed) >= cutoff);
  const { version } = state;
  await withSegment({ ...parts, version, signal }, async (segment) => {
    for await (const action of replayFiles({ ...parts, version, segment, schema: state.schema, signal })) {
      if ("add" in action) note(action.add, true);
      else noteRemove(action.remove, 0);
    }
  });
  // A checkpoint may have left out tombstones that a longer retention needs, and change data files stand in commits alone.
  for await (const { actions, committed } of standingCommits(options)) {
    for (const action of actions) {
      if ("add" in action) note(action.add, false);
      else if ("remove" in action) noteRemove(action.remove, committed);
      else if ("cdc" in action) note(action.cdc, committed >= cutoff);
    }
  }
  return { needed, expired: named.difference(needed) };
}

/** The keys of a file and of its deletion vector's, where they lie in the table's folder. @throws LandfallError TABLE_LOG_CORRUPT */
export function keysOf(storage: Storage, file: Pick<AddFile, "path" | "deletionVector">): string[] {
  const { path, deletionVector } = file;
  const vector = deletionVector === undefined ? undefined : pathOfVector(deletionVector);
  return [path, vector].flatMap((one) => (one === undefined ? [] : (keyOfPath(storage, one) ?? [])));
}

/** With the times of their files, milliseconds since the epoch. */
async function* standingCommits({
  parts,
  state,
  cutoff,
  allCommits,
  signal,
}: NamedFilesOptions): AsyncGenerator<{ readonly actions: readonly Action[]; readonly committed: number }> {
  const { storage } = parts;
  for await (const { key, modifiedNs } of storage.list({ prefix: LOG_FOLDER, links: true, signal })) {
    const file = parseLogFileName(key.slice(LOG_FOLDER.length));
    if (file?.kind !== "commit" || file.version > state.version) continue;
    const committed = Number(BigInt(modifiedNs) / 1_000_000n);
    if (!allCommits && committed < cutoff) continue;
    const commit = await readCommit({ storage, version: file.version });
    if (commit !== undefined) yield { actions: commit.actions, committed };
  }
}
