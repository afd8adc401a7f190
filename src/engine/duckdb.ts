/** The only file that opens DuckDB: one locked-down instance with the limits of the declaration. */
import { mkdirSync } from "node:fs";
import {
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from "@duckdb/node-api";
import { LandfallError, messageOf } from "../base/landfall-error.ts";
import type { EngineOptions } from "./engine.ts";
import { integersOf } from "./integers-of.ts";
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
  /**
   * The rows of a query as they are made, one array a column, some 2,000 rows at a time: what is not asked for is not computed.
   * This session takes no other statement until the last is read.
   */
  chunks(sql: string, doing: string, signal?: AbortSignal): AsyncGenerator<DuckDBValue[][], void, void>;
  /** The same of a SELECT of INTEGER columns without nulls; an array is of use until the next is asked for. */
  integers(sql: string, doing: string, signal?: AbortSignal): AsyncGenerator<Int32Array[], void, void>;
  /** Adds rows to a table of this session, without a detour by text. */
  appender(table: string, doing: string): Promise<TableAppender>;
  /**
   * Bytes of a row group to write. Each thread holds one until it is whole, and some four times as much while it goes out; DuckDB itself counts
   * rows (122,880), which of large ones no memory holds.
   */
  readonly rowGroupBytes: number;
  /** Runs `work` with the whole instance at its most sparing: slower, and the largest rows that the memory can hold go through. */
  sparing<T>(options: SparingOptions, work: () => Promise<T>): Promise<T>;
  /** Another session of the same instance, which sees nothing of what is temporary in this one. */
  another(): Promise<Duckdb>;
  close(): void;
}

export interface SparingOptions {
  /** Rows that a write into partitions gathers before it passes them on to their files. */
  readonly gatheredRows: number;
}

export interface TableAppender {
  /** One array a column of the table, in order, all of one length. They are in the table when it returns. */
  append(columns: readonly (readonly DuckDBValue[])[]): void;
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

/** What `sparing` changes; no SQL of a person's can, which is one SELECT. */
const SPARING_SETTINGS = [
  "threads",
  "partitioned_write_flush_threshold",
  "partitioned_write_max_open_files",
  // Joins and filters else copy rows together until they have some 2,000, however large these are.
  "enable_caching_operators",
];

/** Files that a sparing write into partitions keeps open: a file that is closed too early is followed by a second. */
const SPARING_OPEN_FILES = 1000;

/** Rows of DuckDB's own chunks; a larger one is refused. */
const CHUNK_ROWS = 2048;

export interface OpenDuckdbOptions extends EngineOptions {
  /** What is written stands in the order of its SELECT, which takes more memory. Default: in any order. */
  readonly keepsOrder?: boolean | undefined;
}

/** Opens an instance that loads no extension, spills to its own folder and keeps no order that nobody asked for. `only`: it sees nothing else. */
export async function openDuckdb(options: OpenDuckdbOptions, only?: VisibleFiles): Promise<DuckdbInstance> {
  mkdirSync(options.spillFolder, { recursive: true, mode: 0o700 });
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(options.threads),
    memory_limit: `${Math.floor(options.memoryBytes / 1024 ** 2)}MiB`,
    temp_directory: options.spillFolder,
    max_temp_directory_size: `${Math.floor(options.spillBytes / 1024 ** 2)}MiB`,
    preserve_insertion_order: String(options.keepsOrder === true),
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
    // The system keeps what was read of local files; a second copy costs memory, and a third of the time that many small files take.
    enable_external_file_cache: "false",
  });
  const first = await instance.connect();
  const limits =
    only === undefined
      ? ""
      : `SET allowed_directories = ${textList(only.folders)}; SET allowed_paths = ${textList(only.files)}; SET enable_external_access = false;`;
  await first.run(
    `SET GLOBAL TimeZone = 'UTC'; SET enable_progress_bar = true; SET enable_progress_bar_print = false; ${limits}
      SET allowed_configs = ${textList(SPARING_SETTINGS)}; SET lock_configuration = true`,
  );
  first.closeSync();
  const open = async (): Promise<Duckdb> => sessionOf(await instance.connect(), options, open);
  return { session: open, close: () => instance.closeSync() };
}

function sessionOf(
  connection: DuckDBConnection,
  limits: Pick<EngineOptions, "memoryBytes" | "threads">,
  another: () => Promise<Duckdb>,
): Duckdb {
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
    async *chunks(sql, doing, signal) {
      const result = await guarded(doing, signal, () => connection.stream(sql));
      for (;;) {
        const chunk = await guarded(doing, signal, () => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        const columns = chunk.getColumns();
        // Its texts lie outside of what JavaScript's collector knows of, so it would be in no hurry to free them.
        chunk.reset();
        yield columns;
      }
    },
    async *integers(sql, doing, signal) {
      const result = await guarded(doing, signal, () => connection.stream(sql));
      for (;;) {
        const chunk = await guarded(doing, signal, () => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        yield integersOf(chunk);
      }
    },
    rowGroupBytes: rowGroupBytes(limits),
    async sparing({ gatheredRows }, work) {
      const set = (settings: string): Promise<void> =>
        guarded("set how much memory is used", undefined, async () => {
          await connection.run(settings);
        });
      await set(`SET threads = 1; SET enable_caching_operators = false;
        SET partitioned_write_flush_threshold = ${gatheredRows}; SET partitioned_write_max_open_files = ${SPARING_OPEN_FILES}`);
      try {
        return await work();
      } finally {
        await set(`SET threads = ${limits.threads}; RESET enable_caching_operators;
          RESET partitioned_write_flush_threshold; RESET partitioned_write_max_open_files`);
      }
    },
    appender: (table, doing) =>
      guarded(doing, undefined, async () => tableAppender(await connection.createAppender(table), doing)),
    another,
    close: () => connection.closeSync(),
  };
}

function tableAppender(
  appender: Awaited<ReturnType<DuckDBConnection["createAppender"]>>,
  doing: string,
): TableAppender {
  const types = Array.from({ length: appender.columnCount }, (_, i) => appender.columnType(i));
  return {
    append(columns) {
      const rows = columns[0]?.length ?? 0;
      try {
        for (let from = 0; from < rows; from += CHUNK_ROWS) {
          const count = Math.min(CHUNK_ROWS, rows - from);
          const chunk = DuckDBDataChunk.create(types, count);
          for (const [i, column] of columns.entries())
            chunk.setColumnValues(i, column.slice(from, from + count));
          appender.appendDataChunk(chunk);
          chunk.reset();
        }
        appender.flushSync();
      } catch (error) {
        throw engineError(error, doing);
      }
    },
    close: () => appender.closeSync(),
  };
}

/** A quarter of the memory for those of all threads: smaller ones cost a tenth of the time, and a write for which they are too large is done again. */
function rowGroupBytes({ memoryBytes, threads }: Pick<EngineOptions, "memoryBytes" | "threads">): number {
  const share = Math.floor(memoryBytes / (4 * threads));
  return Math.max(8 * 1024 ** 2, Math.min(64 * 1024 ** 2, share));
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
    return new LandfallError("ENGINE_OUT_OF_MEMORY", {
      message: `The engine ran out of its memory limit while it tried to ${doing}: ${firstLine(text)}`,
      hint: "Nothing was committed. Raise engine.memory in the declaration (or --memory), or lower engine.threads (--threads).",
      cause: error,
    });
  }
  return new LandfallError("ENGINE_FAILED", {
    message: `The engine could not ${doing}: ${firstLine(text)}`,
    hint: "Nothing was committed. The message is the engine's own; if it is not about SQL of yours, please report it.",
    cause: error,
  });
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
