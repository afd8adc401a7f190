/** Answers a person's SELECT over tables, on a fresh instance that can read the tables' files and nothing else. */
import { DuckDBInstance, DuckDBTimestampTZValue } from "@duckdb/node-api";
import { LandfallError, messageOf } from "../base/landfall-error.ts";
import type { StructType } from "../schema/data-type.ts";
import type { EngineOptions, QueryRequest, QueryResult, QueryTable } from "./engine.ts";
import { interruptible } from "./interruptible.ts";
import { readDataFiles } from "./read-data-files.ts";
import { duckdbType, nullColumns, pathsArgument, quoteName, quoteText, textList } from "./sql.ts";

const DEFAULT_LIMIT = 1000;

// An instant's text is in UTC, as the session is. The library's own default is the offset of this machine today, for all times.
DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;

export async function runQuery(
  request: QueryRequest,
  options: { readonly engine: EngineOptions; readonly signal: AbortSignal | undefined },
): Promise<QueryResult> {
  const limit = request.limit ?? DEFAULT_LIMIT;
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(options.engine.threads),
    memory_limit: `${Math.floor(options.engine.memoryBytes / 1024 ** 2)}MiB`,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
  });
  const connection = await instance.connect();
  try {
    return await interruptible(connection, options.signal, async () => {
      await connection.run("SET TimeZone = 'UTC'");
      for (const table of request.tables) await connection.run(viewOf(table));
      const paths = request.tables.flatMap((table) => table.files.map((file) => file.path));
      await connection.run(
        // The names as they stand and as the reader is given them: both are looked up.
        `SET allowed_paths = ${textList(paths)} || ${pathsArgument(paths)}; SET enable_external_access = false; SET lock_configuration = true`,
      );
      return answer(() => connection.streamAndReadUntil(request.sql, limit + 1), limit);
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new LandfallError("QUERY_INVALID", {
      message: `The query failed: ${messageOf(error)}`,
      hint: `Tables: ${request.tables.map((table) => table.name).join(", ")}.`,
      cause: error,
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

type Reader = Awaited<ReturnType<Awaited<ReturnType<DuckDBInstance["connect"]>>["streamAndReadUntil"]>>;

async function answer(run: () => Promise<Reader>, limit: number): Promise<QueryResult> {
  const reader = await run();
  const rows = reader.getRowsJson();
  return {
    columns: reader.columnNames().map((name, i) => ({ name, type: String(reader.columnType(i)) })),
    rows: rows.slice(0, limit),
    truncated: rows.length > limit,
  };
}

/**
 * A view of a table's live files: columns by name, absent ones null, partition values from the log by the file's place in the
 * list and never by its name.
 */
function viewOf(table: QueryTable): string {
  const columns = table.schema.fields;
  if (table.files.length === 0) {
    return `CREATE VIEW ${quoteName(table.name)} AS SELECT ${nullColumns(table.schema)} WHERE false`;
  }
  const inFiles: StructType = {
    type: "struct",
    fields: columns.filter((field) => !table.partitionColumns.includes(field.name)),
  };
  const read = readDataFiles(
    table.files.map((file) => file.path),
    inFiles,
  );
  if (table.partitionColumns.length === 0)
    return `CREATE VIEW ${quoteName(table.name)} AS SELECT * FROM ${read}`;
  const values = table.files.map(
    (file, i) =>
      `(${i}, ${table.partitionColumns.map((name) => textOrNull(file.partitionValues[name])).join(", ")})`,
  );
  const names = table.partitionColumns.map((_, i) => `p${i}`).join(", ");
  const selected = columns.map((field) => {
    const at = table.partitionColumns.indexOf(field.name);
    return at < 0
      ? `f.${quoteName(field.name)}`
      : `CAST(v.p${at} AS ${duckdbType(field.type)}) AS ${quoteName(field.name)}`;
  });
  return `CREATE VIEW ${quoteName(table.name)} AS SELECT ${selected.join(", ")}
    FROM (SELECT *, file_index FROM ${read}) f JOIN (VALUES ${values.join(", ")}) v(i, ${names}) ON f.file_index = v.i`;
}

function textOrNull(text: string | null | undefined): string {
  return text === null || text === undefined ? "NULL" : quoteText(text);
}
