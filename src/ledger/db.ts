/**
 * The only file that knows node:sqlite: open, prepare, transaction, close, and SQLite's errors in the words of Landfall.
 * Everything here is synchronous and runs in the ledger's worker thread, but for the guard of the lease.
 */
import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from "node:sqlite";
import { LandfallError, messageOf } from "../base/landfall-error.ts";

export type SqlValue = SQLInputValue;
export type SqlResult = SQLOutputValue;
export type SqlRow = readonly SqlResult[];

export interface Statement {
  run(...values: readonly SqlValue[]): void;
  /** The number of rows changed. */
  change(...values: readonly SqlValue[]): number;
  /** The first row as an array of its columns. */
  get(...values: readonly SqlValue[]): SqlRow | undefined;
  all(...values: readonly SqlValue[]): readonly SqlRow[];
  /** The rows as they are found; nothing else may be asked of this statement until the last is read. */
  each(...values: readonly SqlValue[]): Generator<SqlRow>;
}

export interface Db {
  exec(sql: string): void;
  /** Compiled once for each text and kept. */
  prepare(sql: string): Statement;
  /** One write transaction, from its first statement on: whole, or not at all when `run` throws. */
  transaction<T>(run: () => T): T;
  /** One consistent view over several reads. */
  snapshot<T>(run: () => T): T;
  close(): void;
}

export interface DbOptions {
  readonly path: string;
  /** Changes nothing, and fails where there is no file. */
  readonly readOnly: boolean;
  /** How long to wait for another connection's lock; milliseconds. */
  readonly timeout: number;
}

/** Opens the file; made with mode 0600 when it is not there. @throws LandfallError as `sqliteError` says */
export function openDb(options: DbOptions): Db {
  const { path, readOnly, timeout } = options;
  return translated(path, () => {
    if (!readOnly) makePrivate(path);
    const database = new DatabaseSync(path, { readOnly, timeout });
    const statements = new Map<string, Statement>();
    const within = <T>(begin: string, run: () => T): T =>
      translated(path, () => {
        database.exec(begin);
        try {
          const result = run();
          database.exec("COMMIT");
          return result;
        } catch (error) {
          if (database.isTransaction) database.exec("ROLLBACK");
          throw error;
        }
      });
    return {
      exec: (sql) => translated(path, () => database.exec(sql)),
      prepare: (sql) => {
        const known = statements.get(sql);
        if (known !== undefined) return known;
        const statement = translated(path, () => compile(database, path, sql));
        statements.set(sql, statement);
        return statement;
      },
      transaction: (run) => within("BEGIN IMMEDIATE", run),
      snapshot: (run) => within("BEGIN", run),
      close: () => {
        if (database.isOpen) translated(path, () => database.close());
      },
    };
  });
}

function compile(database: DatabaseSync, path: string, sql: string): Statement {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  return {
    run: (...values) => void translated(path, () => statement.run(...values)),
    change: (...values) => Number(translated(path, () => statement.run(...values)).changes),
    // The types of node:sqlite do not follow setReturnArrays.
    get: (...values) => translated(path, () => statement.get(...values)) as unknown as SqlRow | undefined,
    all: (...values) => translated(path, () => statement.all(...values)) as unknown as readonly SqlRow[],
    *each(...values) {
      const rows = translated(path, () => statement.iterate(...values));
      for (;;) {
        const row = translated(path, () => rows.next());
        if (row.done === true) return;
        yield row.value as unknown as SqlRow;
      }
    },
  };
}

/**
 * SQLite gives its -wal and -shm files the mode of the file itself. A file that is there is not opened: closing it again would let go of
 * the locks that this process holds on it through another connection, as POSIX has it.
 */
function makePrivate(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}

function translated<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof LandfallError ? error : sqliteError(path, error);
  }
}

const BUSY = 5;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;

/** What SQLite or the file system threw, as LEDGER_FAILED or STORAGE_FULL, with the hint that fits. */
function sqliteError(path: string, error: unknown): LandfallError {
  const number =
    error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : 0;
  // The low byte is the primary code; a read past the end of a truncated file is an I/O error with an extended one.
  const primary = number & 0xff;
  const shortRead = number === 522;
  const cause = { cause: error, file: path };
  if (primary === FULL) {
    return new LandfallError("STORAGE_FULL", {
      message: `No room is left to write the ledger ${path}.`,
      hint: "Free some room and run again; nothing was lost.",
      ...cause,
    });
  }
  if (primary === CORRUPT || primary === NOT_A_DATABASE || shortRead) return damagedLedger(path, error);
  if (primary === BUSY) {
    return new LandfallError("LEDGER_FAILED", {
      message: `The ledger ${path} is locked by another process.`,
      hint: "Wait until the other process has ended, then run again.",
      ...cause,
    });
  }
  return new LandfallError("LEDGER_FAILED", {
    message: `The ledger ${path} cannot be used: ${messageOf(error)}.`,
    hint: "Check that its folder exists and may be written to, or choose another one with --state DIR.",
    ...cause,
  });
}

/** LEDGER_FAILED for a file that is no whole ledger any more. */
export function damagedLedger(path: string, cause?: unknown): LandfallError {
  return new LandfallError("LEDGER_FAILED", {
    message: `The ledger ${path} is damaged${cause === undefined ? "" : `: ${messageOf(cause)}`}.`,
    hint: `Delete it together with ${path}-wal and ${path}-shm: the next run rebuilds it from the table.`,
    file: path,
    cause,
  });
}
