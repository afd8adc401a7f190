/** A fresh instance of DuckDB that can read the files of some tables and nothing else; nothing of it can be set any more. */
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import { dataFileError } from "./data-file-error.ts";
import type { EngineOptions, QueryTable } from "./engine.ts";
import { findDamagedFile } from "./find-damaged-file.ts";
import { interruptible } from "./interruptible.ts";
import type { SqlSession } from "./parquet-shape.ts";
import { pathsArgument, quoteName, textList } from "./sql.ts";
import { selectedRelation } from "./table-relation.ts";

export interface LockedInstance {
  readonly connection: DuckDBConnection;
  /** What is wrong with one of the tables' files, where an error of the connection comes from that: they are read again. */
  fileFault(error: unknown): Promise<LandfallError | undefined>;
  close(): void;
}

export interface LockedInstanceOptions {
  readonly tables: readonly QueryTable[];
  readonly engine: EngineOptions;
  readonly signal: AbortSignal | undefined;
  /** Statements that set what the session needs besides. Default: none. */
  readonly settings?: string;
}

/** Each table is a relation under its name. */
export async function lockedInstance(options: LockedInstanceOptions): Promise<LockedInstance> {
  const { tables, engine, signal, settings = "" } = options;
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(engine.threads),
    memory_limit: `${Math.floor(engine.memoryBytes / 1024 ** 2)}MiB`,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
  });
  const connection = await instance.connect();
  const session = sessionOf(connection);
  const paths = tables.flatMap((table) => table.files.map((file) => file.path));
  const fileFault = async (error: unknown): Promise<LandfallError | undefined> =>
    dataFileError(error, paths) ??
    (await interruptible(connection, signal, () => findDamagedFile(error, { paths, session })));
  const close = (): void => {
    connection.closeSync();
    instance.closeSync();
  };
  try {
    await interruptible(connection, signal, async () => {
      await connection.run(`SET TimeZone = 'UTC'; ${settings}`);
      for (const table of tables) await connection.run(await viewOf(table, session));
      await connection.run(
        // The names as they stand and as the reader is given them: both are looked up.
        `SET allowed_paths = ${textList(paths)} || ${pathsArgument(paths)}; SET enable_external_access = false; SET lock_configuration = true`,
      );
    });
    return { connection, fileFault, close };
  } catch (error) {
    try {
      signal?.throwIfAborted();
      throw isLandfallError(error) ? error : ((await fileFault(error)) ?? error);
    } finally {
      close();
    }
  }
}

async function viewOf(table: QueryTable, session: SqlSession): Promise<string> {
  return `CREATE TEMP VIEW ${quoteName(table.name)} AS ${await selectedRelation(table, session)}`;
}

function sessionOf(connection: DuckDBConnection): SqlSession {
  return {
    async run(sql) {
      await connection.run(sql);
    },
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson(),
  };
}
