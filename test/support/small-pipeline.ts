/** Small real pipelines, made as the command line makes them, and what looks at their tables. */
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readOptions } from "../../src/declaration/read-options.ts";
import { openPipeline, type OpenPipeline } from "../../src/open/open-pipeline.ts";
import { ledgerPath, stateFolderOf } from "../../src/open/state-folder.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { EmitEvent } from "../../src/ingest/events.ts";
import { runPipeline } from "../../src/ingest/run-pipeline.ts";
import type { RunResult } from "../../src/ingest/run.ts";
import { lookAtLease } from "../../src/ledger/lock.ts";
import { memoryLedger } from "../../src/ledger/memory-ledger.ts";
import { openLedgerReader } from "../../src/ledger/ledger-reader.ts";
import type { TableView } from "../../src/operate/table-view.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { existsSync } from "node:fs";

/** Writes files that have rested long enough to be taken at once. */
export function land(source: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(source, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    const then = new Date(Date.now() - 60_000);
    utimesSync(path, then, then);
  }
}

/** One run of the pipeline from a folder into a table, through everything that `landfall ingest` runs through. */
export async function ingest(options: {
  readonly source: string;
  readonly table: string;
  readonly state?: string;
  /** Options of the declaration as flags say them, by their dotted keys. */
  readonly set?: Readonly<Record<string, string>>;
  readonly emit?: EmitEvent;
  /** Changes what the run works on, once it is open. */
  readonly change?: (opened: OpenPipeline) => OpenPipeline;
}): Promise<RunResult & { readonly pipeline: string }> {
  const { source, table, state, set = {}, emit = () => {}, change = (same) => same } = options;
  const overrides = Object.entries(set).map(([key, text]) => ({ key, text, from: key }));
  const { pipeline } = readOptions({ source, table, baseFolder: "/", overrides });
  const opened = await openPipeline({
    pipeline: pipeline!,
    stateFolder: state,
    emit,
    signal: new AbortController().signal,
  });
  try {
    const { context, run } = change(opened);
    return { ...(await runPipeline(context, run)), pipeline: opened.context.name };
  } finally {
    await opened.close();
  }
}

/** A view as the command line builds it, but for the engine, which tests share. */
export function viewOf(options: {
  readonly table: string;
  readonly engine: Engine;
  readonly scratchFolder: string;
  readonly state?: string;
}): TableView {
  const { table, engine, scratchFolder, state } = options;
  const folderOf = (name: string): string => stateFolderOf({ table, name, state });
  return {
    storage: localStorage({ root: table }),
    parquet: { port: engine, scratchFolder },
    async openLedger(name) {
      const path = ledgerPath(folderOf(name));
      return existsSync(path) ? openLedgerReader({ path }) : undefined;
    },
    lookAtLease: (name) => lookAtLease({ folder: folderOf(name) }),
    scratchLedger: async () => memoryLedger(),
  };
}
