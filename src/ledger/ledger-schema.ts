/**
 * The shape of the ledger's file, and how an older file becomes a newer one. `user_version` names the shape; every released
 * shape stays in this list for good.
 */
import { chmodSync, existsSync, renameSync, rmSync } from "node:fs";
import { LandfallError } from "../base/landfall-error.ts";
import { damagedLedger, type Db } from "./db.ts";

/** SQL that makes shape n + 1 out of shape n, n being its place in the list. */
export type Migration = string;

/** "LFLD": tells our files from other SQLite databases. */
const APPLICATION_ID = 0x4c464c44;

/**
 * `arrivals`: (stamp, span) is the generation. `<size>-<mtime ns>` is kept as the integers mtime and size; any other text is kept in
 * `stamp` as it is, with span 0. `size` and `modified` are null where the generation says them. `code` is state and rule in one
 * (arrival-codes.ts), `batch` the `seq` of the batch. Of the outcome: `crc` is null where there is none, `nread` the rows read; `odd` is
 * [bytes read, rows written, rescued, rejected] and, where there are any, rows of broken records; null where that is [span, nread, 0, 0]. Partial indexes cover open states only, so they stay small.
 *
 * `counts`, `totals` and `open_since` are kept in the transaction that changes arrivals, so that a summary scans nothing.
 */
const VERSION_1: Migration = `
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE batches(
  seq INTEGER PRIMARY KEY, number INTEGER NOT NULL, batch_id TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
  planned_at INTEGER NOT NULL, settled_at INTEGER, version INTEGER, done INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE UNIQUE INDEX batches_settled ON batches(number) WHERE state = 'settled';
CREATE INDEX batches_open ON batches(number) WHERE state IN ('planned', 'staged', 'committed');
CREATE INDEX batches_not_done ON batches(number) WHERE state = 'settled' AND done = 0;
CREATE TABLE arrivals(
  key TEXT NOT NULL, stamp ANY NOT NULL, span INTEGER NOT NULL, code INTEGER NOT NULL, seen INTEGER NOT NULL,
  size INTEGER, modified INTEGER, batch INTEGER, vacated INTEGER NOT NULL, reason TEXT,
  crc INTEGER, nread INTEGER, odd TEXT,
  PRIMARY KEY(key, stamp, span)) WITHOUT ROWID, STRICT;
CREATE INDEX arrivals_waiting ON arrivals(key) WHERE code = 1;
CREATE INDEX arrivals_discovered ON arrivals(stamp) WHERE code = 2 AND modified IS NULL;
CREATE INDEX arrivals_discovered_apart ON arrivals(modified) WHERE code = 2 AND modified IS NOT NULL;
CREATE INDEX arrivals_claimed ON arrivals(batch) WHERE code = 3;
CREATE TABLE events(
  key TEXT NOT NULL, stamp ANY NOT NULL, span INTEGER NOT NULL, place INTEGER NOT NULL, at INTEGER NOT NULL,
  event TEXT NOT NULL, batch_id TEXT, detail TEXT,
  PRIMARY KEY(key, stamp, span, place)) WITHOUT ROWID, STRICT;
CREATE TABLE counts(code INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;
CREATE TABLE open_since(seen INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;
CREATE TABLE totals(one INTEGER PRIMARY KEY, nread INTEGER NOT NULL, written INTEGER NOT NULL,
  rescued INTEGER NOT NULL, rejected INTEGER NOT NULL) STRICT;
INSERT INTO totals VALUES (1, 0, 0, 0, 0);
`;

/** `attempts`: how often the engine's process died over a batch with the arrival. Nearly always empty. */
const VERSION_2: Migration = `
CREATE TABLE attempts(
  key TEXT NOT NULL, stamp ANY NOT NULL, span INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY(key, stamp, span)) WITHOUT ROWID, STRICT;
`;

/** Rows that are the text of a broken record (`columnNameOfCorruptRecord`). */
const VERSION_3: Migration = "ALTER TABLE totals ADD COLUMN corrupt INTEGER NOT NULL DEFAULT 0;";

