/**
 * A table's whole state: with its files. The replay goes backwards and keeps the first word on each file (PROTOCOL.md, "Action
 * Reconciliation"), so streaming it holds only the keys of files that the commits after the checkpoint touch.
 */
import { isLandfallError } from "../base/landfall-error.ts";
import type { AddFilter } from "../schema/add-filter.ts";
import type { StructType } from "../schema/data-type.ts";
import type { Storage } from "../storage/storage.ts";
import type { Action, AddFile, DeletionVectorDescriptor, RemoveFile } from "./actions.ts";
import { canonicalPath } from "./add-path.ts";
import { commitContent, heldCommits, type HeldCommits } from "./held-commits.ts";
import { localRoot } from "./locate-file.ts";
import { checkpointRows, type CheckpointRow, type WantedAdds } from "./checkpoint-rows.ts";
import { commitActions, parseCommit } from "./commit-json.ts";
import { CompactionUnusable } from "./compaction-unusable.ts";
import { piecesOf, type CommitRange, type LogSegment } from "./log-segment.ts";
import type { LogCompaction } from "./log-storage.ts";
import { statsOfStruct } from "./stats-struct.ts";
import {
  fromNewerCommits,
  readState,
  rowActions,
  stateAfterCommits,
  type AdvanceOptions,
  type ReadTableOptions,
  type TableState,
} from "./table-state.ts";
import { withSegment } from "./with-segment.ts";

export interface Snapshot extends TableState {
  /** Live files by `fileKey`. */
  readonly adds: ReadonlyMap<string, AddFile>;
  /** Tombstones that the log still holds, expired ones too, by `fileKey`. */
  readonly removes: ReadonlyMap<string, RemoveFile>;
}

export type FileAction = { readonly add: AddFile } | { readonly remove: RemoveFile };

/**
 * The table's state with its files; undefined where there is no Delta log or an empty one. About 1 KB of memory a live file;
 * `replayFiles` streams them instead.
 *
 * @throws LandfallError as `readTableState`
 */
export function readSnapshot(options: ReadTableOptions): Promise<Snapshot | undefined> {
  return withSegment(options, async (segment) => {
    const { held, ...state } = await readState({ ...options, holdCommits: true }, segment);
    const root = localRoot(options.storage);
    const adds = new Map<string, AddFile>();
    const removes = new Map<string, RemoveFile>();
    for await (const action of replayFiles({ ...options, segment, schema: state.schema, held })) {
      if ("add" in action) adds.set(fileKey(action.add, root), action.add);
      else removes.set(fileKey(action.remove, root), action.remove);
    }
    return { ...state, adds, removes };
  });
}

/**
 * The snapshot at the newest version, from a known one: reads newer commits only, gives the same object when there are none, and
 * leaves the given one as it is. Where some of them have been cleaned up meanwhile, it is read anew.
 *
 * @throws LandfallError as `readTableState`
 */
export async function advanceSnapshot(snapshot: Snapshot, options: AdvanceOptions): Promise<Snapshot> {
  return fromNewerCommits(snapshot, options, {
    advance: async (versions) => {
      const { held, ...state } = await stateAfterCommits(
        { ...snapshot, held: heldCommits() },
        versions,
        options,
      );
      const adds = new Map(snapshot.adds);
      const removes = new Map(snapshot.removes);
      for (const version of versions) {
        const content = await commitContent({ storage: options.storage, version, held });
        const actions = parseCommit(content, {
          table: options.storage.location,
          version,
          skipInfo: true,
        });
        applyFiles({ adds, removes }, actions, localRoot(options.storage));
      }
      return { ...state, adds, removes };
    },
    readAnew: () => readSnapshot(options),
  });
}

/**
 * What adds and removes of one logical file share: the path in canonical form and the deletion vector's id.
 *
 * @param root see `localRoot`: a file below it is the same by its absolute path (PROTOCOL.md, "Add File and Remove File")
 */
export function fileKey(
  file: { readonly path: string; readonly deletionVector?: DeletionVectorDescriptor },
  root: string | undefined,
): string {
  const path = canonicalPath(file.path, root);
  const vector = file.deletionVector;
  if (vector === undefined) return path;
  const offset = vector.offset === undefined ? "" : `@${vector.offset}`;
  return `${path}\0${vector.storageType}${vector.pathOrInlineDv}${offset}`;
}

export interface ReplayFilesOptions extends ReadTableOptions {
  readonly segment: LogSegment;
  /** Commits that need not be read from the store. */
  readonly held?: HeldCommits | undefined;
  /** For statistics that a checkpoint holds as columns only. */
  readonly schema: StructType;
  /** Where not all adds are wanted, and no tombstone: adds of the checkpoint may then be left out. */
  readonly wanted?: Omit<AddFilter, "names"> & Pick<WantedAdds, "onLeftOut">;
}

/** Names that a filter is given; of more touched files the whole checkpoint is read. */
const MOST_NAMES = 100_000;

/**
 * Streams the live files and the tombstones of a segment, each file once, newest commit first.
 *
 * @throws CheckpointUnusable, CompactionUnusable; LandfallError TABLE_LOG_CORRUPT
 */
