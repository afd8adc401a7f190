/** Builds every adapter that a run needs, in the order in which they may fail, and closes them in the opposite order. */
import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import { LandfallError, systemCodeOf } from "../base/landfall-error.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { Pipeline } from "../declaration/declaration.ts";
import { childEngine, type EngineShare } from "../engine/child-engine.ts";
import type { Engine } from "../engine/engine.ts";
import type { CompactFiles } from "../ingest/compact.ts";
import type { EmitEvent } from "../ingest/events.ts";
import type { FileFormat } from "../formats/format-options.ts";
import { lastBatchFormat } from "../ingest/last-batch-format.ts";
import { FOLD_LIMITS } from "../ingest/plan-fold.ts";
import type { PipelineContext } from "../ingest/pipeline-context.ts";
import { newestStateName } from "../ingest/pipeline-identity.ts";
import type { RunOptions } from "../ingest/run.ts";
import type { StageFiles } from "../ingest/stage-batch.ts";
import { acquireLease } from "../ledger/lock.ts";
import { checkLedgerPlace } from "../ledger/place.ts";
import { openSqliteLedger } from "../ledger/sqlite-ledger.ts";
import { makeFolder } from "../storage/make-folder.ts";
import { localStorage } from "../storage/local-storage.ts";
import { storageError } from "../storage/storage-error.ts";
import { ledgerPath, stateFolderOf } from "./state-folder.ts";
import { findPlaces, type PlacesOptions } from "./find-places.ts";
import { knownPipeline, newOrKnownPipeline } from "./known-pipeline.ts";
import { unusedState } from "./unused-state.ts";
import { runOptions } from "./run-options.ts";

export interface OpenPipelineOptions extends PlacesOptions {
  readonly emit: EmitEvent;
  readonly signal: AbortSignal;
  /** Gives batches of several pipelines a turn each, each in its own engine. Default: this one is alone. */
  readonly turn?: (<T>(work: () => Promise<T>) => Promise<T>) | undefined;
  /** The engine's process, and with it the budget, that several pipelines have together. Default: it has one of its own. */
  readonly share?: EngineShare | undefined;
  /** Gives an engine's process that was started ahead. Default: none was. */
  readonly ahead?: (() => ChildProcess | undefined) | undefined;
  /** What the engine's process prints, and in it a person's module, line by line. Default: it goes to this process's stderr. */
  readonly onOutput?: ((line: string) => void) | undefined;
  /** For tests of crashes: what a file holds that kills the engine's process. */
  readonly poison?: string | undefined;
  /** For the same: so many done batches are folded into one file. Default: 1,000, or 16 MB of manifests. */
  readonly foldAfter?: number | undefined;
  /** For the same: told how to find the engine's process. */
  readonly onEngine?: ((find: () => number | undefined) => void) | undefined;
}

export interface OpenPipeline {
  readonly context: PipelineContext;
  readonly run: RunOptions;
  readonly engine: Engine;
  readonly source: string;
  readonly table: string;
  close(): Promise<void>;
}

const DEFAULT_MEMORY = 512 * 1024 ** 2;
const DEFAULT_SPILL = 50 * 1024 ** 3;

