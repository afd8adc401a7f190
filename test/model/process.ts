/**
 * The real flow as a process of the model: an ordinary async function whose every port call waits until somebody answers it.
 */
import { LandfallError } from "../../src/base/landfall-error.ts";
import type { ParquetAccess } from "../../src/delta/checkpoint-rows.ts";
import { compactOnce, type CompactFiles } from "../../src/ingest/compact.ts";
import { openTable } from "../../src/ingest/open-table.ts";
import type { PipelineContext } from "../../src/ingest/pipeline-context.ts";
import { runPipeline } from "../../src/ingest/run-pipeline.ts";
import { Run, type RunOptions } from "../../src/ingest/run.ts";
import type { StageFiles } from "../../src/ingest/stage-batch.ts";
import type { Ledger, Observation } from "../../src/ledger/ledger.ts";
import { fullRefresh, isCutOff, resumeRefresh } from "../../src/operate/refresh/full-refresh.ts";
import { planRefresh, type RefreshPlan } from "../../src/operate/refresh/plan-refresh.ts";
import type { SourceListing } from "../../src/sources/source.ts";
import type { ObjectInfo, Storage } from "../../src/storage/storage.ts";
import type { Answer, Call } from "./call.ts";
import { modelId } from "./model-id.ts";
import type { Mutation, Ports, Scenario } from "./scenario.ts";
import { FIRST, newestState, type PipelineState } from "./pipeline-state.ts";
import { rowName } from "./world.ts";

/** What a process does next: it makes a call, or it has come to its end. */
export type Event =
  | { readonly kind: "call"; readonly call: Call }
  | { readonly kind: "ended"; readonly error?: LandfallError };

export interface Process {
  /** Where it stands; resolves at once but for the scratch files of a checkpoint. */
  readonly first: Promise<Event>;
  /** Answers the call that it waits on. */
  answer(answer: Answer): Promise<Event>;
  /** Ids that it has made so far. */
  draws(): number;
}

export interface ProcessOptions {
  readonly index: number;
  /** Ids that this process made in earlier runs. */
  readonly drawn: number;
  readonly scenario: Scenario;
  readonly mutation: Mutation | undefined;
  readonly parquet: ParquetAccess;
}

type Gate = (call: Call) => Promise<unknown>;

/** Starts one run. Nothing happens in it but between two answers. */
export function startProcess(options: ProcessOptions): Process {
  let tell!: (event: Event) => void;
  let fail!: (error: Error) => void;
  let waiting: { resolve: (value: unknown) => void; reject: (error: LandfallError) => void } | undefined;
  const gate: Gate = (call) =>
    new Promise((resolve, reject) => {
      if (waiting !== undefined) throw new Error("two calls at once: the model takes one after the other");
      waiting = { resolve, reject };
      tell({ kind: "call", call });
    });
  let draws = 0;
  const first = new Promise<Event>((resolve, reject) => {
    tell = resolve;
    fail = reject;
    const newId = (): string => modelId(options.index, options.drawn + draws++);
    runOnce(gate, newId, options).then(
      () => tell({ kind: "ended" }),
      (error: unknown) => {
        if (error instanceof LandfallError) tell({ kind: "ended", error });
        else fail(error as Error);
      },
    );
  });
  return {
    first,
    answer: (answer) =>
      new Promise((resolve, reject) => {
        tell = resolve;
        fail = reject;
        const { resolve: give, reject: refuse } = waiting!;
        waiting = undefined;
        if ("error" in answer) refuse(answer.error);
        else give(answer.value);
      }),
    draws: () => draws,
  };
}

async function runOnce(gate: Gate, newId: () => string, options: ProcessOptions): Promise<void> {
  const { scenario, index } = options;
  const open = (at: PipelineState): Opened => openState(at, { ...options, gate, newId });
  const first = open(FIRST);
  if (scenario.refresh === undefined) return runOpened(first);
  const { storage } = first.context.table;
  const before = await newestState(storage);
  if (before.ordinal === 1 && scenario.refresh.includes(index)) await startOver(open(before));
  return runOpened(open(await newestState(storage)));
}

async function runOpened({ context, run }: Opened): Promise<void> {
  await runPipeline(context, run);
  // As after a checkpoint: tiny tables come to none.
  const { compaction, engineInfo } = run;
  if (compaction !== undefined) await compactOnce(context, { ...compaction, engineInfo, isBusy: false });
}

/** As `--full-refresh` does it: asked for again after a crash, it ends what was cut off. */
async function startOver({ context, run }: Opened): Promise<void> {
  if (await isCutOff(context)) return void (await resumeRefresh(context));
  await new Run(context, run).recover();
  const rows = "own";
  const plan = (): Promise<RefreshPlan | undefined> => planRefresh(context, { source: run.source, rows });
  if ((await plan()) !== undefined) await fullRefresh(context, { rows, plan, engineInfo: ENGINE_INFO });
}

interface Opened {
  readonly context: PipelineContext;
  readonly run: RunOptions;
}

