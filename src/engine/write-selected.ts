/** Rows of a SELECT become data files of a table, on a fresh instance that sees the tables' files and the folder to write into, and no more. */
import { randomUUID } from "node:crypto";
import { realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { isLandfallError, LandfallError, messageOf } from "../base/landfall-error.ts";
import { physicalNameOf, physicalSchema } from "../schema/physical-column.ts";
import { dataFileError } from "./data-file-error.ts";
import { openDuckdb, type Duckdb } from "./duckdb.ts";
import type { EngineOptions, WriteRowsRequest, WrittenRows } from "./engine.ts";
import { findDamagedFile } from "./find-damaged-file.ts";
import type { SqlSession } from "./parquet-shape.ts";
import { fieldIds, physicalColumns } from "./physical-columns.ts";
import { globOf, quoteName } from "./sql.ts";
import { tableRelation } from "./table-relation.ts";
import { writeParquet } from "./write-parquet.ts";

/** See `Engine.writeRows`. */
export async function writeSelected(
  request: WriteRowsRequest,
  options: { readonly engine: EngineOptions; readonly signal: AbortSignal | undefined },
): Promise<WrittenRows> {
  const { engine, signal } = options;
  const spillFolder = join(engine.spillFolder, `rows-${randomUUID()}`);
  const paths = Object.values(request.tables).flatMap(({ files }) => files.map((file) => file.path));
  const instance = await openDuckdb(
    { ...engine, spillFolder, keepsOrder: request.inOrder },
    {
      folders: [request.folder, await realpath(request.folder), spillFolder],
      // The names as they stand and as the reader is given them: both are looked up.
      files: [...paths, ...paths.map(globOf)],
    },
  );
  try {
    const duckdb = await instance.session();
    try {
      return await write(request, { duckdb, signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw (await fileFault(error, { paths, session: sessionOf(duckdb, signal) })) ?? asQuery(error);
    } finally {
      duckdb.close();
    }
  } finally {
    instance.close();
    await rm(spillFolder, { recursive: true, force: true });
  }
}

async function write(
  request: WriteRowsRequest,
  context: { readonly duckdb: Duckdb; readonly signal: AbortSignal | undefined },
): Promise<WrittenRows> {
  const {
    tables,
    sql,
    schema,
    partitionColumns,
    columnMapping = "none",
    folder,
    targetFileBytes,
    inOrder,
  } = request;
  const session = sessionOf(context.duckdb, context.signal);
  for (const [name, table] of Object.entries(tables)) {
    const { select = "*" } = table;
    const relation = await tableRelation({ ...table, name }, session);
    await session.run(`CREATE TEMP VIEW ${quoteName(name)} AS SELECT ${select} FROM (${relation})`);
  }
  const inFiles = schema.fields.filter(({ name }) => !partitionColumns.includes(name));
  const files = await writeParquet({
    ...context,
    select: `SELECT ${physicalColumns(schema, columnMapping)} FROM (\n${sql}\n)`,
    schema: physicalSchema(schema, columnMapping),
    partitionBy: partitionColumns.map((name) => {
      const field = schema.fields.find((one) => one.name === name);
      return field === undefined ? name : physicalNameOf(field, columnMapping);
    }),
    folder,
    maxPartitions: Infinity,
    targetFileBytes,
    inOrder,
    fieldIds: fieldIds(inFiles, columnMapping),
  });
  return { files, rows: files.reduce((sum, file) => sum + file.rows, 0) };
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
