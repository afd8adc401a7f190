/** What a run of a pipeline would work on, as copies that are gone afterwards: for whoever tells what would happen. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import type { PipelineContext } from "../ingest/pipeline-context.ts";
import { copyLedger } from "../ledger/copy-ledger.ts";
import { openSqliteLedger } from "../ledger/sqlite-ledger.ts";
import { localStorage } from "../storage/local-storage.ts";
import { overlayStorage } from "../storage/overlay-storage.ts";
import { knownPipeline } from "../open/known-pipeline.ts";
import { checkTableFolder } from "../open/open-pipeline.ts";
import { ledgerPath, stateFolderOf } from "../open/state-folder.ts";

/** The caller closes the context's ledger. @throws LandfallError of every adapter */
export async function contextOnCopies(options: {
  /** Of the pipeline's state. */
  readonly name: string;
  readonly source: string;
  readonly table: string;
  /** `--state`, as given. */
  readonly stateFolder: string | undefined;
  readonly engine: Engine;
  readonly scratchFolder: string;
  readonly signal: AbortSignal;
}): Promise<PipelineContext> {
  const { name, source, table, engine, scratchFolder, signal } = options;
  checkTableFolder(table);
  const standing = ledgerPath(stateFolderOf({ table, name, state: options.stateFolder }));
  const copy = join(scratchFolder, "ledger.db");
  if (existsSync(standing)) copyLedger({ from: standing, to: copy });
  const ledger = await openSqliteLedger({ path: copy });
  try {
    const storage = overlayStorage(localStorage({ root: table }));
    const parquet = { port: engine, scratchFolder };
    return await knownPipeline({ name, source, storage, parquet, ledger, signal });
  } catch (error) {
    await ledger.close();
    throw error;
  }
}
