/** Answers a person's SELECT over tables, on a fresh instance that can read the tables' files and nothing else. */
import {
  DuckDBTimestampTZValue,
  StatementType,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
} from "@duckdb/node-api";
import { LandfallError, messageOf } from "../base/landfall-error.ts";
import type { EngineOptions, QueryRequest, QueryResult } from "./engine.ts";
import { interruptible } from "./interruptible.ts";
import { lockedInstance, type LockedInstance } from "./locked-instance.ts";

const DEFAULT_LIMIT = 1000;

// An instant's text is in UTC, as the session is. The library's own default is the offset of this machine today, for all times.
DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;

export async function runQuery(
  request: QueryRequest,
  options: { readonly engine: EngineOptions; readonly signal: AbortSignal | undefined },
): Promise<QueryResult> {
  const limit = request.limit ?? DEFAULT_LIMIT;
  let locked: LockedInstance | undefined;
  try {
    locked = await lockedInstance({ tables: request.tables, ...options });
    const { connection } = locked;
    return await interruptible(connection, options.signal, async () => {
      const select = await onlySelect(connection, request.sql);
      try {
        return answer(await select.streamAndReadUntil(limit + 1), limit);
      } finally {
        select.destroySync();
      }
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof LandfallError) throw error;
    const about = await locked?.fileFault(error);
    if (about !== undefined) throw about;
    throw new LandfallError("QUERY_INVALID", {
      message: `The query failed: ${messageOf(error)}`,
      hint: `Tables: ${request.tables.map((table) => table.name).join(", ")}.`,
      cause: error,
    });
  } finally {
    locked?.close();
  }
}

/**
 * The files that may be read may be written, too, as far as DuckDB's settings go: COPY would write over a data file. So nothing but a
 * SELECT is run; what is prepared has not run yet.
 */
async function onlySelect(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  if (sql.trim() === "")
    throw new LandfallError("QUERY_INVALID", { message: "The query is empty.", hint: "Write one SELECT." });
  const statements = await connection.extractStatements(sql);
  const statement = statements.count === 1 ? await statements.prepare(0) : undefined;
  if (statement?.statementType === StatementType.SELECT) return statement;
  statement?.destroySync();
  throw new LandfallError("QUERY_INVALID", {
    message: `A query is one SELECT; this is ${statements.count === 1 ? "another statement" : `${statements.count} statements`}.`,
    hint: "Tables are read here and never changed. A PIVOT needs its values: PIVOT … ON column IN (…).",
  });
}

type Reader = Awaited<ReturnType<DuckDBPreparedStatement["streamAndReadUntil"]>>;

function answer(reader: Reader, limit: number): QueryResult {
  const rows = reader.getRowsJson();
  return {
    columns: reader.columnNames().map((name, i) => ({ name, type: String(reader.columnType(i)) })),
    rows: rows.slice(0, limit),
    truncated: rows.length > limit,
  };
}
