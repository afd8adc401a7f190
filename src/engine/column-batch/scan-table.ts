/** Reads a table's rows in column batches, on a fresh instance that can read the table's files and nothing else. */
import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBPreparedStatement,
  DuckDBResult,
} from "@duckdb/node-api";
import { LandfallError } from "../../base/landfall-error.ts";
import { nearest } from "../../base/nearest.ts";
import type { EngineOptions, ScanRequest } from "../engine.ts";
import { interruptible } from "../interruptible.ts";
import { lockedInstance } from "../locked-instance.ts";
import { quoteName } from "../sql.ts";
import { batchBuilder } from "./batch-builder.ts";
import type { ColumnBatch } from "./column-batch.ts";
import { guarded, prepared } from "./guarded-condition.ts";
import { readCondition } from "./read-condition.ts";

/** More gain nothing, fewer cost: docs/adr/0018-rows-in-column-batches.md. */
const DEFAULT_BATCH_ROWS = 65_536;

/** Of rows so large that a batch of them would take much memory there are fewer. */
const BATCH_BYTES = 32 * 1024 ** 2;

/**
 * DuckDB works ahead of what is fetched by some chunks. It is told in bytes, and counts of a text 16 bytes only, however long it is: with 8 MB
 * for one column of long texts it held 2 GB.
 */
const CHUNKS_AHEAD = 8;
const CHUNK_ROWS = 2048;
const VALUE_BYTES = 16;

/** The sides of joins stay as they are written: the side that is streamed is that of the rows, and in their order. */
function settingsFor({ table, columns }: ScanRequest): string {
  const values = Math.max(1, (columns ?? table.schema.fields).length);
  const bytes = CHUNKS_AHEAD * CHUNK_ROWS * VALUE_BYTES * values;
  return `SET streaming_buffer_size = '${bytes}B'; SET disabled_optimizers = 'join_order,build_side_probe_side'; SET allowed_configs = ['threads'];`;
}

export async function* scanTable(
  request: ScanRequest,
  options: { readonly engine: EngineOptions; readonly signal: AbortSignal | undefined },
): AsyncGenerator<ColumnBatch, void, void> {
  const { table, batchRows = DEFAULT_BATCH_ROWS } = request;
  const { signal } = options;
  if (!Number.isSafeInteger(batchRows) || batchRows < 1)
    throw new LandfallError("QUERY_INVALID", {
      message: `batchRows is a whole number from 1; it is ${batchRows}.`,
    });
  const doing = `scan ${table.name}`;
  const locked = await guarded(doing, signal, () =>
    lockedInstance({ tables: [table], settings: settingsFor(request), ...options }),
  );
  const { connection } = locked;
  const work = <T>(step: () => Promise<T>): Promise<T> =>
    guarded(doing, signal, () => interruptible(connection, signal, step), { where: request.where, locked });
  let statement: DuckDBPreparedStatement | undefined;
  let ahead: Promise<DuckDBDataChunk | null> | undefined;
  try {
    const select = await work(() => selectOf(request, connection));
    statement = await work(() => prepared(connection, select.sql, table.name));
    if (table.inOrder === true) await work(() => keepOrder(connection, select.sql));
    const result = await work(() => statement!.stream());
    const builder = batchBuilder({ ...select, types: typesOf(result), batchRows, batchBytes: BATCH_BYTES });
    // The next chunk is made while this one becomes columns.
    const fetch = (): Promise<DuckDBDataChunk | null> => {
      const chunk = work(() => result.fetchChunk());
      // Told by whoever awaits it, which may be later than it fails.
      chunk.catch(() => {});
      return chunk;
    };
    ahead = fetch();
    for (;;) {
      const chunk = await ahead;
      ahead = undefined;
      if (chunk === null || chunk.rowCount === 0) break;
      ahead = fetch();
      yield* builder.append(chunk);
    }
    const rest = builder.rest();
    if (rest !== undefined) yield rest;
  } finally {
    connection.interrupt();
    // What runs still must have stopped before it loses its connection.
    await ahead?.catch(() => {});
    statement?.destroySync();
    locked.close();
  }
}

/** What is selected, and the names of its columns. @throws LandfallError QUERY_INVALID for a column that is not there, or a condition that may not be */
async function selectOf(
  { table, columns, where }: ScanRequest,
  connection: DuckDBConnection,
): Promise<{ readonly sql: string; readonly names: readonly string[] }> {
  const there = await columnNames(connection, table.name);
  const names = columns ?? there;
  const unknown = names.find((name) => !there.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, there);
    throw new LandfallError("QUERY_INVALID", {
      message: `${table.name} has no column ${unknown}.`,
      hint: near === undefined ? `It has: ${there.join(", ")}.` : `Did you mean ${near}?`,
    });
  }
  // Without columns there are still rows to count.
  const list = names.map(quoteName).join(", ") || "true";
  const rows = { rows: async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson() };
  const condition = where === undefined ? "" : ` WHERE ${await readCondition(rows, where)}`;
  return { sql: `SELECT ${list} FROM ${quoteName(table.name)}${condition}`, names };
}

async function columnNames(connection: DuckDBConnection, table: string): Promise<string[]> {
  const statement = await connection.prepare(`SELECT * FROM ${quoteName(table)}`);
  try {
    return Array.from({ length: statement.columnCount }, (_, i) => statement.columnName(i));
  } finally {
    statement.destroySync();
  }
}

/**
 * For a table whose files are to come in order: several threads read them in order, but what they join is given as it comes. So one thread
 * has to do where there is a join.
 */
async function keepOrder(connection: DuckDBConnection, sql: string): Promise<void> {
  const plan = await connection.runAndReadAll(`EXPLAIN ${sql}`);
  if (plan.getRows().some((row) => String(row.at(-1)).includes("_JOIN")))
    await connection.run("SET threads = 1");
}

function typesOf(result: DuckDBResult): ReturnType<DuckDBResult["columnType"]>[] {
  return Array.from({ length: result.columnCount }, (_, i) => result.columnType(i));
}
