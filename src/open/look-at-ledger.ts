/** What a pipeline's ledger says, whoever holds it or nobody: as `status` asks it. */
import { existsSync } from "node:fs";
import { canonicalPath } from "../base/canonical-path.ts";
import { newestStateName } from "../ingest/pipeline-identity.ts";
import type { LedgerLook } from "../ledger/ledger-look.ts";
import { openLedgerReader } from "../ledger/ledger-reader.ts";
import { localStorage } from "../storage/local-storage.ts";
import { ledgerPath, stateFolderOf } from "./state-folder.ts";

/** Undefined where there is no ledger. @throws LandfallError LEDGER_FAILED, STATE_NEWER; those of the storage */
export async function lookAtLedger(options: {
  /** As given. */
  readonly table: string;
  /** As declared. */
  readonly name: string;
  /** `--state`, as given. */
  readonly state: string | undefined;
}): Promise<LedgerLook | undefined> {
  const { state } = options;
  const table = canonicalPath(options.table);
  const name = await newestStateName(localStorage({ root: table }), options.name);
  const path = ledgerPath(stateFolderOf({ table, name, state }));
  if (!existsSync(path)) return undefined;
  const ledger = await openLedgerReader({ path });
  try {
    return { summary: await ledger.summary(), last: await ledger.lastTakenIn() };
  } finally {
    await ledger.close();
  }
}
