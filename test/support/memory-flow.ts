/** The real flow over memory: a store, a source that is a map, and an engine that writes one row for each file it read. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock, type Clock } from "../../src/base/clock.ts";
import { uuidv7 } from "../../src/base/uuid.ts";
import { parseCommit } from "../../src/delta/commit-json.ts";
import { LOG_FOLDER, parseLogFileName } from "../../src/delta/log-files.ts";
import type { IngestEvent } from "../../src/ingest/events.ts";
import { openTable } from "../../src/ingest/open-table.ts";
import type { PipelineContext } from "../../src/ingest/pipeline-context.ts";
import { runPipeline } from "../../src/ingest/run-pipeline.ts";
import type { RunOptions, RunResult } from "../../src/ingest/run.ts";
import type { StageFiles } from "../../src/ingest/stage-batch.ts";
import type { Ledger, Observation } from "../../src/ledger/ledger.ts";
import { memorySource } from "../../src/sources/memory-source.ts";
import { memoryStorage } from "../../src/storage/memory-storage.ts";

export interface MemoryFlow {
  /** What lies in the source, by key. */
  readonly files: Map<string, Observation>;
  /** What lies in the table's folder. */
  readonly storage: ReturnType<typeof memoryStorage>;
  /** One run on the given ledger. */
  run(options: MemoryRunOptions): Promise<RunResult>;
  /** What stages a batch by default. */
  readonly stageFiles: StageFiles;
  /** What the steps of the flow work on, outside of a run. */
  context(ledger: Ledger): PipelineContext;
  /** `key@generation` of every file that was read into the table, commit after commit. */
  rows(): readonly (readonly string[])[];
}

export interface MemoryRunOptions extends Partial<
  Pick<RunOptions, "onOverwrite" | "limits" | "stageFiles" | "fold" | "order" | "backfill">
> {
  readonly ledger: Ledger;
  /** Default: a clock whose sleep takes no time. */
  readonly clock?: Clock;
  readonly emit?: (event: IngestEvent) => void;
  /** As a source with markers of folders says it. */
  readonly together?: (key: string) => string | undefined;
}

const SCHEMA = {
  type: "struct",
  fields: [{ name: "row", type: "string", nullable: true, metadata: {} }],
} as const;

/** A file as a listing sees it. */
export function fileOf(key: string, modifiedMs: number, size = 5): Observation {
  const modifiedNs = `${modifiedMs}000000`;
  return { key, generation: `${size}-${modifiedNs}`, size, modifiedNs };
}

/** A flow whose scratch files lie in the folder. */
export function memoryFlow(folder: string): MemoryFlow {
  const storage = memoryStorage();
  const files = new Map<string, Observation>();
  const source = memorySource(files);
  const stageFiles: StageFiles = async (batch) => {
    const read = batch.files.map(({ key, size }) => ({ key, size, found: files.get(key)! }));
    const rows = read.map(({ key, found }) => `${key}@${found.generation}`);
    const path = join(folder, uuidv7());
    writeFileSync(path, rows.join("\n"));
    const one = { read: 1, written: 1, rescued: 0, rejected: 0, crc32: 0 };
    const staged = read.map(({ key, size }) => ({ key, outcome: "committed" as const, bytes: size, ...one }));
    const written = { path, rows: rows.length, bytes: 1, partition: {}, statistics: [] };
    return { schema: SCHEMA, files: staged, dataFiles: [written], notes: [] };
  };
  const table = (): PipelineContext["table"] =>
    openTable({
      storage,
      parquet: {
        port: {
          toJsonLines: () => Promise.reject(new Error("no checkpoint is read here")),
          fromJsonLines: () => Promise.reject(new Error("no checkpoint is written here")),
        },
        scratchFolder: folder,
      },
    });
  const ids = { name: "p", pipelineId: "id", appId: "landfall-id", newId: uuidv7 };
  const restless = { ...systemClock, sleep: async () => {} };
  const context = (ledger: Ledger): PipelineContext => {
    return { ...ids, table: table(), ledger, clock: restless, emit: () => {} };
  };
  return {
    files,
    storage,
    stageFiles,
    context,
    run: ({ ledger, clock = restless, emit = () => {}, together, ...options }) => {
      return runPipeline(
        { ...context(ledger), clock, emit },
        {
          source: together === undefined ? source : { ...source, together },
          stageFiles,
          newTable: { partitionBy: [], properties: {} },
          onOverwrite: "ignore",
          includeExistingFiles: true,
          limits: { maxFiles: 100, maxBytes: 1e9 },
          engineInfo: "Landfall/test",
          ...options,
        },
      );
    },
    rows() {
      const commits = [...storage.objects.keys()]
        .filter(
          (key) =>
            key.startsWith(LOG_FOLDER) && parseLogFileName(key.slice(LOG_FOLDER.length))?.kind === "commit",
        )
        .sort();
      return commits.map((key, version) =>
        parseCommit(storage.objects.get(key)!.content, { table: "memory:", version }).flatMap((action) =>
          "add" in action ? storage.objects.get(action.add.path)!.content.toString().split("\n") : [],
        ),
      );
    },
  };
}
