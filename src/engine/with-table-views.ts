/** A fresh instance that sees tables' files and no others, with a view of each table. */
import { randomUUID } from "node:crypto";
import { realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { isLandfallError, LandfallError, messageOf } from "../base/landfall-error.ts";
import { dataFileError } from "./data-file-error.ts";
import { openDuckdb, type Duckdb } from "./duckdb.ts";
import type { EngineOptions, WriteRowsRequest } from "./engine.ts";
import { findDamagedFile } from "./find-damaged-file.ts";
import type { SqlSession } from "./parquet-shape.ts";
import { globOf, quoteName } from "./sql.ts";
import { tableRelation } from "./table-relation.ts";

export interface TableViews {
  readonly tables: WriteRowsRequest["tables"];
  /** Exists, and may be written into. Default: none is. */
  readonly folder?: string;
  /** Rows keep their order through statements. Default: false. */
  readonly keepsOrder?: boolean | undefined;
}

export interface TableViewsContext {
  readonly duckdb: Duckdb;
  readonly signal: AbortSignal | undefined;
}

/**
 * @throws LandfallError QUERY_INVALID where a statement cannot be bound, or fails for a row; as a scan; what `work` throws
 */
export async function withTableViews<T>(
  { tables, folder, keepsOrder }: TableViews,
  options: { readonly engine: EngineOptions; readonly signal: AbortSignal | undefined },
  work: (context: TableViewsContext) => Promise<T>,
): Promise<T> {
  const { engine, signal } = options;
  const spillFolder = join(engine.spillFolder, `rows-${randomUUID()}`);
  const paths = Object.values(tables).flatMap(({ files }) => files.map((file) => file.path));
  const instance = await openDuckdb(
    { ...engine, spillFolder, keepsOrder },
    {
      folders: [...(folder === undefined ? [] : [folder, await realpath(folder)]), spillFolder],
      // The names as they stand and as the reader is given them: both are looked up.
      files: [...paths, ...paths.map(globOf)],
    },
  );
  try {
    const duckdb = await instance.session();
    const session = sessionOf(duckdb, signal);
    try {
      await makeViews(tables, session);
      return await work({ duckdb, signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw (await fileFault(error, { paths, session })) ?? asQuery(error);
    } finally {
      duckdb.close();
    }
  } finally {
    instance.close();
    await rm(spillFolder, { recursive: true, force: true });
  }
}

async function makeViews(tables: TableViews["tables"], session: SqlSession): Promise<void> {
  for (const [name, table] of Object.entries(tables)) {
    const { select = "*" } = table;
    const relation = await tableRelation({ ...table, name }, session);
    await session.run(`CREATE TEMP VIEW ${quoteName(name)} AS SELECT ${select} FROM (${relation})`);
  }
}

function sessionOf(duckdb: Duckdb, signal: AbortSignal | undefined): SqlSession {
  return {
    run: (sql) => duckdb.run(sql, "look at a table's files", signal),
    rows: (sql) => duckdb.rows(sql, "look at a table's files", signal),
  };
}

/** What is wrong with one of the files that were read, where the error comes from that. */
async function fileFault(
  error: unknown,
  of: { readonly paths: readonly string[]; readonly session: SqlSession },
): Promise<LandfallError | undefined> {
  if (!isLandfallError(error, "ENGINE_FAILED")) return undefined;
  return dataFileError(error.cause, of.paths) ?? findDamagedFile(error.cause, of);
}

/** What the values of rows made fail is the fault of the SELECT, which is not ours alone: a person's expressions may stand in it. */
function asQuery(error: unknown): unknown {
  if (!isLandfallError(error, "ENGINE_FAILED")) return error;
  const [why] = messageOf(error.cause).split("\n", 1);
  if (!/^(?:Binder|Conversion|Out of Range|Invalid Input) Error/.test(why!)) return error;
  return new LandfallError("QUERY_INVALID", {
    message: `The rows cannot be written: ${why!}`,
    hint: "Nothing was committed. Compare and compute values of one type; TRY_CAST gives null where a value does not fit.",
    cause: error,
  });
}
