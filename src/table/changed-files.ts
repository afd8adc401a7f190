/** The files that tell what versions did to a table's rows, put together for the engine. */
import { LandfallError } from "../base/landfall-error.ts";
import type { Action } from "../delta/actions.ts";
import { changedFilesToRead } from "../delta/changes/changed-files-to-read.ts";
import { commitChanges } from "../delta/changes/commit-changes.ts";
import { changeTest } from "../delta/changes/may-have-changed.ts";
import type { ChangesPlan } from "../delta/changes/plan-changes.ts";
import { columnsToRead } from "../delta/files-to-read.ts";
import { localRoot } from "../delta/locate-file.ts";
import { readCommit } from "../delta/log-storage.ts";
import { prunedTable } from "../delta/plan-scan.ts";
import type { TableState } from "../delta/table-state.ts";
import type { QueryTable, QueryTableFile } from "../engine/engine.ts";
import { quoteName } from "../engine/sql.ts";
import type { StructField, StructType } from "../schema/data-type.ts";
import type { Storage } from "../storage/storage.ts";
import type { TableParts } from "./table-access.ts";

/**
 * A scan takes some time to start, and most commits change few files: versions of fewer are read together. In order, files that differ in
 * shape are read by a part of the query each, which needs 2 MB.
 */
const MANY_FILES = 16;

/** Some versions' files that tell what changed. */
export interface ChangedFiles {
  readonly files: readonly QueryTableFile[];
  /** They are of several versions. */
  readonly inOrder: boolean;
}

export interface ChangedFilesOptions {
  readonly plan: ChangesPlan;
  /** Files of which partition values and statistics tell that no row fulfils it are left out. Default: none is. */
  readonly where?: string | undefined;
  readonly parts: TableParts;
  readonly signal: AbortSignal;
}

/**
 * In the order of the versions.
 *
 * @throws LandfallError QUERY_INVALID for a condition that may not be, before any file is looked for; TABLE_VERSION_MISSING where a commit was
 *   cleaned up; as `changedFilesToRead`
 */
export async function* changedFiles(options: ChangedFilesOptions): AsyncGenerator<ChangedFiles> {
  const { plan, signal } = options;
  const mayMatch = await testOf(options);
  let few: QueryTableFile[] = [];
  for (let version = plan.from; version <= plan.to; version++) {
    signal.throwIfAborted();
    const files = await filesOfVersion(version, mayMatch, options);
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

type MayMatch = ReturnType<typeof changeTest>;

async function testOf({ plan, where, parts, signal }: ChangedFilesOptions): Promise<MayMatch> {
  if (where === undefined) return () => true;
  const table = prunedTable(plan.state);
  const schema = withFields(table.schema, CHANGE_FIELDS);
  const predicate = await parts.engine.predicateOf({ sql: where, schema }, { signal });
  const partitionColumns = [...table.partitionColumns, ...COMMIT_COLUMNS];
  return changeTest({ table: { ...table, schema, partitionColumns }, predicate });
}

async function filesOfVersion(
  version: number,
  mayMatch: MayMatch,
  { plan, parts, signal }: ChangedFilesOptions,
): Promise<readonly QueryTableFile[]> {
  const { storage, allowOutside } = parts;
  const inLog = {
    _commit_version: String(version),
    _commit_timestamp: new Date(await plan.times.of(version)).toISOString(),
  };
  const told = commitChanges(await actionsOf(version, storage), localRoot(storage));
  const changes = told.filter((change) => mayMatch(change, inLog));
  if (changes.length === 0) return [];
  const columns = columnsToRead(plan.state);
  const files = await changedFilesToRead({ storage, columns, version, changes, allowOutside, signal });
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

const COMMIT_COLUMNS = ["_commit_version", "_commit_timestamp"];

const CHANGE_FIELDS: readonly StructField[] = [
  { name: "_change_type", type: "string", nullable: true, metadata: {} },
  { name: "_commit_version", type: "long", nullable: false, metadata: {} },
  { name: "_commit_timestamp", type: "timestamp", nullable: false, metadata: {} },
];

function withFields(schema: StructType, fields: readonly StructField[]): StructType {
  return { ...schema, fields: [...schema.fields, ...fields] };
}

/** The relation of their rows, `t`. What the log says of a file's rows, they have as they have its partition values. */
export function tableOfChanges(state: TableState, { files, inOrder }: ChangedFiles): QueryTable {
  const { schema, columnMapping, partitionColumns } = columnsToRead(state);
  const own = schema.fields.map(({ name }) => quoteName(name));
  const type = `coalesce(${quoteName(TYPE_IN_LOG)}, _change_type) AS _change_type`;
  const inLog: StructField = { name: TYPE_IN_LOG, type: "string", nullable: true, metadata: {} };
  return {
    name: "t",
    schema: withFields(schema, [inLog, ...CHANGE_FIELDS]),
    columnMapping,
    partitionColumns: [...partitionColumns, TYPE_IN_LOG, ...COMMIT_COLUMNS],
    files,
    inOrder,
    select: [...own, type, ...COMMIT_COLUMNS].join(", "),
  };
}
