/** What changed in a table's rows, version by version: which files tell it is decided from the log, the rest is the engine's. */
import { LandfallError } from "../base/landfall-error.ts";
import { changedFilesToRead, type ChangedFileToRead } from "../delta/changes/changed-files-to-read.ts";
import { commitChanges } from "../delta/changes/commit-changes.ts";
import { planChanges, type ChangesPlan } from "../delta/changes/plan-changes.ts";
import { columnsToRead } from "../delta/files-to-read.ts";
import { readCommit } from "../delta/log-storage.ts";
import type { TableState } from "../delta/table-state.ts";
import type { ScanRequest } from "../engine/engine.ts";
import type { StructField } from "../schema/data-type.ts";
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
          yield* scanned(
            parts,
            requestOf({ state: plan.state, files: [], version: plan.to, time: "" }, options),
            signal,
          );
        for (let version = plan.from; version <= plan.to; version++)
          yield* changesOf(version, { plan, options, parts, signal });
      }),
  };
}

interface Reading {
  readonly plan: ChangesPlan;
  readonly options: ChangesOptions;
  readonly parts: TableParts;
  readonly signal: AbortSignal;
}

async function* changesOf(
  version: number,
  { plan, options, parts, signal }: Reading,
): AsyncGenerator<RecordBatch> {
  const { storage, allowOutside } = parts;
  const { state, times } = plan;
  signal.throwIfAborted();
  const commit = await readCommit({ storage, version });
  if (commit === undefined) {
    throw new LandfallError("TABLE_VERSION_MISSING", {
      message: `The commit of version ${version} of ${storage.location} was cleaned up before its changes were read.`,
      hint: "Ask for the changes of later versions, or keep the log longer (delta.logRetentionDuration).",
      table: storage.location,
      version,
    });
  }
  const changes = commitChanges(commit.actions);
  if (changes.length === 0) return;
  const columns = columnsToRead(state);
  const files = await changedFilesToRead({ storage, columns, version, changes, allowOutside, signal });
  const time = new Date(await times.of(version)).toISOString();
  if (files.length > 0) yield* scanned(parts, requestOf({ state, files, version, time }, options), signal);
}

const FIELDS: readonly StructField[] = [
  { name: "_change_type", type: "string", nullable: false, metadata: {} },
  { name: "_commit_version", type: "long", nullable: false, metadata: {} },
  { name: "_commit_timestamp", type: "timestamp", nullable: false, metadata: {} },
];

/** What the log says of a file's rows, they have as they have its partition values. */
function requestOf(
  of: {
    readonly state: TableState;
    readonly files: readonly ChangedFileToRead[];
    readonly version: number;
    /** ISO 8601. */
    readonly time: string;
  },
  { columns, where, batchRows }: ScanOptions,
): ScanRequest {
  const { state, version, time } = of;
  const { schema, columnMapping, partitionColumns } = columnsToRead(state);
  const inLog = { _commit_version: String(version), _commit_timestamp: time };
  const isRecorded = of.files.some(({ type }) => type === undefined);
  const files = of.files.map(({ type, partitionValues, ...file }) => ({
    ...file,
    partitionValues: {
      ...partitionValues,
      ...inLog,
      ...(type === undefined ? {} : { _change_type: type }),
    },
  }));
  return {
    table: {
      name: "t",
      schema: { ...schema, fields: [...schema.fields, ...FIELDS] },
      columnMapping,
      partitionColumns: [...partitionColumns, ...(isRecorded ? [] : ["_change_type"]), ...Object.keys(inLog)],
      files,
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
