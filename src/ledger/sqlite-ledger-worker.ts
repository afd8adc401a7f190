/** The thread that holds the ledger's file: one message is one call of the port is one transaction, answered in order. */
import { parentPort, workerData } from "node:worker_threads";
import { openDb, type Db } from "./db.ts";
import { bringUp, type Migration } from "./ledger-schema.ts";
import { sqliteReads, type LedgerReads } from "./sqlite-reads.ts";
import { sqliteWrites, type LedgerWrites } from "./sqlite-writes.ts";
import { toWire, type WireError } from "../base/wire-error.ts";

export interface WorkerOptions {
  readonly path: string;
  readonly readOnly: boolean;
  readonly migrations: readonly Migration[];
}

export type LedgerCalls = LedgerReads & LedgerWrites & { close(): void };

export interface WorkerRequest {
  readonly method: keyof LedgerCalls;
  readonly args: readonly unknown[];
}

/** The first answer, without a request, says that the file is open. */
export type WorkerAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: WireError };

/** How long a lock of another connection is waited for: a checkpoint of a large log takes a second or two. */
const LOCK_WAIT_MS = 10_000;
/** Enough for the inner pages of a million arrivals; the rest comes and goes. */
const CACHE_KIB = 16 * 1024;
/** Pages in the log before it is folded into the file: 16 MB, so that a large batch is folded once. */
const LOG_PAGES = 2048;
const WRITING = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${LOG_PAGES};`;

function open({ path, readOnly, migrations }: WorkerOptions): {
  readonly db: Db;
  readonly calls: LedgerCalls;
} {
  const db = openDb({ path, readOnly, timeout: LOCK_WAIT_MS });
  try {
    db.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY;`);
    // The first two only matter for a file that is made now, and only before its log is.
    if (!readOnly) db.exec(`PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL; ${WRITING}`);
    bringUp({ db, path, readOnly, migrations });
    const reads = sqliteReads(db, path);
    return { db, calls: { ...reads, ...sqliteWrites(db, reads), close: () => closeFile(db, readOnly) } };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Gives room back that a large backlog took, its indexes for instance, once it is an eighth of the file. */
function closeFile(db: Db, readOnly: boolean): void {
  const pages = (name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()![0]);
  try {
    if (!readOnly && pages("freelist_count") * 8 > pages("page_count")) db.exec("PRAGMA incremental_vacuum");
  } finally {
    db.close();
  }
}

function answer(run: () => unknown): WorkerAnswer {
  try {
    return { ok: true, result: run() };
  } catch (error) {
    return { ok: false, error: toWire(error) };
  }
}

function serve(): void {
  const port = parentPort!;
  let calls: LedgerCalls | undefined;
  const opened = answer(() => {
    calls = open(workerData as WorkerOptions).calls;
  });
  port.postMessage(opened);
  if (!opened.ok) {
    port.close();
    return;
  }
  port.on("message", ({ method, args }: WorkerRequest) => {
    const call = calls![method] as (...values: readonly unknown[]) => unknown;
    port.postMessage(answer(() => call(...args)));
    if (method === "close") port.close();
  });
}

serve();
