/** A SELECT over a Delta table. */
import { columnsToRead, filesToRead } from "../delta/files-to-read.ts";
import type { LogNotice } from "../delta/log-notice.ts";
import { planScan, type ScanPlan } from "../delta/plan-scan.ts";
import { tableMissing } from "../delta/table-missing.ts";
import { readTableState } from "../delta/table-state.ts";
import type { Engine, QueryResult } from "../engine/engine.ts";
import type { Storage } from "../storage/storage.ts";

/** The table's name in the query. */
export const QUERY_TABLE_NAME = "t";

export interface TableQueryResult extends QueryResult {
  /** Data files that were not opened, because the condition of the query is true for no row of them, and their bytes. */
  readonly skipped: ScanPlan["skipped"];
}

/**
 * Answers one SELECT; of a SELECT from the table alone the condition decides which files are read.
 *
 * @throws LandfallError TABLE_MISSING, TABLE_VERSION_MISSING, TABLE_FEATURE_UNSUPPORTED, TABLE_DATA_CORRUPT, TABLE_FILE_OUTSIDE, OBJECT_MISSING,
 *   QUERY_INVALID
 */
export async function queryTable(options: {
  readonly storage: Storage;
  readonly engine: Engine;
  readonly scratchFolder: string;
  readonly sql: string;
  readonly limit: number;
  /** Default: the newest. */
  readonly version?: number;
  /** Reads files that lie outside of the table's folder. Default: false. */
  readonly allowOutside?: boolean | undefined;
  readonly onNotice?: (notice: LogNotice) => void;
  readonly signal?: AbortSignal;
}): Promise<TableQueryResult> {
  const { storage, engine, scratchFolder, sql, limit, version, allowOutside = false, onNotice } = options;
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const log = { storage, parquet: { port: engine, scratchFolder }, ...call };
  const state = await readTableState({
    ...log,
    onNotice,
    holdCommits: true,
    ...(version === undefined ? {} : { version }),
  });
  if (state === undefined) throw tableMissing(storage);
  const { schema } = state;
  const predicate = await engine.predicateOf({ sql, schema, whole: QUERY_TABLE_NAME }, call);
  const { files: adds, skipped } = await planScan({ ...log, state, predicate });
  const columns = columnsToRead(state);
  const files = await filesToRead({ storage, columns, adds, allowOutside, ...call });
  const tables = [{ name: QUERY_TABLE_NAME, ...columns, files, wanted: predicate }];
  return { ...(await engine.query({ sql, limit, tables }, call)), skipped };
}
