import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError } from "../base/landfall-error.ts";
import { memorySource } from "../sources/memory-source.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import { refuseForeignArrivals } from "./foreign-arrivals.ts";
import { writePipelineIdentity, type PipelineIdentity } from "./pipeline-identity.ts";
import { STATE_SCHEMA_VERSION } from "./state-file.ts";

test("a run that slept while a full refresh made another state of its pipeline is told so, and not to relocate", async () => {
  const storage = memoryStorage();
  const identity = (name: string, n: number): PipelineIdentity => ({
    schemaVersion: STATE_SCHEMA_VERSION,
    pipelineId: `00000000-0000-7000-8000-00000000000${n}`,
    name,
    source: "/in",
    createdAt: "2026-01-01T00:00:00.000Z",
  });
  const first = identity("p", 1);
  await writePipelineIdentity(storage, first);
  await writePipelineIdentity(storage, identity("q", 2));
  const source = memorySource(new Map());
  await refuseForeignArrivals({ storage, pipeline: first, source });
  const second = { ...identity("p/2", 3), refreshOf: first.pipelineId };
  await writePipelineIdentity(storage, second);
  await assert.rejects(refuseForeignArrivals({ storage, pipeline: first, source }), (error) =>
    isLandfallError(error, "PIPELINE_STARTED_OVER"),
  );
  await refuseForeignArrivals({ storage, pipeline: second, source });
});
