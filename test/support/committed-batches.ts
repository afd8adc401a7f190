/** A table in memory with batches that were committed as stage and commit do it, and what takes them in. */
import { tmpdir } from "node:os";
import { systemClock } from "../../src/base/clock.ts";
import { uuidv7 } from "../../src/base/uuid.ts";
import type { Action } from "../../src/delta/actions.ts";
import { tryCommit } from "../../src/delta/commit.ts";
import { createTableActions } from "../../src/delta/create-table.ts";
import { serializeManifest, type Manifest } from "../../src/ingest/manifest.ts";
import { openTable } from "../../src/ingest/open-table.ts";
import { batchCommitInfo } from "../../src/ingest/own-commit.ts";
import type { PipelineContext } from "../../src/ingest/pipeline-context.ts";
import { manifestKey } from "../../src/ingest/state-keys.ts";
import type { MemoryLedger } from "../../src/ledger/memory-ledger.ts";
import type { memoryStorage } from "../../src/storage/memory-storage.ts";

const NO_PARQUET = {
  port: {
    toJsonLines: () => Promise.reject(new Error("no checkpoint is read here")),
    fromJsonLines: () => Promise.reject(new Error("no checkpoint is written here")),
  },
  scratchFolder: tmpdir(),
};

type Storage = ReturnType<typeof memoryStorage>;

/** Of the pipeline "p". */
export function contextOver(storage: Storage, ledger: MemoryLedger): PipelineContext {
  return {
    name: "p",
    pipelineId: "id",
    appId: "landfall-id",
    table: openTable({ storage, parquet: NO_PARQUET }),
    ledger,
    clock: { ...systemClock, now: () => 1000 },
    newId: uuidv7,
    emit: () => {},
  };
}

export type Outcome = Manifest["arrivals"][number]["outcome"];

/** Commits a batch as stage and commit do; each file is a generation of its own unless one is named. */
export async function commitBatch(
  storage: Storage,
  number: number,
  version: number,
  outcomes: readonly { key: string; outcome: Outcome; generation?: string }[],
): Promise<string> {
  const batchId = uuidv7();
  const arrivals = outcomes.map(({ key, outcome, generation }, i) => ({
    key,
    generation: generation ?? `1-${number}${i}`,
    size: 1,
    modifiedNs: `${number}${i}`,
    outcome,
    ...(outcome === "skipped" ? { rule: "gone" } : {}),
    bytes: 1,
    crc32: i,
    read: 2,
    written: outcome === "committed" ? 2 : 0,
    rescued: 0,
    rejected: 0,
  }));
  const { text, sha256 } = serializeManifest({
    schemaVersion: 1,
    pipelineId: "id",
    pipeline: "p",
    number,
    batchId,
    stagedAt: "",
    arrivals,
    dataFiles: [],
  });
  const manifest = manifestKey("p", number, batchId);
  await storage.put(manifest, text, { ifAbsent: true });
  const commit = { number, batchId, manifest, sha256 };
  const info = batchCommitInfo({
    now: 1,
    engineInfo: "t",
    commit,
    pipeline: "p",
    partitionBy: [],
    files: 0,
    rows: 0,
    bytes: 0,
  });
  const created: Action[] =
    version > 0
      ? []
      : createTableActions({ id: uuidv7(), schema: { type: "struct", fields: [] }, createdTime: 1 });
  const txn = { appId: "landfall-id", version: number };
  await tryCommit({ storage, version, actions: [{ commitInfo: info }, ...created, { txn }] });
  return batchId;
}