function openState(
  { ordinal, ...known }: PipelineState,
  options: ProcessOptions & { readonly gate: Gate; readonly newId: () => string },
): Opened {
  const { gate, newId, scenario, mutation, parquet } = options;
  const { compaction: compacts = false } = scenario;
  const gated: Ports = {
    storage: compacts ? { ...gatedStorage(gate), localPath: (key) => key } : gatedStorage(gate),
    ledger: gatedLedger(gate, ordinal),
    source: gatedSource(gate),
  };
  const { storage, ledger, source } = mutation?.ports?.(gated) ?? gated;
  const context: PipelineContext = {
    ...known,
    table: openTable({ storage, parquet }),
    ledger,
    // Time stands still: the flow may order by it, and never relies on it.
    clock: {
      now: () => scenario.nowMs ?? NOW,
      sleep: async (ms) => void (await gate({ port: "clock", method: "sleep", args: [ms > 0] })),
    },
    newId,
    emit: () => {},
  };
  const policy = { autoCompact: true, minNumFiles: 2, maxFileSize: 1e6 };
  const compaction = compacts ? { policy, compactFiles: compactFiles(storage) } : undefined;
  const run: RunOptions = {
    source,
    ...(compaction === undefined ? {} : { compaction }),
    stageFiles: stageFiles(gate, scenario.poison ?? []),
    newTable: { partitionBy: [], properties: {} },
    onOverwrite: scenario.onOverwrite ?? "ignore",
    includeExistingFiles: scenario.baseline !== true,
    limits: { maxFiles: scenario.maxFiles ?? 10, maxBytes: 1e9 },
    fold: { batches: scenario.fold ?? 1000, bytes: 1e9 },
    engineInfo: ENGINE_INFO,
  };
  return { context, run };
}

const ENGINE_INFO = "Landfall/model";

export const NOW = 1_800_000_000_000;

function gatedStorage(gate: Gate): Storage {
  const call = async <T>(method: string, ...args: readonly unknown[]): Promise<T> =>
    (await gate({ port: "storage", method, args })) as T;
  return {
    location: "memory:",
    async *list(options = {}) {
      const { signal: _signal, ...rest } = options;
      yield* await call<ObjectInfo[]>("list", rest);
    },
    async *keys(options = {}) {
      for await (const { key } of this.list(options)) yield key;
    },
    folders: (prefix) => call("folders", prefix),
    head: (key) => call("head", key),
    get: (key) => call("get", key),
    put: (key, content, options) => call("put", key, content.toString(), options),
    putFile: (key, path, options) => call("putFile", key, path, options),
    // One step each: on local disk a crash may fall between any two.
    delete: async (keys) => {
      for (const key of [keys].flat()) await call("delete", key);
    },
    // The memory adapter has no leftovers, and what it holds is durable: no step of the model.
    removeLeftovers: async () => {},
    makeDurable: async () => {},
  };
}

function gatedLedger(gate: Gate, ordinal: number): Ledger {
  return new Proxy({} as Ledger, {
    get:
      (_, method: string) =>
      (...args: readonly unknown[]) =>
        gate({ port: "ledger", method, args, ordinal }),
  });
}

function gatedSource(gate: Gate): Ports["source"] {
  return {
    location: "memory:source",
    async *list() {
      yield* (await gate({ port: "source", method: "list", args: [] })) as SourceListing[];
    },
    look: (key) => gate({ port: "source", method: "look", args: [key] }) as Promise<Observation | undefined>,
    lies: (key) => gate({ port: "source", method: "look", args: [key] }) as Promise<Observation | undefined>,
    // Nothing can lie below it: what compares a file's bytes finds none.
    path: (key) => `/dev/null/${key}`,
    readable: () => true,
  };
}

/** Reads what lies under each name, whatever was expected there, into one data file with a row for each generation read. */
function stageFiles(gate: Gate, poison: readonly string[]): StageFiles {
  return async ({ files }) => {
    const rows: string[] = [];
    const staged = [];
    for (const { key, size } of files) {
      const found = (await gate({ port: "source", method: "look", args: [key, "read"] })) as
        | Observation
        | undefined;
      const row = found === undefined ? undefined : rowName(found);
      const bad = row !== undefined && poison.includes(row);
      if (row !== undefined && !bad) rows.push(row);
      const n = row === undefined || bad ? 0 : 1;
      const counts = { bytes: size, crc32: 0, read: n, written: n, rescued: 0, rejected: 0 };
      if (bad) staged.push({ key, outcome: "quarantined" as const, reason: "poison", ...counts });
      else staged.push({ key, outcome: "committed" as const, ...counts });
    }
    const path = JSON.stringify(rows);
    const written = { path, rows: rows.length, bytes: path.length, partition: {}, statistics: [] };
    return { schema: SCHEMA, files: staged, dataFiles: rows.length === 0 ? [] : [written], notes: [] };
  };
}

/** Puts the rows of files into one. */
function compactFiles(storage: Storage): CompactFiles {
  return async ({ files }) => {
    const read: string[][] = [];
    for (const key of files) read.push(JSON.parse((await storage.get(key)).toString()) as string[]);
    const rows = read.flat();
    const path = JSON.stringify(rows);
    const written = { path, rows: rows.length, bytes: path.length, partition: {}, statistics: [] };
    return { read: read.map(({ length }) => length), written: [written] };
  };
}

export const SCHEMA = {
  type: "struct",
  fields: [{ name: "row", type: "string", nullable: true, metadata: {} }],
} as const;
