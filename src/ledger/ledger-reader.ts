/**
 * A ledger's file opened to look on, in this thread: a look is short, and starting a thread for it would take longer than the look.
 * Whoever writes has a thread of its own (sqlite-ledger.ts).
 */
import { openDb, type Db } from "./db.ts";
import { closedLedger } from "./ledger-identity.ts";
import { bringUp, MIGRATIONS } from "./ledger-schema.ts";
import type { Ledger } from "./ledger.ts";
import { sqliteReads } from "./sqlite-reads.ts";

/** The part of the port that looks on. */
export type LedgerReader = Pick<
  Ledger,
  | "identity"
  | "tableIdentity"
  | "openBatches"
  | "lastTakenIn"
  | "batchesWithoutDoneMark"
  | "events"
  | "get"
  | "generations"
  | "arrivals"
  | "batch"
  | "batches"
  | "summary"
  | "decisions"
  | "close"
>;

/** A writer's lock is met only while it recovers the log of a process that died. */
const LOCK_WAIT_MS = 2000;

/**
 * Opens a ledger that exists; another process may write meanwhile, and each call sees what was confirmed before it.
 *
 * @throws LandfallError STATE_NEWER for a file of a newer Landfall; LEDGER_FAILED for one that is damaged, foreign or missing
 */
export async function openLedgerReader(options: { readonly path: string }): Promise<LedgerReader> {
  const { path } = options;
  const db = openDbToRead(path);
  const reads = sqliteReads(db, path);
  let closed = false;
  const read = async <T>(run: () => T): Promise<T> => {
    if (closed) throw closedLedger();
    return run();
  };
  return {
    identity: () => read(() => reads.identity()),
    tableIdentity: () => read(() => reads.tableIdentity()),
    openBatches: () => read(() => reads.openBatches()),
    lastTakenIn: () => read(() => reads.lastTakenIn()),
    batchesWithoutDoneMark: () => read(() => reads.batchesWithoutDoneMark()),
    events: (id) => read(() => reads.events(id)),
    get: (id) => read(() => reads.get(id)),
    generations: (key) => read(() => reads.generations(key)),
    arrivals: (filter) => read(() => reads.arrivals(filter)),
    batch: (batchId) => read(() => reads.batch(batchId)),
    batches: (limit) => read(() => reads.batches(limit)),
    summary: () => read(() => reads.summary()),
    decisions: () => read(() => reads.decisions()),
    async close() {
      closed = true;
      db.close();
    },
  };
}

/** A ledger's file that is there, opened to look on. @throws as `openLedgerReader` */
export function openDbToRead(path: string): Db {
  const db = openDb({ path, readOnly: true, timeout: LOCK_WAIT_MS });
  try {
    bringUp({ db, path, readOnly: true, migrations: MIGRATIONS });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
