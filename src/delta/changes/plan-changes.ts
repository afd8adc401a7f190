/** Which versions' changes are given, and that they can be: decided from the log before any row is read. */
import { isLandfallError, LandfallError } from "../../base/landfall-error.ts";
import type { Metadata, Protocol } from "../actions.ts";
import { columnMappingOf } from "../column-mapping.ts";
import { parseCommit } from "../commit-json.ts";
import { readCommit } from "../log-storage.ts";
import { commitTimes, type CommitTimes } from "../commit-times.ts";
import { columnsToRead } from "../files-to-read.ts";
import { localRoot } from "../locate-file.ts";
import { commitKey } from "../log-files.ts";
import { parseSchemaString } from "../schema-json.ts";
import { tableMissing } from "../table-missing.ts";
import { readTableState, type TableState } from "../table-state.ts";
import { commitChanges } from "./commit-changes.ts";
import { unlikeEnd } from "./schema-at-end.ts";
import { versionRange, type VersionRangeOptions } from "./version-range.ts";

/** What each row of changes has besides the table's columns, as Spark names it. */
export const CHANGE_COLUMNS = ["_change_type", "_commit_version", "_commit_timestamp"] as const;

export interface ChangesPlan {
  /** The first version whose changes are given. */
  readonly from: number;
  /** The last; `from - 1` where there is none. */
  readonly to: number;
  /** At the last version: the rows have its columns. */
  readonly state: TableState;
  /** When versions were committed. */
  readonly times: CommitTimes;
}

export interface PlanChangesOptions extends Omit<VersionRangeOptions, "times"> {
  /** Versions that recorded no changes are taken as they are, too. */
  readonly withoutFeed: boolean;
}

/**
 * @throws LandfallError USAGE for a range that is none, TABLE_VERSION_MISSING where a commit of it is gone, CHANGE_FEED_OFF,
 *   CHANGES_UNLIKE_SCHEMA; as `readTableState`
 */
export async function planChanges(options: PlanChangesOptions): Promise<ChangesPlan> {
  const { storage, newest, withoutFeed, signal } = options;
  const times = await commitTimes({ storage, state: newest, signal });
  const { from, to } = await versionRange({ ...options, times });
  const state = to >= newest.version ? newest : await stateAt(to, options);
  const plan = { from, to, state, times };
  demandFreeNames(state, storage.location);
  if (to < from) return plan;
  const inRange = await tableActions(from, to, options);
  const later = inRange.filter(({ version }) => version > from);
  // Where no commit after the first says anything of the table as a whole, the first stands under what the last does.
  const first = later.length === 0 ? state : await stateAt(from, options);
  const changed = schemaChanges(from, first, later);
  if (!withoutFeed) demandFeed(changed, storage.location);
  const before = inRange.length > later.length ? await beforeFirst(from, options) : [];
  await demandLike([...before, ...changed], state, options);
  return plan;
}

async function stateAt(version: number, options: PlanChangesOptions): Promise<TableState> {
  const { storage, parquet, onNotice, signal } = options;
  const state = await readTableState({
    storage,
    ...(parquet === undefined ? {} : { parquet }),
    onNotice,
    ...(signal === undefined ? {} : { signal }),
    version,
  });
  if (state === undefined) throw tableMissing(storage);
  return state;
}

/** A version whose commit says something of the table as a whole, or the first of the range. */
interface SchemaChange {
  readonly version: number;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
}

function schemaChanges(
  from: number,
  first: Pick<SchemaChange, "protocol" | "metadata">,
  inRange: readonly TableActions[],
): readonly SchemaChange[] {
  let { protocol, metadata } = first;
  return [
    { version: from, protocol, metadata },
    ...inRange.map((actions) => {
      protocol = actions.protocol ?? protocol;
      metadata = actions.metadata ?? metadata;
      return { version: actions.version, protocol, metadata };
    }),
  ];
}

/**
 * A first version that says something of the table as a whole may have replaced rows, as an overwrite of the schema does: those stood under
 * what was before it.
 */
