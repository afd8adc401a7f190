/**
 * The oracle of `prove`: at rest, every generation is in the table once, in quarantine, or skipped for a reason that holds; and the
 * table, the state beside it and the ledger say the same (exactly-once rules, §6). It answers what is wrong, in sentences.
 */
import { isLandfallError } from "../../base/landfall-error.ts";
import { readSnapshot, type Snapshot } from "../../delta/snapshot.ts";
import type { Engine } from "../../engine/engine.ts";
import { openLedgerReader } from "../../ledger/ledger-reader.ts";
import { localStorage } from "../../storage/local-storage.ts";
import { judgeArrivals } from "./judge-arrivals.ts";
import { judgeDecisions } from "./judge-decisions.ts";
import { judgeFiles } from "./judge-files.ts";
import { judgeLog } from "./judge-log.ts";
import { judgePlaces } from "./judge-places.ts";
import { judgeRebuild } from "./judge-rebuild.ts";
import { judgeRows } from "./judge-rows.ts";
import { judgeVerify } from "./judge-verify.ts";
import type { HealedWorld } from "./keep-case.ts";

export interface OracleOptions extends HealedWorld {
  /** The column that tells rows apart. */
  readonly idColumn: string;
  /** The pipeline's folder, for a kind that moves files: where each lies is looked at too. Default: it is not. */
  readonly folder?: string | undefined;
  /** The table's folder. */
  readonly table: string;
  /** Path of the healed pipeline's ledger; not written to. */
  readonly ledger: string;
  readonly engine: Engine;
  readonly scratchFolder: string;
}

/** Everything that is wrong; empty when the run held. What cannot even be read is wrong, too. */
export async function askOracle(options: OracleOptions): Promise<readonly string[]> {
  try {
    return await judgeAll(options);
  } catch (error) {
    if (!isLandfallError(error) || error.code === "ABORTED") throw error;
    return [`it cannot be read any more: ${error.code} ${error.message}`];
  }
}

async function judgeAll(options: OracleOptions): Promise<readonly string[]> {
  const storage = localStorage({ root: options.table });
  const parquet = { port: options.engine, scratchFolder: options.scratchFolder };
  const snapshot: Snapshot | undefined = await readSnapshot({ storage, parquet });
  const ledger = await openLedgerReader({ path: options.ledger });
  try {
    const arrivals = await ledger.arrivals({});
    const log = await judgeLog({ storage, snapshot, kind: options.kind });
    return [
      ...judgeArrivals({ ...options, arrivals }),
      ...(options.folder === undefined || options.kind !== "archive"
        ? []
        : judgePlaces({ folder: options.folder, world: options, arrivals })),
      ...(await judgeRows({ ...options, storage, snapshot, arrivals })),
      ...log.faults,
      ...(await judgeFiles({ table: options.table, storage, snapshot, winners: log.winners })),
      ...(await judgeDecisions({ storage, arrivals })),
      ...(await judgeRebuild({ storage, parquet, ledger })),
      ...(snapshot === undefined ? [] : await judgeVerify({ ...options, storage, parquet })),
    ];
  } finally {
    await ledger.close();
  }
}
