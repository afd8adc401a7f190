/** A SELECT over a Delta table at its newest version. */
import { LandfallError } from "../base/landfall-error.ts";
import { columnsToRead, filesToRead } from "../delta/files-to-read.ts";
import type { LogNotice } from "../delta/log-notice.ts";
import { readSnapshot } from "../delta/snapshot.ts";
import type { Engine, QueryResult } from "../engine/engine.ts";
import type { Storage } from "../storage/storage.ts";

/** The table's name in the query. */
export const QUERY_TABLE_NAME = "t";

/**
 * @throws LandfallError TABLE_MISSING, TABLE_FEATURE_UNSUPPORTED, TABLE_DATA_CORRUPT, TABLE_FILE_OUTSIDE, OBJECT_MISSING, QUERY_INVALID
 */
export async function queryTable(options: {
  readonly storage: Storage;
  readonly engine: Engine;
  readonly scratchFolder: string;
  readonly sql: string;
  readonly limit: number;
  /** Reads files that lie outside of the table's folder. Default: false. */
  readonly allowOutside?: boolean | undefined;
  readonly onNotice?: (notice: LogNotice) => void;
  readonly signal?: AbortSignal;
}): Promise<QueryResult> {
  const { storage, engine, scratchFolder, allowOutside = false } = options;
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const snapshot = await readSnapshot({
    storage,
    parquet: { port: engine, scratchFolder },
    onNotice: options.onNotice,
  });
  if (snapshot === undefined) {
    throw new LandfallError("TABLE_MISSING", {
      message: `There is no Delta table at ${storage.location}.`,
      hint: "Check the path; it is the folder that holds _delta_log.",
      table: storage.location,
    });
  }
  const columns = columnsToRead(snapshot);
  const files = await filesToRead({ storage, columns, adds: snapshot.adds.values(), allowOutside, ...call });
  return engine.query(
    { sql: options.sql, limit: options.limit, tables: [{ name: QUERY_TABLE_NAME, ...columns, files }] },
    call,
  );
}