async function beforeFirst(from: number, options: PlanChangesOptions): Promise<readonly SchemaChange[]> {
  if (from === 0 || !(await replacesRows(from, options))) return [];
  try {
    const { protocol, metadata } = await stateAt(from - 1, options);
    return [{ version: from - 1, protocol, metadata }];
  } catch (error) {
    if (!isLandfallError(error, "TABLE_VERSION_MISSING")) throw error;
    throw new LandfallError("TABLE_VERSION_MISSING", {
      message: `Version ${from} of ${options.storage.location} replaced rows and changed what is said of the table as a whole; which columns those rows had the log no longer tells, for version ${from - 1} is gone.`,
      hint: `Ask for the changes from version ${from + 1} on.`,
      table: options.storage.location,
      version: from - 1,
      cause: error,
    });
  }
}

/** Whether its changes may tell rows that were there before it. */
async function replacesRows(
  version: number,
  { storage }: Pick<PlanChangesOptions, "storage">,
): Promise<boolean> {
  const commit = await readCommit({ storage, version });
  return commitChanges(commit?.actions ?? [], localRoot(storage)).some(({ kind }) => kind !== "insert");
}

type TableActions = Pick<SchemaChange, "version"> & Partial<SchemaChange>;

/** Of each commit that has such. */
async function tableActions(
  from: number,
  to: number,
  { storage, signal }: Pick<PlanChangesOptions, "storage" | "signal">,
): Promise<readonly TableActions[]> {
  const found: TableActions[] = [];
  for (let version = from; version <= to; version++) {
    signal?.throwIfAborted();
    const content = await storage.get(commitKey(version));
    let told: TableActions = { version };
    for (const action of parseCommit(content, { table: storage.location, version, skipFiles: true })) {
      if ("protocol" in action) told = { ...told, protocol: action.protocol };
      if ("metaData" in action) told = { ...told, metadata: action.metaData };
    }
    if (told.protocol !== undefined || told.metadata !== undefined) found.push(told);
  }
  return found;
}

function demandFeed(changes: readonly SchemaChange[], table: string): void {
  const off = changes.find(
    ({ metadata }) => metadata.configuration["delta.enableChangeDataFeed"]?.toLowerCase() !== "true",
  );
  if (off === undefined) return;
  throw new LandfallError("CHANGE_FEED_OFF", {
    message: `At version ${off.version} of ${table} the change data feed is not on (delta.enableChangeDataFeed), so that what was updated there was not recorded.`,
    hint: "Ask for a range in which it is on, or take what the files tell (--without-feed, withoutFeed: true): an update is then a delete and an insert, of rows, too, that were only rewritten.",
    table,
    version: off.version,
  });
}

/** The last change after which rows of before are unlike the end parts the range. */
async function demandLike(
  changes: readonly SchemaChange[],
  end: TableState,
  { storage }: Pick<PlanChangesOptions, "storage">,
): Promise<void> {
  const table = storage.location;
  const last = columnsToRead(end);
  for (let i = changes.length - 2; i >= 0; i--) {
    const { protocol, metadata } = changes[i]!;
    const why = unlikeEnd(
      {
        schema: parseSchemaString(metadata.schemaString),
        columnMapping: columnMappingOf({ protocol, metadata }),
        partitionColumns: metadata.partitionColumns,
      },
      last,
    );
    if (why === undefined) continue;
    const { version } = changes[i + 1]!;
    throw new LandfallError("CHANGES_UNLIKE_SCHEMA", {
      message: `Rows from before version ${version} of ${table} cannot be given with the columns of version ${end.version}: ${why}.`,
      hint: (await replacesRows(version, { storage }))
        ? `Ask for the changes up to version ${version - 1} and for those from version ${version + 1} on. Version ${version} replaced rows of the old columns by rows of the new: read both versions whole.`
        : `Ask for the changes up to version ${version - 1} and for those from version ${version} on, one after the other.`,
      table,
      version,
    });
  }
}

/** In any case of letters, as columns are told apart by nobody who reads them. */
function demandFreeNames({ schema, version }: TableState, table: string): void {
  const taken = schema.fields.find(({ name }) =>
    CHANGE_COLUMNS.some((reserved) => reserved === name.toLowerCase()),
  );
  if (taken === undefined) return;
  throw new LandfallError("CHANGES_UNLIKE_SCHEMA", {
    message: `The table ${table} has a column ${taken.name}, which is the name of a column that changes have besides the table's own.`,
    hint: "Rename the column: Spark turns on no change data feed for such a table either.",
    table,
    version,
  });
}
