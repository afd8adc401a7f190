/** What changed in a table's rows, version by version: which files tell it is decided from the log, the rest is the engine's. */
import { LandfallError } from "../base/landfall-error.ts";
import type { Action } from "../delta/actions.ts";
import { changedFilesToRead } from "../delta/changes/changed-files-to-read.ts";
import { commitChanges } from "../delta/changes/commit-changes.ts";
import { planChanges, type ChangesPlan } from "../delta/changes/plan-changes.ts";
import { columnsToRead } from "../delta/files-to-read.ts";
import { readCommit } from "../delta/log-storage.ts";
import type { TableState } from "../delta/table-state.ts";
import type { QueryTableFile, ScanRequest } from "../engine/engine.ts";
import { quoteName } from "../engine/sql.ts";
import type { StructField } from "../schema/data-type.ts";
import type { Storage } from "../storage/storage.ts";
import { recordBatch, type RecordBatch } from "./record-batch.ts";
import type { ScanOptions } from "./scan-snapshot.ts";
import type { TableAccess, TableParts } from "./table-access.ts";

/** Columns and condition may name `_change_type`, `_commit_version` and `_commit_timestamp`, too. */
export interface ChangesOptions extends ScanOptions {
  /** The first version whose changes are given; or a time, which stands for the first version that is not older. */
  readonly from: number | Date;
  /** The last version; or a time, which stands for the last version that is not younger. Default: the newest when the reading begins. */
  readonly to?: number | Date | undefined;
  /**
   * Gives changes, too, of versions at which the change data feed was off, as far as added and removed files tell them: an update is then a
   * delete and an insert, and so are rows that were only rewritten beside it. Default: false.
   */
  readonly withoutFeed?: boolean | undefined;
}

/**
 * Batches of changed rows, version after version, read as they are asked for. Each has the table's columns, as they are at the last
 * version, and `_change_type` (`insert`, `delete`, `update_preimage`, `update_postimage`), `_commit_version` and `_commit_timestamp`.
 * Rejects with USAGE for a range that is none, CHANGE_FEED_OFF, CHANGES_UNLIKE_SCHEMA, TABLE_VERSION_MISSING where a commit was cleaned
 * up, OBJECT_MISSING where a vacuum took a file away; as a scan.
 */
export interface TableChanges extends AsyncIterable<RecordBatch> {
  /** The versions that are given, the same before the loop and after it. Go on from `to + 1`; where that is the next version to come, nothing is given. */
  range(): Promise<{ readonly from: number; readonly to: number }>;
}

/** Reads the newest state of the table. */
type NewestState = (parts: TableParts, signal: AbortSignal) => Promise<TableState>;

export function scanChanges(access: TableAccess, newest: NewestState, options: ChangesOptions): TableChanges {
  const { from, to, withoutFeed = false, signal: asked } = options;
  let planned: Promise<ChangesPlan> | undefined;
  const planOf = (parts: TableParts, signal: AbortSignal): Promise<ChangesPlan> => {
    const plan = (planned ??= newest(parts, signal).then((state) =>
      planChanges({ ...parts, newest: state, from, to, withoutFeed, signal }),
    ));
    // What was stopped or failed is tried again by whoever asks next.
    plan.catch(() => (planned = undefined));
    return plan;
  };
  return {
    range: () =>
      access.ask(asked, async (parts, signal) => {
        const plan = await planOf(parts, signal);
        return { from: plan.from, to: plan.to };
      }),
    [Symbol.asyncIterator]: () =>
      access.askInPieces(asked, async function* (parts, signal) {
        const plan = await planOf(parts, signal);
        // What may not be asked is said before anything is read, and where nothing has changed.
        if (options.where !== undefined || options.columns !== undefined)
          yield* scanned(parts, requestOf(plan.state, { files: [], inOrder: false }, options), signal);
        for await (const together of filesTogether(plan, parts, signal))
          yield* scanned(parts, requestOf(plan.state, together, options), signal);
      }),
  };
}

