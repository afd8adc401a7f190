/** Which pipeline a run works on: the first, or that which a full refresh has made of it. */
import { appIdOf, newestStateName, readPipelineIdentity } from "../../src/ingest/pipeline-identity.ts";
import { ordinalOf } from "../../src/ingest/pipeline-name.ts";
import { STATE_SCHEMA_VERSION } from "../../src/ingest/state-file.ts";
import { pipelineKey } from "../../src/ingest/state-keys.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { modelId } from "./model-id.ts";
import { APP_ID } from "./world.ts";

export interface PipelineState {
  /** 1 for the first; a full refresh makes the next. */
  readonly ordinal: number;
  readonly name: string;
  readonly pipelineId: string;
  readonly appId: string;
}

export const FIRST: PipelineState = {
  ordinal: 1,
  name: "model",
  pipelineId: modelId(9, 0),
  appId: APP_ID,
};

/** The file of the first, as its first run leaves it. */
export const FIRST_IDENTITY: ReadonlyMap<string, Buffer> = new Map([
  [
    pipelineKey(FIRST.name),
    Buffer.from(
      JSON.stringify({
        schemaVersion: STATE_SCHEMA_VERSION,
        pipelineId: FIRST.pipelineId,
        name: FIRST.name,
        source: "memory:source",
        createdAt: "2026-01-01T00:00:00.000Z",
      }),
    ),
  ],
]);

/** As a run finds it that opens the pipeline now. */
export async function newestState(storage: Storage): Promise<PipelineState> {
  const name = await newestStateName(storage, FIRST.name);
  const identity = name === FIRST.name ? undefined : await readPipelineIdentity(storage, name);
  if (identity === undefined) return FIRST;
  const { pipelineId } = identity;
  return { ordinal: ordinalOf(name), name, pipelineId, appId: appIdOf(pipelineId) };
}