export async function* replayFiles(options: ReplayFilesOptions): AsyncGenerator<FileAction> {
  const { storage, segment, held, schema, parquet, signal } = options;
  const { checkpoint } = segment;
  const seen = new Set<string>();
  const root = localRoot(storage);
  yield* replayCommits({ storage, segment, held, signal }, seen);
  if (checkpoint === undefined) return;
  const rows = checkpointRows({
    storage,
    checkpoint,
    parquet,
    columns: options.wanted === undefined ? ["add", "remove"] : ["add"],
    adds: wantedAdds(options, seen),
    signal,
  });
  for await (const row of rows) {
    for (const action of fileActionsOfRow(row, checkpoint.version, schema)) {
      // A checkpoint is reconciled already: its own keys need not be remembered.
      if (!seen.has(fileKey("add" in action ? action.add : action.remove, root))) yield action;
    }
  }
}

/** A file that later commits touch is in the checkpoint's totals and no longer live: its row has to come through to be told from those. */
function wantedAdds({ wanted }: ReplayFilesOptions, seen: ReadonlySet<string>): WantedAdds | undefined {
  if (wanted === undefined || seen.size > MOST_NAMES) return undefined;
  const { onLeftOut, ...filter } = wanted;
  const names = new Set(Array.from(seen, (key) => /[^/]*$/.exec(key.split("\0", 1)[0]!)![0]));
  return { filter: { ...filter, names: [...names] }, onLeftOut };
}

/**
 * The files that a segment's commits speak of, each once, newest commit first.
 *
 * @param seen gets the keys of them
 * @throws CompactionUnusable; LandfallError TABLE_LOG_CORRUPT, OBJECT_MISSING
 */
export async function* replayCommits(
  options: {
    readonly storage: Storage;
    readonly segment: CommitRange;
    readonly held?: HeldCommits | undefined;
    readonly signal?: AbortSignal | undefined;
  },
  seen: Set<string>,
): AsyncGenerator<FileAction> {
  const { storage, segment, held, signal } = options;
  const table = storage.location;
  const root = localRoot(storage);
  for (const piece of piecesOf(segment)) {
    signal?.throwIfAborted();
    if (typeof piece !== "number") {
      yield* compactedFiles({ storage, compaction: piece }, seen);
      continue;
    }
    const content = await commitContent({ storage, version: piece, held });
    yield* firstWords(parseCommit(content, { table, version: piece, skipInfo: true }), { seen, root });
  }
}

/** @throws CompactionUnusable */
async function* compactedFiles(
  options: { readonly storage: Storage; readonly compaction: LogCompaction },
  seen: Set<string>,
): AsyncGenerator<FileAction> {
  const { storage, compaction } = options;
  const { key: file, to: version } = compaction;
  const root = localRoot(storage);
  try {
    const content = await storage.get(file);
    // Reconciled already, so that its order means nothing; it may hold the files of thousands of commits, and is not parsed at once.
    for (const action of commitActions(content, { table: storage.location, version, file }))
      if ("add" in action || "remove" in action) yield* firstWords([action], { seen, root });
  } catch (error) {
    const isDamage = isLandfallError(error, "TABLE_LOG_CORRUPT") || isLandfallError(error, "OBJECT_MISSING");
    throw isDamage ? new CompactionUnusable(compaction, error) : error;
  }
}

function* firstWords(
  actions: readonly Action[],
  { seen, root }: { readonly seen: Set<string>; readonly root: string | undefined },
): Generator<FileAction> {
  // Within a commit the order means nothing; an add stands beside the remove of the same path with another deletion vector.
  for (const kind of ["add", "remove"] as const) {
    for (const action of actions) {
      if (!(kind in action)) continue;
      const fileAction = action as FileAction;
      const key = fileKey("add" in fileAction ? fileAction.add : fileAction.remove, root);
      if (seen.has(key)) continue;
      seen.add(key);
      yield fileAction;
    }
  }
}

function applyFiles(
  files: { readonly adds: Map<string, AddFile>; readonly removes: Map<string, RemoveFile> },
  actions: readonly Action[],
  root: string | undefined,
): void {
  for (const action of actions) {
    if (!("remove" in action)) continue;
    const key = fileKey(action.remove, root);
    files.adds.delete(key);
    files.removes.set(key, action.remove);
  }
  for (const action of actions) {
    if (!("add" in action)) continue;
    const key = fileKey(action.add, root);
    files.removes.delete(key);
    files.adds.set(key, action.add);
  }
}

/** Parsed columns of a checkpoint repeat what the action's own fields say; where they alone hold the statistics, those are taken. */
function fileActionsOfRow(row: CheckpointRow, version: number, schema: StructType): FileAction[] {
  const actions: FileAction[] = [];
  for (const action of rowActions(row.json, version)) {
    if ("remove" in action) actions.push(action);
    if (!("add" in action)) continue;
    const add = action.add as { -readonly [K in keyof AddFile]: AddFile[K] } & {
      stats_parsed?: unknown;
      partitionValues_parsed?: unknown;
    };
    const stats = add.stats ?? (add.stats_parsed === undefined ? undefined : statsOfStruct(row.text, schema));
    if (stats !== undefined) add.stats = stats;
    // The row was parsed for us alone, and there may be millions.
    if ("stats_parsed" in add) delete add.stats_parsed;
    if ("partitionValues_parsed" in add) delete add.partitionValues_parsed;
    actions.push(action);
  }
  return actions;
}
