/** A SELECT over a Delta table at its newest version. */
import { LandfallError } from "../base/landfall-error.ts";
import { storageKeyOfPath } from "../delta/add-path.ts";
import type { LogNotice } from "../delta/log-notice.ts";
import { readSnapshot } from "../delta/snapshot.ts";
import type { Engine, QueryResult } from "../engine/engine.ts";
import type { Storage } from "../storage/storage.ts";

/** The table's name in the query. */
export const QUERY_TABLE_NAME = "t";

/** @throws LandfallError TABLE_MISSING, TABLE_FEATURE_UNSUPPORTED, QUERY_INVALID */
export async function queryTable(options: {
  readonly storage: Storage;
  readonly engine: Engine;
  readonly scratchFolder: string;
  readonly sql: string;
  readonly limit: number;
  readonly onNotice?: (notice: LogNotice) => void;
  readonly signal?: AbortSignal;
}): Promise<QueryResult> {
  const { storage, engine, scratchFolder } = options;
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
  const files = [...snapshot.adds.values()].map((add) => {
    const key = storageKeyOfPath(add.path);
    if (add.deletionVector !== undefined || key === undefined || storage.localPath === undefined) {
      throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
        message: `${storage.location} has ${add.deletionVector ? "deletion vectors" : "files outside its folder"}, which queries do not read yet.`,
        hint: "Read it with Spark or delta-rs.",
        table: storage.location,
      });
    }
    return { path: storage.localPath(key), partitionValues: add.partitionValues };
  });
  return engine.query(
    {
      sql: options.sql,
      limit: options.limit,
      tables: [
        {
          name: QUERY_TABLE_NAME,
          schema: snapshot.schema,
          partitionColumns: snapshot.partitionColumns,
          files,
        },
      ],
    },
    options.signal === undefined ? {} : { signal: options.signal },
  );
}
