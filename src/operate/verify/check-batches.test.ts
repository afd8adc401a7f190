import assert from "node:assert/strict";
import { test } from "node:test";
import { SAMPLE_ARRIVAL } from "../../../test/support/sample-arrival.ts";
import { serializeManifest, type Manifest } from "../../ingest/manifest.ts";
import { manifestKey } from "../../ingest/state-keys.ts";
import { memoryStorage } from "../../storage/memory-storage.ts";
import { checkBatches } from "./check-batches.ts";
import { Findings } from "./finding.ts";

const ID = "01a1fe94-2094-7090-a25a-80926f9b2518";

/** One file of 5 records, one of them broken. */
function manifest(transform: Manifest["transform"], rows: number): Manifest {
  return {
    schemaVersion: 1,
    pipelineId: ID,
    pipeline: "p",
    number: 1,
    batchId: ID,
    stagedAt: "2026-01-01T00:00:00.000Z",
    arrivals: [SAMPLE_ARRIVAL],
    dataFiles: [{ path: "part-0.parquet", rows, bytes: 100 }],
    ...(transform === undefined ? {} : { transform }),
  };
}

/** What is found of a table with this one batch, whose log says that `logged` rows were added. */
async function found(
  of: Manifest,
  logged: number,
): Promise<{ readonly rows: number; readonly codes: string[] }> {
  const storage = memoryStorage();
  const { text, sha256 } = serializeManifest(of);
  await storage.put(manifestKey("p", 1, ID), text, { ifAbsent: true });
  const findings = new Findings();
  const pipeline = { schemaVersion: 1, pipelineId: ID, name: "p", source: "/in", createdAt: "" } as const;
  const own = { number: 1, batchId: ID, manifest: manifestKey("p", 1, ID), sha256, pipelineId: ID };
  const adds = [{ path: "part-0.parquet", size: 100, rows: logged }];
  const commit = {
    version: 0,
    own,
    compaction: undefined,
    changesData: true,
    operation: "WRITE",
    engine: "",
    adds,
    removes: [],
    refreshes: false,
  };
  const { rows } = await checkBatches({
    storage,
    pipeline,
    history: { commits: [commit], oldest: 0, complete: true },
    marks: {
      byNumber: new Map([[1, { schemaVersion: 1, number: 1, batchId: ID, version: 0, sha256 }]]),
      damaged: new Set(),
      inDamagedFile: new Set(),
    },
    top: 1,
    markDue: () => undefined,
    findings,
  });
  return { rows, codes: findings.all().map(({ code }) => code) };
}

const batchSchema = '{"type":"struct","fields":[]}';

test("rows are held from the files through the transform to the data files and the log", async () => {
  const sound = { rowsIn: 4, rowsOut: 9, rejected: 2, batchSchema };
  assert.deepEqual(await found(manifest(undefined, 4), 4), { rows: 4, codes: [] });
  assert.deepEqual(await found(manifest(sound, 7), 7), { rows: 7, codes: [] });
  for (const [transform, inFiles, logged] of [
    [{ ...sound, rowsIn: 5 }, 7, 7],
    [{ ...sound, rowsOut: 10 }, 7, 7],
    [{ ...sound, rejected: 1 }, 7, 7],
    [sound, 7, 8],
    [undefined, 7, 7],
  ] as const)
    assert.ok(
      (await found(manifest(transform, inFiles), logged)).codes.includes("ROWS_DIFFER"),
      JSON.stringify([transform, inFiles, logged]),
    );
});
