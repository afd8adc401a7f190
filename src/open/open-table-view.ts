/** Builds what the looking verbs need: the table's store, its pipelines' ledgers read-only, an engine that starts only when it is needed. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { childEngine } from "../engine/child-engine.ts";
import type { Engine } from "../engine/engine.ts";
import { copyLedger } from "../ledger/copy-ledger.ts";
import { lookAtLease } from "../ledger/lock.ts";
import { openLedgerReader } from "../ledger/ledger-reader.ts";
import type { LedgerFilesView } from "../operate/query-ledger.ts";
import { localStorage } from "../storage/local-storage.ts";
import { canonicalPath } from "../base/canonical-path.ts";
import { ledgerPath, stateFolderOf } from "./state-folder.ts";

export interface OpenTableView extends LedgerFilesView {
  readonly engine: Engine;
  close(): Promise<void>;
}

const MEMORY = 1024 ** 3;
const SPILL = 10 * 1024 ** 3;

/** Nothing is touched before a verb asks for it; what a verb needs besides lies in the system's folder for temporary files. */
export async function openTableView(options: {
  /** The table, as given. */
  readonly location: string;
  /** `--state`, as given. */
  readonly state?: string | undefined;
  /** Ledgers are copied before they are opened: looking into one makes files beside it. Default: false. */
  readonly onCopies?: boolean;
  /** What the engine's process prints. Default: it goes to this process's stderr. */
  readonly onOutput?: (line: string) => void;
}): Promise<OpenTableView> {
  const table = canonicalPath(options.location);
  const scratchFolder = await mkdtemp(join(tmpdir(), "landfall-"));
  const engine = childEngine({
    memoryBytes: MEMORY,
    threads: availableParallelism(),
    spillFolder: join(scratchFolder, "engine"),
    spillBytes: SPILL,
    onOutput: options.onOutput,
  });
  const folderOf = (name: string): string => stateFolderOf({ table, name, state: options.state });
  let scratchLedgers = 0;
  const freshFolder = async (): Promise<string> => {
    const folder = join(scratchFolder, `ledger-${(scratchLedgers += 1)}`);
    await mkdir(folder);
    return folder;
  };
  return {
    storage: localStorage({ root: table }),
    parquet: { port: engine, scratchFolder },
    engine,
    async openLedger(name) {
      const path = ledgerPath(folderOf(name));
      if (!existsSync(path)) return undefined;
      if (options.onCopies !== true) return openLedgerReader({ path });
      const copy = ledgerPath(await freshFolder());
      copyLedger({ from: path, to: copy });
      return openLedgerReader({ path: copy });
    },
    ledgerFile: (name) => ledgerPath(folderOf(name)),
    lookAtLease: (name) => lookAtLease({ folder: folderOf(name) }),
    async scratchLedger() {
      const folder = await freshFolder();
      const { openSqliteLedger } = await import("../ledger/sqlite-ledger.ts");
      const path = ledgerPath(folder);
      return { ...(await openSqliteLedger({ path })), path };
    },
    async close() {
      await engine.close();
      await rm(scratchFolder, { recursive: true, force: true });
    },
  };
}

/** Runs a verb over a view and closes it, whatever happens. */
export async function withTableView<T>(
  options: Parameters<typeof openTableView>[0],
  run: (view: OpenTableView) => Promise<T>,
): Promise<T> {
  const view = await openTableView(options);
  try {
    return await run(view);
  } finally {
    await view.close();
  }
}
