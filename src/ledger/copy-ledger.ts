/** A ledger as it stands, in a file of its own: to play a run through without touching what the run would touch. */
import { copyFileSync, existsSync, statSync } from "node:fs";
import { openDb } from "./db.ts";

/** A writer's lock is met only while it recovers the log of a process that died. */
const LOCK_WAIT_MS = 2000;

/**
 * Copies the ledger at `from`, which is there, to `to`, which is not. A process may write to it meanwhile. Nothing beside `from` is made
 * or changed: a ledger that nobody has open is copied byte by byte, since opening it would make files beside it.
 *
 * @throws LandfallError LEDGER_FAILED for one that is damaged or cannot be read
 */
export function copyLedger(options: { readonly from: string; readonly to: string }): void {
  const { from, to } = options;
  const isOpen = (): boolean => existsSync(`${from}-wal`);
  if (!isOpen()) {
    const before = stateOf(from);
    copyFileSync(from, to);
    // Nobody opened it meanwhile, so the copy is of one state.
    if (!isOpen() && stateOf(from) === before) return;
  }
  const db = openDb({ path: from, readOnly: true, timeout: LOCK_WAIT_MS });
  try {
    db.prepare("VACUUM INTO ?").run(to);
  } finally {
    db.close();
  }
}

function stateOf(path: string): string {
  const { size, mtimeNs } = statSync(path, { bigint: true });
  return `${size}-${mtimeNs}`;
}
