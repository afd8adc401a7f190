/** The only file that opens DuckDB: one locked-down instance with the limits of the declaration. */
import { mkdirSync } from "node:fs";
import { DuckDBInstance, type DuckDBConnection, type DuckDBType } from "@duckdb/node-api";
import { LandfallError, messageOf } from "../base/landfall-error.ts";
import type { EngineOptions } from "./engine.ts";
import { interruptible } from "./interruptible.ts";
import { textList } from "./sql.ts";

/** One connection. */
export interface Duckdb {
  /** Hundredths of the statement under way that are done; -1 where DuckDB does not know. */
  percentDone(): number;
  /** Runs statements; a failure is an ENGINE_FAILED that names what was being done. */
  run(sql: string, doing: string, signal?: AbortSignal): Promise<void>;
  /** The rows of a query as objects of JSON-compatible values: 64-bit integers, decimals and times as text. */
  rows(sql: string, doing: string, signal?: AbortSignal): Promise<Record<string, unknown>[]>;
  /** The columns of a query that is not run to its rows. */
  columns(
    sql: string,
    doing: string,
    signal?: AbortSignal,
  ): Promise<{ readonly name: string; readonly type: DuckDBType }[]>;
  /** The columns of a query that is only bound, under the names that it gives them: two may have the same. */
  described(
    sql: string,
    doing: string,
    signal?: AbortSignal,
  ): Promise<{ readonly name: string; readonly type: DuckDBType }[]>;
  close(): void;
}

/** The instance. Each call works in a session of its own: temporary tables and interrupts then concern nobody else. */
export interface DuckdbInstance {
  session(): Promise<Duckdb>;
  close(): void;
}

/** What an instance may see of the machine's files. */
export interface VisibleFiles {
  /** Folders, with all below. */
  readonly folders: readonly string[];
  /** Files elsewhere, links resolved. */
  readonly files: readonly string[];
}

/** Opens an instance that loads no extension, spills to its own folder and keeps no order that nobody asked for. `only`: it sees nothing else. */
export async function openDuckdb(options: EngineOptions, only?: VisibleFiles): Promise<DuckdbInstance> {
  mkdirSync(options.spillFolder, { recursive: true, mode: 0o700 });
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(options.threads),
    memory_limit: `${Math.floor(options.memoryBytes / 1024 ** 2)}MiB`,
    temp_directory: options.spillFolder,
    max_temp_directory_size: `${Math.floor(options.spillBytes / 1024 ** 2)}MiB`,
    preserve_insertion_order: "false",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
  });
  const first = await instance.connect();
  const limits =
    only === undefined
      ? ""
      : `SET allowed_directories = ${textList(only.folders)}; SET allowed_paths = ${textList(only.files)}; SET enable_external_access = false;`;
  await first.run(
    `SET GLOBAL TimeZone = 'UTC'; SET enable_progress_bar = true; SET enable_progress_bar_print = false; ${limits} SET lock_configuration = true`,
  );
  first.closeSync();
  return {
    session: async () => sessionOf(await instance.connect()),
    close: () => instance.closeSync(),
  };
}

function sessionOf(connection: DuckDBConnection): Duckdb {
  const guarded = async <T>(
    doing: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> => {
    try {
      return await interruptible(connection, signal, work);
    } catch (error) {
      signal?.throwIfAborted();
      throw engineError(error, doing);
    }
  };
  return {
    percentDone: () => connection.progress.percentage,
    run: (sql, doing, signal) =>
      guarded(doing, signal, async () => {
        await connection.run(sql);
      }),
    rows: (sql, doing, signal) =>
      guarded(doing, signal, async () => (await connection.runAndReadAll(sql)).getRowObjectsJson()),
    columns: (sql, doing, signal) =>
      guarded(doing, signal, async () => {
        const reader = await connection.runAndReadAll(`SELECT * FROM (${sql}) LIMIT 0`);
        return reader.columnNames().map((name, i) => ({ name, type: reader.columnType(i) }));
      }),
    described: (sql, doing, signal) =>
      guarded(doing, signal, async () => {
        const statement = await connection.prepare(sql);
        try {
          return Array.from({ length: statement.columnCount }, (_, i) => ({
            name: statement.columnName(i),
            type: statement.columnType(i),
          }));
        } finally {
          statement.destroySync();
        }
      }),
    close: () => connection.closeSync(),
  };
}

/** Translates DuckDB's errors once. */
export function engineError(error: unknown, doing: string): LandfallError {
  if (error instanceof LandfallError) return error;
  const text = messageOf(error);
  // DuckDB refuses every statement after a fault of its own: what is left of it is of no use.
  if (/database has been invalidated|^FATAL Error/.test(text)) {
    return new LandfallError("ENGINE_DIED", {
      message: `The engine broke while it tried to ${doing}: ${firstLine(text)}`,
      hint: "Nothing was committed; run again.",
      cause: error,
    });
  }
  if (/No space left on device|max_temp_directory_size|failed to offload data block/i.test(text)) {
    return new LandfallError("STORAGE_FULL", {
      message: `No room left while Landfall tried to ${doing}: ${firstLine(text)}`,
      hint: "Free some room, or raise engine.spill in the declaration; then run again.",
      cause: error,
    });
  }
  if (/Out of Memory Error/i.test(text)) {
    return new LandfallError("ENGINE_FAILED", {
      message: `The engine ran out of its memory limit while it tried to ${doing}: ${firstLine(text)}`,
      hint: "Raise engine.memory in the declaration (or --memory).",
      cause: error,
    });
  }
  return new LandfallError("ENGINE_FAILED", {
    message: `The engine could not ${doing}: ${firstLine(text)}`,
    hint: "Look at the cause; nothing was committed.",
    cause: error,
  });
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
