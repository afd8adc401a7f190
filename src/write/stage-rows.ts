/** Rows become data files of a table: durable, under their last names, and in no version yet. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { faultPoint } from "../base/fault-point.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { AddFile } from "../delta/actions.ts";
import { columnsToRead, type ColumnsToRead } from "../delta/files-to-read.ts";
import { nameDataFile, partitionValuesOf, type NamedFile } from "../delta/name-data-file.ts";
import type { TableState } from "../delta/table-state.ts";
import type { WriteRowsRequest, WrittenFile } from "../engine/engine.ts";
import type { TableParts } from "../table/table-access.ts";
import { removingWritten } from "./removing-written.ts";

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
  const columns = columnsToRead(options.state);
  const { named, rows } = await stageFiles({ ...options, columns, nameFile: dataFileNames(options) });
  return { adds: named.map(({ add }) => add), keys: named.map(({ key }) => key), rows };
}

/**
 * Rows that the engine has written as data files of the table already. What was put is removed again where it fails.
 *
 * @throws storage errors
 */
export async function stageWritten(
  options: Pick<StageRowsOptions, "parts" | "state" | "now" | "signal"> & {
    readonly files: readonly WrittenFile[];
  },
): Promise<Pick<StagedRows, "adds" | "keys">> {
  const named = await putFiles({ ...options, nameFile: dataFileNames(options) });
  return { adds: named.map(({ add }) => add), keys: named.map(({ key }) => key) };
}

function dataFileNames({
  state,
  now,
  dataChange = true,
}: Pick<StageRowsOptions, "state" | "now" | "dataChange">): (
  file: WrittenFile,
  ordinal: number,
) => NamedFile<WrittenFile> {
  const { schema, partitionColumns: partitionBy, columnMapping } = columnsToRead(state);
  const of = { schema, partitionBy, columnMapping };
  const uuid = uuidv7(now);
  return (file, ordinal) =>
    nameDataFile({
      ...of,
      file,
      ordinal,
      partitionValues: partitionValuesOf({ ...of, file }),
      configuration: state.metadata.configuration,
      uuid,
      now,
      dataChange,
    });
}

/** Writes the rows of a SELECT as files, and puts each where its name says. What was put is removed again where it fails. */
export async function stageFiles<Named extends { readonly key: string; readonly written: WrittenFile }>(
  options: Pick<StageRowsOptions, "parts" | "tables" | "sql" | "targetFileBytes" | "inOrder" | "signal"> & {
    readonly columns: ColumnsToRead;
    readonly nameFile: (file: WrittenFile, ordinal: number) => Named;
  },
): Promise<{ readonly named: readonly Named[]; readonly rows: number }> {
  const { parts, tables, sql, columns, targetFileBytes, inOrder = false, nameFile, signal } = options;
  const { engine, parquet } = parts;
  const folder = await mkdtemp(join(parquet.scratchFolder, "rows-"));
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
    return { named: await putFiles({ parts, files, nameFile, signal }), rows };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function putFiles<Named extends { readonly key: string; readonly written: WrittenFile }>(
  options: Pick<StageRowsOptions, "parts" | "signal"> & {
    readonly files: readonly WrittenFile[];
    readonly nameFile: (file: WrittenFile, ordinal: number) => Named;
  },
): Promise<readonly Named[]> {
  const { parts, files, nameFile, signal } = options;
  const { storage } = parts;
  const keys: string[] = [];
  return removingWritten(storage, keys, async () => {
    const named = files.map(nameFile);
    for (const { key, written } of named) {
      signal.throwIfAborted();
      keys.push(key);
      await storage.putFile(key, written.path, { ifAbsent: true });
      faultPoint("write.datafile");
    }
    return named;
  });
}
