/** A fresh instance that sees the files of some tables and the folder to write into, and no more: a person's expressions may be run on it. */
import { randomUUID } from "node:crypto";
import { realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { isLandfallError, LandfallError, messageOf } from "../base/landfall-error.ts";
import { dataFileError } from "./data-file-error.ts";
import { openDuckdb, type Duckdb } from "./duckdb.ts";
import type { EngineOptions } from "./engine.ts";
import { findDamagedFile } from "./find-damaged-file.ts";
import type { SqlSession } from "./parquet-shape.ts";
import { globOf } from "./sql.ts";

export interface WithFilesOptions {
  readonly engine: EngineOptions;
  readonly signal: AbortSignal | undefined;
  /** Files that may be read. */
  readonly paths: readonly string[];
  /** Exists; what is written goes below it. Default: nothing may be written. */
  readonly folder?: string | undefined;
  /** Rows come in the order that they are read in. Default: in any. */
  readonly keepsOrder?: boolean | undefined;
}

/** @throws LandfallError of the file that an error comes from; QUERY_INVALID for what values of rows made fail */
export async function withFiles<T>(
  { engine, signal, paths, folder, keepsOrder }: WithFilesOptions,
  work: (duckdb: Duckdb) => Promise<T>,
): Promise<T> {
  const spillFolder = join(engine.spillFolder, `rows-${randomUUID()}`);
  const instance = await openDuckdb(
    // With several threads a row group that is done late stands in a file of others than its neighbours.
    { ...engine, spillFolder, keepsOrder, ...(keepsOrder === true ? { threads: 1 } : {}) },
    {
      folders: [...(folder === undefined ? [] : [folder, await realpath(folder)]), spillFolder],
      // The names as they stand and as the reader is given them: both are looked up.
      files: [...new Set([...paths, ...paths.map(globOf)])],
    },
  );
  try {
    const duckdb = await instance.session();
    try {
      return await work(duckdb);
    } catch (error) {
      signal?.throwIfAborted();
      throw (await fileFault(error, { paths, session: sessionOf(duckdb, signal) })) ?? asQuery(error);
    } finally {
      duckdb.close();
    }
  } finally {
    await rm(spillFolder, { recursive: true, force: true });
    // Once the answer is on its way: to give its memory back takes an instance up to a twentieth of a second, in which nothing else is done here.
    setImmediate(() => instance.close());
  }
}

export function sessionOf(duckdb: Duckdb, signal: AbortSignal | undefined): SqlSession {
  return {
    run: (sql) => duckdb.run(sql, "look at a table's files", signal),
    rows: (sql) => duckdb.rows(sql, "look at a table's files", signal),
    footers: new Map(),
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
