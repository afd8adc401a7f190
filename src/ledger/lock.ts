/**
 * The lease of a pipeline on local disk. It only saves work: correctness comes from number, batchId and the commit's condition
 * (exactly-once rules, §3). `lease.json` says who holds it; its modification time is the heartbeat, set through the holder's own open
 * file, so that a holder that lost the lease never touches its successor's. Taking, superseding and releasing happen under a lock of
 * the operating system (`lease.lock`), which a dying process lets go: of any number of contenders one wins.
 */
import { randomUUID } from "node:crypto";
import { open, readdir, readFile, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isoInstant, type Clock } from "../base/clock.ts";
import { LandfallError, messageOf, systemCodeOf } from "../base/landfall-error.ts";
import { openDb, type Db } from "./db.ts";
import {
  holderState,
  isSameProcess,
  thisHolder,
  type HolderState,
  type LeaseHolder,
} from "./lease-holder.ts";

export interface LeaseOptions {
  /** The ledger's folder, on local disk; exists. */
  readonly folder: string;
  readonly clock: Clock;
  /** Default: this machine's name. */
  readonly host?: string;
  /** Milliseconds between heartbeats. Default: 10,000. */
  readonly heartbeatEvery?: number;
  /** Milliseconds without a heartbeat after which a holder that cannot be seen from here is superseded. Default: 60,000. */
  readonly staleAfter?: number;
}

export interface Lease {
  /** Aborted, with a PIPELINE_HELD error as its reason, once another process is found to hold the lease. */
  readonly lost: AbortSignal;
  /** A heartbeat now; false if the lease is lost. Happens by itself as long as the process runs. */
  beat(): Promise<boolean>;
  /** Gives it up if it is still ours. Idempotent. */
  release(): Promise<void>;
}

interface LeaseRecord extends LeaseHolder {
  readonly schemaVersion: 1;
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Who holds a lease, for whoever only looks on. */
export interface LeaseSight {
  readonly pid: number;
  readonly host: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** The last heartbeat; milliseconds since the epoch. */
  readonly heartbeatAt: number;
  /** Whether the holder still runs; `unknown` where that cannot be seen from here. */
  readonly holder: HolderState;
}

/**
 * The lease as it stands, undefined where nobody holds one. Changes nothing.
 *
 * @throws LandfallError LEDGER_FAILED if it cannot be read
 */
export async function lookAtLease(options: {
  readonly folder: string;
  /** Default: this machine's name. */
  readonly host?: string;
}): Promise<LeaseSight | undefined> {
  const path = join(options.folder, "lease.json");
  const record = await readLease(path);
  const info = await stat(path).catch(() => undefined);
  if (record === undefined || info === undefined) return undefined;
  const holder = await holderState(record, await thisHolder(options.host));
  return {
    pid: record.pid,
    host: record.host,
    since: record.since,
    heartbeatAt: Math.round(info.mtimeMs),
    holder,
  };
}

/**
 * Takes the lease, superseding a holder that is dead or, where that cannot be seen, silent for `staleAfter`.
 *
 * @throws LandfallError PIPELINE_HELD saying who holds it since when, LEDGER_FAILED if the folder cannot be written to
 */
export async function acquireLease(options: LeaseOptions): Promise<Lease> {
  const { folder, clock, host, heartbeatEvery = 10_000 } = options;
  const path = join(folder, "lease.json");
  const self = await thisHolder(host);
  const record: LeaseRecord = { schemaVersion: 1, ...self, token: randomUUID(), since: clock.now() };
  const file = await guarded(folder, async () => {
    await refuseIfHeld(path, self, options);
    return writeLease(path, record);
  });
  try {
    await beatThrough(file, clock);
  } catch (error) {
    await file.close();
    throw failed(path, error);
  }
  return leaseOver({ folder, path, token: record.token, clock, heartbeatEvery, file });
}

interface HeldLease {
  readonly folder: string;
  readonly path: string;
  readonly token: string;
  readonly clock: Clock;
  readonly heartbeatEvery: number;
  readonly file: FileHandle;
}

function leaseOver({ folder, path, token, clock, heartbeatEvery, file }: HeldLease): Lease {
  const lost = new AbortController();
  let released: Promise<void> | undefined;
  const beat = async (): Promise<boolean> => {
    if (lost.signal.aborted || released !== undefined) return false;
    const current = await readLease(path);
    if (current?.token !== token) {
      lost.abort(taken(path, current));
      return false;
    }
    // A disk that refuses for a moment costs the lease only if it goes on until somebody supersedes it.
    await beatThrough(file, clock).catch(() => undefined);
    return true;
  };
  const timer = setInterval(() => void beat(), heartbeatEvery).unref();
  const release = async (): Promise<void> => {
    clearInterval(timer);
    try {
      await guarded(folder, async () => {
        if ((await readLease(path))?.token === token) await rm(path, { force: true });
      });
    } finally {
      await file.close();
    }
  };
  return { lost: lost.signal, beat, release: () => (released ??= release()) };
}

const beatThrough = (file: FileHandle, clock: Clock): Promise<void> =>
  file.utimes(clock.now() / 1000, clock.now() / 1000);

/** Runs alone among all processes of this machine. The lock is held for a few file operations only. */
async function guarded<T>(folder: string, run: () => Promise<T>): Promise<T> {
  const guard = openDb({ path: join(folder, "lease.lock"), readOnly: false, timeout: 0 });
  try {
    await lockSoon(guard);
    return await run();
  } finally {
    guard.close();
  }
}

/** Contenders in one process share a thread, so the wait is not left to SQLite, which would hold it. */
async function lockSoon(guard: Db): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      guard.exec("BEGIN EXCLUSIVE");
      return;
    } catch (error) {
      if (attempt >= LOCK_ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS));
    }
  }
}