/** @throws LandfallError of every adapter; nothing is left open then */
export async function openPipeline(options: OpenPipelineOptions): Promise<OpenPipeline> {
  const { pipeline, emit } = options;
  const releasers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const release of releasers.splice(0).reverse()) await release();
  };
  try {
    const places = findPlaces(options);
    const { source, table } = places;
    checkTableFolder(table);
    const storage = localStorage({ root: table });
    const name = await newestStateName(storage, places.name);
    const stateFolder = stateFolderOf({ table, name, state: options.stateFolder });
    const unused = unusedState({ table, name, stateFolder });
    releasers.push(() => unused.removeFolders());
    await makeFolder(stateFolder).catch((error: unknown) => {
      throw storageError(error, "make the folder", stateFolder);
    });
    await checkLedgerPlace(stateFolder);
    const lease = await acquireLease({ folder: stateFolder, clock: systemClock });
    releasers.push(() => lease.release());
    unused.findLedger();
    releasers.push(() => unused.removeLedger(lease));
    faultPoint("lease.taken");
    const scratchFolder = await freshScratch(join(stateFolder, "spill"), releasers);
    const engine = childEngine({
      ...engineOptions(pipeline),
      spillFolder: join(scratchFolder, "engine"),
      readsText: true,
      poison: options.poison,
      share: options.share,
      ahead: options.ahead,
      onOutput: options.onOutput,
    });
    // Ended together: the engine's memory takes the kernel as long to give back as the ledger its last checkpoint.
    const open: { close(): Promise<void> }[] = [engine];
    releasers.push(async () => void (await Promise.all(open.map((one) => one.close()))));
    options.onEngine?.(() => engine.processId);
    // To a new pipeline everything is new: the engine will be needed, and may start while the rest is opened. A lost ledger is rebuilt first.
    const isNew = !existsSync(ledgerPath(stateFolder)) && !existsSync(join(table, "_delta_log"));
    if (isNew) engine.warm();
    const ledger = await openSqliteLedger({ path: ledgerPath(stateFolder) });
    open.push(ledger);
    const parquet = { port: engine, scratchFolder };
    const signal = AbortSignal.any([options.signal, lease.lost]);
    // With a ledger elsewhere the lease keeps no other host out: it may go on with the id at once, and so it stands from the start.
    const identify = options.stateFolder === undefined ? newOrKnownPipeline : knownPipeline;
    const context = await identify({ name, source, storage, parquet, ledger, emit, signal });
    const { files, recursive } = places;
    const earlierFormat = (): Promise<FileFormat | undefined> => lastBatchFormat(context);
    const used = { emit, pipeline, name, source, table, recursive, files, engine, scratchFolder };
    const run = runOptions({ ...used, earlierFormat });
    const { turn, foldAfter } = options;
    const fold = foldAfter === undefined ? undefined : { ...FOLD_LIMITS, batches: foldAfter };
    const stageFiles: StageFiles =
      turn === undefined ? run.stageFiles : (batch) => turn(() => run.stageFiles(batch));
    const { compaction } = run;
    const compactFiles: CompactFiles =
      turn === undefined
        ? compaction.compactFiles
        : (request) => turn(() => compaction.compactFiles(request));
    return {
      context,
      run: { ...run, stageFiles, fold, compaction: { ...compaction, compactFiles } },
      engine,
      source,
      table,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A table is made in a folder that is absent, empty, or ours. */
export function checkTableFolder(table: string): void {
  let names: string[];
  try {
    names = readdirSync(table);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return;
    throw storageError(error, "list", table);
  }
  const others = names.filter((name) => !name.startsWith("."));
  // Files beside `_landfall` without a log are what a first batch left that did not come to its commit.
  if (others.length === 0 || others.includes("_delta_log") || others.includes("_landfall")) return;
  throw new LandfallError("TABLE_FOLDER_OCCUPIED", {
    message: `${table} is no Delta table and holds other things (${others.slice(0, 3).join(", ")}${others.length > 3 ? ", …" : ""}).`,
    hint: "Name an absent or empty folder; a table in a folder with other files would be taken for partly ours.",
    table,
  });
}

/** A folder for this process; those of dead ones go, since the lease says that nobody else works here. */
async function freshScratch(parent: string, releasers: (() => Promise<void>)[]): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  for (const old of await readdir(parent)) await rm(join(parent, old), { recursive: true, force: true });
  const folder = join(parent, uuidv7());
  await mkdir(folder, { mode: 0o700 });
  releasers.push(() => rm(parent, { recursive: true, force: true }));
  return folder;
}

function engineOptions(pipeline: Pipeline): { memoryBytes: number; threads: number; spillBytes: number } {
  return {
    memoryBytes: pipeline.engine.memory ?? DEFAULT_MEMORY,
    threads: pipeline.engine.threads ?? availableParallelism(),
    spillBytes: pipeline.engine.spill ?? DEFAULT_SPILL,
  };
}
