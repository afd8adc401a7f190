/** What `landfall verify --data` says of the table: the oracle of a person's own tables has to agree. */
import { systemClock } from "../../base/clock.ts";
import type { ParquetAccess } from "../../delta/checkpoint-rows.ts";
import type { Engine } from "../../engine/engine.ts";
import { openLedgerReader } from "../../ledger/ledger-reader.ts";
import { memoryLedger } from "../../ledger/memory-ledger.ts";
import type { Storage } from "../../storage/storage.ts";
import type { ScratchKind } from "./fault-steps.ts";
import { verifyTable } from "../verify/verify.ts";

export async function judgeVerify(options: {
  readonly storage: Storage;
  readonly parquet: ParquetAccess;
  readonly engine: Engine;
  readonly kind: ScratchKind;
  /** Path of the pipeline's ledger. */
  readonly ledger: string;
}): Promise<readonly string[]> {
  const { storage, parquet, engine, kind, ledger } = options;
  const view = {
    storage,
    parquet,
    openLedger: () => openLedgerReader({ path: ledger }),
    lookAtLease: async () => undefined,
    scratchLedger: async () => memoryLedger(),
  };
  const result = await verifyTable(view, { clock: systemClock, engine });
  if (result.verdict === "proved") return [];
  return result.findings
    .filter(({ level, code }) => level !== "note" && !(kind === "compact" && code === "HISTORY_TRIMMED"))
    .map(({ code, where, what }) => `verify --data: ${code} ${where}: ${what}`);
}