const LOCK_ATTEMPTS = 500;
const LOCK_PAUSE_MS = 5;

async function refuseIfHeld(path: string, self: LeaseHolder, options: LeaseOptions): Promise<void> {
  const { clock, staleAfter = 60_000 } = options;
  const current = await readLease(path);
  if (current === undefined) return;
  const state = await holderState(current, self);
  if (state === "dead") return;
  const heartbeat = Math.round((await stat(path)).mtimeMs);
  if (state === "unknown" && clock.now() - heartbeat >= staleAfter) return;
  throw isSameProcess(current, self) ? openTwice(path, current) : taken(path, current);
}

/** Undefined where there is none, or one that a power loss left unreadable. */
async function readLease(path: string): Promise<LeaseRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(path, "utf8")) as Partial<LeaseRecord> | null;
    return typeof record?.token === "string" && typeof record.pid === "number"
      ? (record as LeaseRecord)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || systemCodeOf(error) === "ENOENT") return undefined;
    throw failed(path, error);
  }
}

/** Under the guard: nobody else replaces the file meanwhile, and what others began to write was cut off. Stays open for the heartbeats. */
async function writeLease(path: string, record: LeaseRecord): Promise<FileHandle> {
  const fresh = `${path}.${record.token}`;
  for (const name of await readdir(dirname(path)))
    if (name.startsWith(`${basename(path)}.`)) await rm(join(dirname(path), name), { force: true });
  let file: FileHandle | undefined;
  try {
    file = await open(fresh, "wx", 0o600);
    await file.writeFile(`${JSON.stringify(record)}\n`);
    await rename(fresh, path);
    return file;
  } catch (error) {
    await file?.close();
    await rm(fresh, { force: true });
    throw failed(path, error);
  }
}

function openTwice(path: string, { since }: LeaseRecord): LandfallError {
  return new LandfallError("PIPELINE_HELD", {
    message: `The pipeline is open already, in this same process, since ${isoInstant(since)} (${path}).`,
    hint: "Name it once, or close it before it is opened again.",
    file: path,
  });
}

function taken(path: string, holder: LeaseRecord | undefined): LandfallError {
  const who =
    holder === undefined
      ? "The lease was removed"
      : `Process ${holder.pid} on ${holder.host} holds it since ${isoInstant(holder.since)}`;
  return new LandfallError("PIPELINE_HELD", {
    message: `The pipeline is held by another process. ${who} (${path}).`,
    hint: "Wait until it has ended, or stop it; one that has died does not hold it for long.",
    file: path,
  });
}

function failed(path: string, cause: unknown): LandfallError {
  return new LandfallError("LEDGER_FAILED", {
    message: `The lease ${path} cannot be read or written: ${messageOf(cause)}.`,
    hint: "Check that the folder exists and may be written to, or name another one with --state DIR.",
    file: path,
    cause,
  });
}
