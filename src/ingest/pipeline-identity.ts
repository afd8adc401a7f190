/** `pipeline.json`: the pipeline's id, made at its first run and never again (exactly-once rules, §1). */
import { z } from "zod";
import { isoInstant, type Clock } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import { isLandfallError, LandfallError } from "../base/landfall-error.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { Storage } from "../storage/storage.ts";
import { pipelineKey, STATE_ROOT } from "./state-keys.ts";
import { parseStateFile, STATE_SCHEMA_VERSION } from "./state-file.ts";

const shape = z.object({
  schemaVersion: z.literal(STATE_SCHEMA_VERSION),
  pipelineId: z.uuid(),
  name: z.string().min(1),
  /** Canonical location of the source. */
  source: z.string().min(1),
  createdAt: z.string(),
});

export type PipelineIdentity = z.infer<typeof shape>;

/** The Delta `txn` application id of a pipeline. */
export function appIdOf(pipelineId: string): string {
  return `landfall-${pipelineId}`;
}

/** Undefined when no pipeline of that name has fed the table. @throws LandfallError STATE_CORRUPT, STATE_NEWER */
export async function readPipelineIdentity(
  storage: Storage,
  name: string,
): Promise<PipelineIdentity | undefined> {
  const key = pipelineKey(name);
  try {
    return parseStateFile((await storage.get(key)).toString("utf8"), shape, `${storage.location}/${key}`);
  } catch (error) {
    if (isLandfallError(error, "OBJECT_MISSING")) return undefined;
    throw error;
  }
}

/** All pipelines that feed the table, by name. */
export async function readPipelines(storage: Storage): Promise<PipelineIdentity[]> {
  const found: PipelineIdentity[] = [];
  for (const folder of await storage.folders(STATE_ROOT)) {
    const identity = await readPipelineIdentity(storage, folder);
    if (identity !== undefined) found.push(identity);
  }
  return found;
}

/**
 * The pipeline's identity, made if it is new. Of two that make it at once one wins and both get the winner's.
 *
 * @throws LandfallError PIPELINE_NAME_TAKEN when the name belongs to another source, or the source feeds this table under
 *   another name already: either would read files twice
 */
export async function ensurePipelineIdentity(options: {
  readonly storage: Storage;
  readonly name: string;
  readonly source: string;
  readonly clock: Clock;
}): Promise<{ readonly identity: PipelineIdentity; readonly created: boolean }> {
  const { storage, name, source } = options;
  const known = await readPipelineIdentity(storage, name);
  if (known !== undefined) return { identity: sameSource(known, source, storage.location), created: false };
  const twin = (await readPipelines(storage)).find((other) => other.source === source);
  if (twin !== undefined) {
    throw new LandfallError("PIPELINE_NAME_TAKEN", {
      message: `${source} feeds ${storage.location} already, as pipeline "${twin.name}".`,
      hint: `Use that name (--name ${twin.name}); under a second name every file would be read again.`,
      pipeline: name,
      table: storage.location,
    });
  }
  const identity: PipelineIdentity = {
    schemaVersion: STATE_SCHEMA_VERSION,
    pipelineId: uuidv7(options.clock.now()),
    name,
    source,
    createdAt: isoInstant(options.clock.now()),
  };
  const outcome = await storage.put(pipelineKey(name), `${JSON.stringify(identity, undefined, 2)}\n`, {
    ifAbsent: true,
  });
  faultPoint("identity.written");
  if (outcome === "created") return { identity, created: true };
  const winner = await readPipelineIdentity(storage, name);
  if (winner === undefined) {
    throw new LandfallError("STATE_CORRUPT", {
      message: `${pipelineKey(name)} was there and is gone again.`,
      hint: "Another program removes Landfall's state; stop it and run again.",
      pipeline: name,
      table: storage.location,
    });
  }
  return { identity: sameSource(winner, source, storage.location), created: false };
}

function sameSource(identity: PipelineIdentity, source: string, table: string): PipelineIdentity {
  if (identity.source === source) return identity;
  throw new LandfallError("PIPELINE_NAME_TAKEN", {
    message: `The pipeline "${identity.name}" of ${table} reads ${identity.source}, not ${source}.`,
    hint: "Choose another name (--name) for the new source; or put the source back where it was.",
    pipeline: identity.name,
    table,
  });
}