/**
 * A scan takes some time to start, and most commits change few files: versions of fewer are read together. In order, files that differ in
 * shape are read by a part of the query each, which needs 2 MB.
 */
const MANY_FILES = 16;

/** Some versions' files that tell what changed. */
interface FilesTogether {
  readonly files: readonly QueryTableFile[];
  /** They are of several versions. */
  readonly inOrder: boolean;
}

async function* filesTogether(
  plan: ChangesPlan,
  parts: TableParts,
  signal: AbortSignal,
): AsyncGenerator<FilesTogether> {
  let few: QueryTableFile[] = [];
  for (let version = plan.from; version <= plan.to; version++) {
    signal.throwIfAborted();
    const files = await filesOfVersion(version, { plan, parts, signal });
    const isMany = files.length >= MANY_FILES;
    if (few.length > 0 && (isMany || few.length >= MANY_FILES)) {
      yield { files: few, inOrder: true };
      few = [];
    }
    if (isMany) yield { files, inOrder: false };
    else few.push(...files);
  }
  if (few.length > 0) yield { files: few, inOrder: true };
}

async function filesOfVersion(
  version: number,
  { plan, parts, signal }: { plan: ChangesPlan; parts: TableParts; signal: AbortSignal },
): Promise<readonly QueryTableFile[]> {
  const { storage, allowOutside } = parts;
  const changes = commitChanges(await actionsOf(version, storage));
  if (changes.length === 0) return [];
  const columns = columnsToRead(plan.state);
  const files = await changedFilesToRead({ storage, columns, version, changes, allowOutside, signal });
  const inLog = {
    _commit_version: String(version),
    _commit_timestamp: new Date(await plan.times.of(version)).toISOString(),
  };
  return files.map(({ type = null, partitionValues, ...file }) => ({
    ...file,
    partitionValues: { ...partitionValues, ...inLog, [TYPE_IN_LOG]: type },
  }));
}

async function actionsOf(version: number, storage: Storage): Promise<readonly Action[]> {
  const commit = await readCommit({ storage, version });
  if (commit !== undefined) return commit.actions;
  throw new LandfallError("TABLE_VERSION_MISSING", {
    message: `The commit of version ${version} of ${storage.location} was cleaned up before its changes were read.`,
    hint: "Ask for the changes of later versions, or keep the log longer (delta.logRetentionDuration).",
    table: storage.location,
    version,
  });
}

/** Of a change file it is null. */
const TYPE_IN_LOG = "landfall: change type";

const FIELDS: readonly StructField[] = [
  { name: TYPE_IN_LOG, type: "string", nullable: true, metadata: {} },
  { name: "_change_type", type: "string", nullable: true, metadata: {} },
  { name: "_commit_version", type: "long", nullable: false, metadata: {} },
  { name: "_commit_timestamp", type: "timestamp", nullable: false, metadata: {} },
];

/** What the log says of a file's rows, they have as they have its partition values. */
function requestOf(
  state: TableState,
  { files, inOrder }: FilesTogether,
  { columns, where, batchRows }: ScanOptions,
): ScanRequest {
  const { schema, columnMapping, partitionColumns } = columnsToRead(state);
  const own = schema.fields.map(({ name }) => quoteName(name));
  const type = `coalesce(${quoteName(TYPE_IN_LOG)}, _change_type) AS _change_type`;
  return {
    table: {
      name: "t",
      schema: { ...schema, fields: [...schema.fields, ...FIELDS] },
      columnMapping,
      partitionColumns: [...partitionColumns, TYPE_IN_LOG, "_commit_version", "_commit_timestamp"],
      files,
      inOrder,
      select: [...own, type, "_commit_version", "_commit_timestamp"].join(", "),
    },
    ...(columns === undefined ? {} : { columns }),
    ...(where === undefined ? {} : { where }),
    ...(batchRows === undefined ? {} : { batchRows }),
  };
}

async function* scanned(
  { engine }: TableParts,
  request: ScanRequest,
  signal: AbortSignal,
): AsyncGenerator<RecordBatch> {
  for await (const batch of engine.scan(request, { signal })) yield recordBatch(batch);
}
