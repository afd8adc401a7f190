/** A ledger that is lost, rebuilt by the next run: a million files that were read, in batches of a thousand, and nothing new. */
import { cp, rm } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { pipelineFromFlags } from "../src/declaration/pipeline-from-flags.ts";
import { tryCommit } from "../src/delta/commit.ts";
import { createTableActions } from "../src/delta/create-table.ts";
import { checkpointIfDue } from "../src/ingest/checkpoint-if-due.ts";
import { foldBatches } from "../src/ingest/fold-batches.ts";
import { serializeManifest } from "../src/ingest/manifest.ts";
import { batchCommitInfo } from "../src/ingest/own-commit.ts";
import type { PipelineContext } from "../src/ingest/pipeline-context.ts";
import { FOLD_LIMITS } from "../src/ingest/plan-fold.ts";
import { settleBatch } from "../src/ingest/settle-batch.ts";
import { manifestKey } from "../src/ingest/state-keys.ts";
import { openLedgerReader } from "../src/ledger/ledger-reader.ts";
import { openPipeline } from "../src/open/open-pipeline.ts";
import { type Bench, type BenchOptions, documentOf, expectCount, freshTable, scaled } from "./bench.ts";
import { kept } from "./data.ts";
import { knownKey } from "./known-files.ts";
import { landfall } from "./paths.ts";
import { race } from "./race.ts";
import type { BenchReport } from "./report.ts";

const FILES = 1_000_000;
const FILES_A_BATCH = 1000;
/** What each file held: nothing but empty lines, so that rows, data files and manifests agree without a table of a million rows. */
const CONTENT = "\n".repeat(7);
const FIRST_MODIFIED_NS = 1_760_000_000_000_000_000n;

export const rebuild: Bench = { name: "rebuild", run: runRebuild };

async function runRebuild(options: BenchOptions): Promise<BenchReport> {
  const batches = Math.ceil(scaled(options, FILES, FILES_A_BATCH) / FILES_A_BATCH);
  const files = batches * FILES_A_BATCH;
  // The pipeline is bound to its source, which is empty: whatever was read has been archived elsewhere since.
  const source = await kept(options.cache, "rebuild-source", async () => {});
  const table = await kept(options.cache, `rebuild-${files}-table`, (folder) =>
    makeTable(folder, source, batches),
  );
  const fresh = freshTable(options, "landfall");
  const [run] = await race(
    [
      {
        name: "landfall",
        command: landfall("ingest", source, fresh.path, "--json"),
        before: async () => {
          await fresh.empty();
          await cp(table, fresh.path, { recursive: true });
          await loseLedger(fresh.path);
        },
        check: async (ended) => {
          expectCount("files of the run", documentOf(ended, { code: 0 }).files.discovered, 0);
          await expectLedger(fresh.path, files);
        },
      },
    ],
    options,
  );
  return {
    name: rebuild.name,
    work: `The ledger of ${files.toLocaleString("en")} files in ${batches.toLocaleString("en")} batches is lost; a run with nothing new.`,
    figures: [
      { what: "time", unit: "s", ours: run!.seconds, bar: 60 },
      { what: "peak memory, all processes", unit: "MB", ours: run!.peakBytes / 1e6, bar: 400 },
    ],
    stages: documentOf(run!.typical, { code: 0 }).stages,
    notes: [
      "Batches were committed, settled and folded by the program's own code, without the reading; the last ones are not folded yet, as in any table.",
      "The rebuilt ledger has every file as committed, or the bench fails.",
    ],
  };
}

/** Commits and settles batch after batch as a run does, of files that brought no row, and folds them. */
async function makeTable(table: string, source: string, batches: number): Promise<void> {
  const pipeline = pipelineFromFlags(source, table, []);
  const opened = await openPipeline({ pipeline, emit: () => {}, signal: new AbortController().signal });
  try {
    for (let number = 1; number <= batches; number++) await commitEmptyBatch(opened.context, number);
    while (await foldBatches(opened.context, FOLD_LIMITS));
  } finally {
    await opened.close();
  }
}

async function commitEmptyBatch(context: PipelineContext, number: number): Promise<void> {
  const { name, pipelineId, appId, clock, newId, table } = context;
  const batchId = newId();
  const bytes = CONTENT.length;
  const arrivals = Array.from({ length: FILES_A_BATCH }, (_, i) => {
    const ordinal = (number - 1) * FILES_A_BATCH + i;
    const modifiedNs = String(FIRST_MODIFIED_NS + BigInt(ordinal) * 1_000_003n);
    const none = { read: 0, written: 0, rescued: 0, rejected: 0 };
    const generation = `${bytes}-${modifiedNs}`;
    const key = knownKey(ordinal, "known");
    return {
      key,
      generation,
      size: bytes,
      modifiedNs,
      outcome: "committed" as const,
      bytes,
      crc32: crc32(CONTENT),
      ...none,
    };
  });
  const stagedAt = new Date(clock.now()).toISOString();
  const { text, sha256 } = serializeManifest({
    schemaVersion: 1,
    pipelineId,
    pipeline: name,
    number,
    batchId,
    stagedAt,
    arrivals,
    dataFiles: [],
  });
  const manifest = manifestKey(name, number, batchId);
  await table.storage.put(manifest, text, { ifAbsent: true });
  const commit = { number, batchId, manifest, sha256 };
  const nothing = { partitionBy: [], files: 0, rows: 0, bytes: 0 };
  const info = batchCommitInfo({ now: clock.now(), engineInfo: "bench", commit, pipeline: name, ...nothing });
  const schema = {
    type: "struct",
    fields: [{ name: "n", type: "long", nullable: true, metadata: {} }],
  } as const;
  const created = number > 1 ? [] : createTableActions({ id: newId(), schema, createdTime: clock.now() });
  const version = number - 1;
  await tryCommit({
    storage: table.storage,
    version,
    actions: [
      { commitInfo: info },
      ...created,
      { txn: { appId, version: number, lastUpdated: clock.now() } },
    ],
  });
  await settleBatch(context, { number, batchId, version, sha256, done: false });
  await table.refresh();
  await checkpointIfDue(context, version);
}

function stateOf(table: string): string {
  const states = join(table, "_landfall");
  const [pipeline] = readdirSync(states);
  return join(states, pipeline!);
}

async function loseLedger(table: string): Promise<void> {
  const state = stateOf(table);

  for (const end of ["", "-wal", "-shm"]) await rm(join(state, `ledger.db${end}`), { force: true });
}

/** @throws Error when a file is missing, or is anything but committed */
async function expectLedger(table: string, files: number): Promise<void> {
  const ledger = await openLedgerReader({ path: join(stateOf(table), "ledger.db") });
  try {
    const { states } = await ledger.summary();
    expectCount("files in the rebuilt ledger", states.committed ?? 0, files);
    expectCount("states in the rebuilt ledger", Object.keys(states).length, 1);
  } finally {
    await ledger.close();
  }
}
