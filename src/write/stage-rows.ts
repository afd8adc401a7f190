/** Rows become data files of a table: durable, under their last names, and in no version yet. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { faultPoint } from "../base/fault-point.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { AddFile } from "../delta/actions.ts";
import { columnsToRead, type ColumnsToRead } from "../delta/files-to-read.ts";
import { nameDataFile, partitionValuesOf } from "../delta/name-data-file.ts";
import type { TableState } from "../delta/table-state.ts";
import type { WriteRowsRequest, WrittenFile } from "../engine/engine.ts";
import type { TableParts } from "../table/table-access.ts";

export interface StageRowsOptions {
  readonly parts: TableParts;
  /** The table as it is once the rows stand in it. */
  readonly state: Pick<TableState, "protocol" | "metadata" | "schema" | "partitionColumns">;
  /** Relations that the SELECT may name. */
  readonly tables: WriteRowsRequest["tables"];
  /** One SELECT of the table's columns by their names. */
  readonly sql: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** False where the rows stood in the table before. Default: true. */
  readonly dataChange?: boolean;
  /** Bytes after which a file is closed. Default: 128 MB. */
  readonly targetFileBytes?: number | undefined;
  /** Files hold the rows as the SELECT orders them. Default: in any order. */
  readonly inOrder?: boolean | undefined;
  readonly signal: AbortSignal;
}

export interface StagedRows {
  readonly adds: readonly AddFile[];
  /** Storage keys of the files, for `WritePlan.written`. */
  readonly keys: readonly string[];
  readonly rows: number;
}

/**
 * What was put is removed again where it fails.
 *
 * @throws LandfallError QUERY_INVALID where a value does not fit its column; as `Engine.writeRows`; storage errors
 */
export async function stageRows(options: StageRowsOptions): Promise<StagedRows> {
  const { state, now, dataChange = true } = options;
  const columns = columnsToRead(state);
  const { schema, partitionColumns: partitionBy, columnMapping } = columns;
  const of = { schema, partitionBy, columnMapping };
  const uuid = uuidv7(now);
  const { named, rows } = await stageFiles({
    ...options,
    columns,
    nameFile: (file, ordinal) =>
      nameDataFile({
        ...of,
        file,
        ordinal,
        partitionValues: partitionValuesOf({ ...of, file }),
        configuration: state.metadata.configuration,
        uuid,
        now,
        dataChange,
      }),
  });
  return { adds: named.map(({ add }) => add), keys: named.map(({ key }) => key), rows };
}

/** Writes the rows of a SELECT as files, and puts each where its name says. What was put is removed again where it fails. */
export async function stageFiles<Named extends { readonly key: string; readonly written: WrittenFile }>(
  options: Pick<StageRowsOptions, "parts" | "tables" | "sql" | "targetFileBytes" | "inOrder" | "signal"> & {
    readonly columns: ColumnsToRead;
    readonly nameFile: (file: WrittenFile, ordinal: number) => Named;
  },
): Promise<{ readonly named: readonly Named[]; readonly rows: number }> {
  const { parts, tables, sql, columns, targetFileBytes, inOrder = false, nameFile, signal } = options;
  const { storage, engine, parquet } = parts;
  const folder = await mkdtemp(join(parquet.scratchFolder, "rows-"));
  const keys: string[] = [];
  try {
    const { files, rows } = await engine.writeRows(
      {
        tables,
        sql,
        ...columns,
        folder,
        inOrder,
        ...(targetFileBytes === undefined ? {} : { targetFileBytes }),
      },
      { signal },
    );
    const named = files.map(nameFile);
    for (const { key, written } of named) {
      signal.throwIfAborted();
      keys.push(key);
      await storage.putFile(key, written.path, { ifAbsent: true });
      faultPoint("write.datafile");
    }
    return { named, rows };
  } catch (error) {
    // What cannot be removed now is an orphan, which a vacuum removes.
    await storage.delete(keys).catch(() => {});
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
