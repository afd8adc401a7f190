/** What a first run made on disk for a pipeline that was never begun: it goes again, so that a refusal leaves everything as it was. */
import { existsSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pipelineKey, STATE_ROOT, stateFolder as stateFolderKey } from "../ingest/state-keys.ts";
import type { Lease } from "../ledger/lock.ts";
import { ledgerPath } from "./state-folder.ts";

export interface UnusedState {
  /** Under the lease, before a ledger is opened: one that is there already is never removed. */
  findLedger(): void;
  /** Before the lease is given up: the ledger, which remembers nothing that counts. */
  removeLedger(lease: Lease): Promise<void>;
  /** After it: the lease's lock, and the folders as far as they are empty. */
  removeFolders(): Promise<void>;
}

/**
 * Call it before the folder is made: folders above `_landfall` go again only where this run made them. Nothing is removed where the
 * pipeline's id stands beside the table, whoever wrote it.
 */
export function unusedState(options: {
  /** Canonical path of the table. */
  readonly table: string;
  readonly name: string;
  /** Where ledger and lease lie. */
  readonly stateFolder: string;
}): UnusedState {
  const { table, name, stateFolder } = options;
  const isBegun = (): boolean => existsSync(join(table, pipelineKey(name)));
  const missing = [...missingFolders(stateFolder), ...missingFolders(table)];
  const ledger = ledgerPath(stateFolder);
  let isOurs = false;
  let isRemoved = false;
  return {
    findLedger() {
      isOurs = !existsSync(ledger);
    },
    async removeLedger(lease) {
      // A process that was paused until another one took the lease leaves the ledger to that one.
      if (!isOurs || isBegun() || !(await lease.beat())) return;
      for (const path of [ledger, `${ledger}-wal`, `${ledger}-shm`]) await rm(path, { force: true });
      isRemoved = true;
    },
    async removeFolders() {
      if (isBegun()) return;
      if (isRemoved) await rm(join(stateFolder, "lease.lock"), { force: true });
      const ours = [stateFolder, join(table, stateFolderKey(name)), join(table, STATE_ROOT)];
      for (const folder of new Set([...ours, ...missing])) await rmdir(folder).catch(() => {});
    },
  };
}

/** The folder and those above it that are not there, the deepest first. */
function missingFolders(folder: string): string[] {
  const missing: string[] = [];
  for (let at = resolve(folder); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  return missing;
}
