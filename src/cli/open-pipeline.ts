/** Builds every adapter that a run needs, in the order in which they may fail, and closes them in the opposite order. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import { LandfallError, systemCodeOf } from "../base/landfall-error.ts";
import { uuidv7 } from "../base/uuid.ts";
import { landfallVersion } from "../base/version.ts";
import type { Pipeline } from "../declaration/declaration.ts";
import { literalFolderOf } from "../declaration/archive-policy.ts";
import { defaultPipelineName } from "../declaration/default-name.ts";
import { findOverlaps } from "../declaration/find-overlaps.ts";
import { splitSourceArguments, type PathKind } from "../declaration/source-location.ts";
import { childEngine } from "../engine/child-engine.ts";
import type { Engine } from "../engine/engine.ts";
import type { EmitEvent } from "../ingest/events.ts";
import { ensureLedgerIdentity } from "../ingest/ensure-ledger-identity.ts";
import { openTable } from "../ingest/open-table.ts";
import type { PipelineContext } from "../ingest/pipeline-context.ts";
import { appIdOf } from "../ingest/pipeline-identity.ts";
import type { RunOptions } from "../ingest/run.ts";
import type { TidyPolicy } from "../ingest/tidy-places.ts";
import type { StageFiles } from "../ingest/stage-batch.ts";
import { stageRequest } from "../ingest/stage-request.ts";
import { acquireLease } from "../ledger/lock.ts";
import { checkLedgerPlace } from "../ledger/place.ts";
import { openSqliteLedger } from "../ledger/sqlite-ledger.ts";
import type { Source } from "../sources/source.ts";
import { localSource } from "../sources/local-source.ts";
import { makeFolder } from "../storage/durable-file.ts";
import { localStorage } from "../storage/local-storage.ts";
import { storageError } from "../storage/storage-error.ts";
import { armedPoison, setEngineProcess } from "./arm-faults.ts";
import type { EngineAhead } from "./engine-ahead.ts";
import { canonicalPath } from "./canonical-path.ts";
import { sourceFiles, type SourceFiles } from "./source-files.ts";
import { ledgerPath, stateFolderOf } from "./state-folder.ts";

export interface OpenPipelineOptions {
  readonly pipeline: Pipeline;
  /** Paths as given on the command line; default: the declaration's source. */
  readonly sources?: readonly string[];
  /** `--state`: where the ledger lies instead of in the table's folder. */
  readonly stateFolder?: string | undefined;
  readonly emit: EmitEvent;
  readonly signal: AbortSignal;
  /** An engine's process that was started ahead. Default: none. */
  readonly ahead?: EngineAhead;
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
    const { name, source, table } = places;
    checkTableFolder(table);
    const stateFolder = stateFolderOf({ table, name, state: options.stateFolder });
    await makeFolder(stateFolder).catch((error: unknown) => {
      throw storageError(error, "make the folder", stateFolder);
    });
    await checkLedgerPlace(stateFolder);
    const lease = await acquireLease({ folder: stateFolder, clock: systemClock });
    releasers.push(() => lease.release());
    faultPoint("lease.taken");
    const scratchFolder = await freshScratch(join(stateFolder, "spill"), releasers);
    const engine = childEngine({
      ...engineOptions(pipeline),
      spillFolder: join(scratchFolder, "engine"),
      poison: armedPoison(),
      ahead: options.ahead?.take,
    });
    // Ended together: the engine's memory takes the kernel as long to give back as the ledger its last checkpoint.
    const open: { close(): Promise<void> }[] = [engine];
    releasers.push(async () => void (await Promise.all(open.map((one) => one.close()))));
    setEngineProcess(() => engine.processId);
    // To a new ledger everything is new: the engine will be needed, and may start while the rest is opened.
    if (!existsSync(ledgerPath(stateFolder))) engine.warm();
    const ledger = await openSqliteLedger({ path: ledgerPath(stateFolder) });
    open.push(ledger);
    const storage = localStorage({ root: table });
    const identity = await ensureLedgerIdentity({ storage, ledger, name, source, clock: systemClock });
    const { files, recursive } = places;
    const context: PipelineContext = {
      name,
      pipelineId: identity.pipelineId,
      appId: appIdOf(identity.pipelineId),
      table: openTable({ storage, parquet: { port: engine, scratchFolder } }),
      ledger,
      clock: systemClock,
      newId: uuidv7,
      emit,
      signal: AbortSignal.any([options.signal, lease.lost]),
    };
    const run = runOptions({ emit, pipeline, source, table, recursive, files, engine, scratchFolder });
    return { context, run, engine, source, table, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Places {
  readonly name: string;
  readonly source: string;
  readonly table: string;
  readonly recursive: boolean;
  readonly files: SourceFiles;
}

/** Where everything is, without touching anything. */
export function findPlaces(
  options: Pick<OpenPipelineOptions, "pipeline" | "sources" | "stateFolder">,
): Places {
  const { pipeline } = options;
  const split = splitSourceArguments({
    arguments: options.sources ?? [pipeline.source.location],
    stat: pathKind,
  });
  if (pathKind(split.base) !== "folder") {
    throw new LandfallError("SOURCE_MISSING", {
      message: `The source ${split.base} does not exist.`,
      hint: "Check the path; Landfall does not create sources.",
    });
  }
  const source = canonicalPath(split.base);
  const table = canonicalPath(pipeline.table.location);
  const state = options.stateFolder === undefined ? {} : { state: canonicalPath(options.stateFolder) };
  const chosen = split.filter.files !== undefined || split.filter.globs !== undefined;
  // Named files or a glob beside the table are what a newcomer types: the listing then passes the table's folder by.
  const inside = chosen && table.startsWith(`${source === "/" ? "" : source}/`);
  const { archive, quarantine } = pipeline;
  const movedTo = {
    ...(archive?.kind === "move" ? { archive: canonicalPath(literalFolderOf(archive.to)) } : {}),
    ...(quarantine === undefined ? {} : { quarantine: canonicalPath(quarantine.to) }),
  };
  const [overlap] = findOverlaps({ source, table, ...state, ...movedTo }).filter(
    (error) => !inside || error.subject.table !== table,
  );
  if (overlap !== undefined) throw overlap;
  const { pathGlobFilter, format } = pipeline.source;
  return {
    name: pipeline.name ?? defaultPipelineName({ location: source, baseFolder: "/" }),
    source,
    table,
    // Names without a glob are files of the folder itself: nothing below it need be listed.
    recursive:
      pipeline.source.recursiveFileLookup &&
      !(split.filter.files !== undefined && split.filter.globs === undefined),
    files: sourceFiles({ filter: split.filter, pathGlobFilter, format }),
  };
}

/** The pipeline's source; nothing is touched before it is asked. */
export function sourceOf(
  pipeline: Pipeline,
  places: Pick<Places, "source" | "table" | "recursive" | "files">,
): Source {
  return localSource({
    root: places.source,
    accepts: places.files.accepts,
    recursive: places.recursive,
    except: places.table,
    generation: pipeline.source.generation,
    modifiedAfter: pipeline.source.modifiedAfter,
    modifiedBefore: pipeline.source.modifiedBefore,
  });
}

function pathKind(path: string): PathKind {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined) return "missing";
  return info.isDirectory() ? "folder" : "file";
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

/** Folders with their links resolved, as the overlaps were judged; date parts stay. */
function tidyPolicyOf({ archive, quarantine }: Pipeline): TidyPolicy {
  const canonical = (to: string): string => {
    const literal = literalFolderOf(to);
    return literal === "/" ? to : canonicalPath(literal) + to.slice(literal.length);
  };
  return {
    archive: archive?.kind === "move" ? { ...archive, to: canonical(archive.to) } : archive,
    quarantine: quarantine && { to: canonical(quarantine.to) },
  };
}

function runOptions(options: {
  readonly emit: EmitEvent;
  readonly pipeline: Pipeline;
  readonly source: string;
  readonly table: string;
  readonly recursive: boolean;
  readonly files: SourceFiles;
  readonly engine: Engine;
  readonly scratchFolder: string;
}): RunOptions {
  const { pipeline, files, engine } = options;
  const { onOverwrite, includeExistingFiles } = pipeline.source;
  const stageFiles: StageFiles = async (batch) => {
    // A folder for each try: what an earlier one left is of no use.
    const scratchFolder = join(options.scratchFolder, uuidv7());
    const request = stageRequest({ pipeline, format: files.format(), batch, scratchFolder });
    return engine.stage(request, {
      ...(batch.signal === undefined ? {} : { signal: batch.signal }),
      onProgress: (progress) => options.emit({ type: "batch.progress", ...progress }),
    });
  };
  return {
    source: sourceOf(pipeline, options),
    stageFiles,
    transforms: pipeline.transform !== undefined,
    onWork: () => engine.warm(),
    newTable: { partitionBy: pipeline.table.partitionBy, properties: pipeline.table.properties },
    onOverwrite,
    includeExistingFiles,
    thresholds: pipeline.limits,
    tidy: tidyPolicyOf(pipeline),
    limits: { maxFiles: pipeline.limits.maxFilesPerTrigger, maxBytes: pipeline.limits.maxBytesPerTrigger },
    engineInfo: `Landfall/${landfallVersion()}`,
  };
}