/**
 * Tidying: batches of which nothing is left to be tidied, vacate records that were taken in, arrivals whose tidying failed when it was last
 * tried (nearly always empty).
 */
const VERSION_4: Migration = `
ALTER TABLE batches ADD COLUMN committed_tidied INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN quarantined_tidied INTEGER NOT NULL DEFAULT 0;
CREATE INDEX batches_committed_untidied ON batches(number) WHERE state = 'settled' AND committed_tidied = 0;
CREATE INDEX batches_quarantined_untidied ON batches(number) WHERE state = 'settled' AND quarantined_tidied = 0;
CREATE TABLE vacate_records(name TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;
CREATE TABLE tidy_failures(
  key TEXT NOT NULL, stamp ANY NOT NULL, span INTEGER NOT NULL, at INTEGER NOT NULL, detail TEXT,
  PRIMARY KEY(key, stamp, span)) WITHOUT ROWID, STRICT;
`;

/** Decisions that have been taken in, so that none is read again. */
const VERSION_5: Migration = "CREATE TABLE decisions(id TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;";

export const MIGRATIONS: readonly Migration[] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5];

export interface BringUpOptions {
  readonly db: Db;
  readonly path: string;
  readonly readOnly: boolean;
  readonly migrations: readonly Migration[];
}

/**
 * Makes an empty file a ledger, or an older ledger one of the newest shape, after a copy of it beside it (`<path>.v<n>.bak`).
 * Done whole or not at all; safe to repeat after a crash.
 *
 * @throws LandfallError STATE_NEWER for a shape that this program does not know, LEDGER_FAILED for a file that is no ledger
 */
export function bringUp(options: BringUpOptions): void {
  const { db, path, readOnly, migrations } = options;
  const version = pragma(db, "user_version");
  const known = migrations.length;
  checkOurs(db, path, version);
  if (version > known) throw newer(path, version, known);
  if (version === known) return;
  if (readOnly) throw notBroughtUp(path, version, known);
  if (version > 0) backUp(db, path, version);
  db.transaction(() => {
    // Another process may have done it while this one waited for the lock.
    const now = pragma(db, "user_version");
    if (now > known) throw newer(path, now, known);
    for (const migration of migrations.slice(now)) db.exec(migration);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    db.exec(`PRAGMA user_version = ${known}`);
  });
}

function pragma(db: Db, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()![0]);
}

function checkOurs(db: Db, path: string, version: number): void {
  if (pragma(db, "application_id") === APPLICATION_ID) {
    if (version < 1) throw damagedLedger(path);
    return;
  }
  const tables = Number(db.prepare("SELECT count(*) FROM sqlite_schema").get()![0]);
  if (tables === 0 && version === 0) return;
  throw new LandfallError("LEDGER_FAILED", {
    message: `${path} is a database, but no ledger of Landfall.`,
    hint: "Move it away, or choose another place for the ledger with --state DIR.",
    file: path,
  });
}

function backUp(db: Db, path: string, version: number): void {
  const backup = `${path}.v${version}.bak`;
  if (existsSync(backup)) return;
  const unfinished = `${backup}.tmp`;
  rmSync(unfinished, { force: true });
  db.prepare("VACUUM INTO ?").run(unfinished);
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, backup);
}

function newer(path: string, version: number, known: number): LandfallError {
  return new LandfallError("STATE_NEWER", {
    message: `The ledger ${path} has version ${version}; this Landfall knows versions up to ${known}.`,
    hint: "Run the newer Landfall that wrote it, or delete it: it is rebuilt from the table.",
    file: path,
  });
}

function notBroughtUp(path: string, version: number, known: number): LandfallError {
  return new LandfallError("LEDGER_FAILED", {
    message:
      version === 0
        ? `The ledger ${path} is empty.`
        : `The ledger ${path} has version ${version}, and looking on cannot bring it to version ${known}.`,
    hint: "Run the pipeline once.",
    file: path,
  });
}
