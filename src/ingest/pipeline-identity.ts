/** `pipeline.json`: the pipeline's id, made at its first run and never again (exactly-once rules, §1). */
import { z } from "zod";
import { isoInstant, type Clock } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import { isLandfallError, LandfallError } from "../base/landfall-error.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { Storage } from "../storage/storage.ts";
import { readRelocations } from "./relocations.ts";
import { declaredNameOf, nameOfOrdinal } from "./pipeline-name.ts";
import { pipelineKey, STATE_ROOT, stateFolder } from "./state-keys.ts";
import { parseStateFile, STATE_SCHEMA_VERSION } from "./state-file.ts";

const shape = z.object({
  schemaVersion: z.literal(STATE_SCHEMA_VERSION),
  pipelineId: z.uuid(),
  /** Of the state: `p`, or `p/2` once a full refresh has started the pipeline over. */
  name: z.string().min(1),
  /** Canonical location of the source. */
  source: z.string().min(1),
  createdAt: z.string(),
  /** The id that this one takes the place of, since a full refresh. */
  refreshOf: z.uuid().optional(),
});

export type PipelineIdentity = z.infer<typeof shape>;

/** The Delta `txn` application id of a pipeline. */
export function appIdOf(pipelineId: string): string {
  return `landfall-${pipelineId}`;
}

/**
 * The pipeline's identity, with its source where `files relocate` moved it. Undefined when no pipeline of that name has fed the table.
 *
 * @throws LandfallError STATE_CORRUPT, STATE_NEWER
 */
export async function readPipelineIdentity(
  storage: Storage,
  name: string,
): Promise<PipelineIdentity | undefined> {
  const key = pipelineKey(name);
  let content: Buffer;
  try {
    content = await storage.get(key);
  } catch (error) {
    if (isLandfallError(error, "OBJECT_MISSING")) return undefined;
    throw error;
  }
  const identity = parseStateFile(content.toString("utf8"), shape, `${storage.location}/${key}`);
  const moved = (await readRelocations(storage, name)).at(-1);
  return moved === undefined ? identity : { ...identity, source: moved.to };
}

/** The pipelines that feed the table, by name; of one that was started over the newest state. */
export async function readPipelines(storage: Storage): Promise<PipelineIdentity[]> {
  const states = await readPipelineStates(storage);
  return states.flatMap((ofOne) => ofOne.slice(-1));
}

/** For each pipeline that feeds the table all its states, the newest last: those before it were ended by a full refresh. */
export async function readPipelineStates(
  storage: Storage,
): Promise<(readonly [PipelineIdentity, ...PipelineIdentity[]])[]> {
  const found: [PipelineIdentity, ...PipelineIdentity[]][] = [];
  for (const folder of await storage.folders(STATE_ROOT)) {
    const first = await readPipelineIdentity(storage, folder);
    if (first === undefined) continue;
    const states: [PipelineIdentity, ...PipelineIdentity[]] = [first];
    for (const ordinal of await laterOrdinals(storage, folder)) {
      const later = await readPipelineIdentity(storage, nameOfOrdinal(folder, ordinal));
      if (later !== undefined) states.push(later);
    }
    found.push(states);
  }
  return found;
}

/** The name of the newest state of a declared pipeline, which is that name itself unless a full refresh has started it over. */
export async function newestStateName(storage: Storage, declared: string): Promise<string> {
  for (const ordinal of (await laterOrdinals(storage, declared)).reverse()) {
    const name = nameOfOrdinal(declared, ordinal);
    // A refresh that was cut off may have left a folder without an identity.
    if ((await storage.head(pipelineKey(name))) !== undefined) return name;
  }
  return declared;
}

/** Ascending. */
async function laterOrdinals(storage: Storage, declared: string): Promise<number[]> {
  const folders = await storage.folders(stateFolder(declared));
  return folders
    .filter((folder) => /^[1-9]\d*$/.test(folder))
    .map(Number)
    .filter((ordinal) => ordinal > 1)
    .sort((a, b) => a - b);
}

/** An identity, and whether it stands beside the table or is yet to be written there. */
export interface FoundIdentity {
  readonly identity: PipelineIdentity;
  readonly isNew: boolean;
}

/**
 * The pipeline's identity as it stands, or a new one that is not written yet.
 *
 * @throws LandfallError PIPELINE_NAME_TAKEN when the name belongs to another source, or the source feeds this table under
 *   another name already: either would read files twice
 */
export async function findPipelineIdentity(options: {
  readonly storage: Storage;
  readonly name: string;
  readonly source: string;
  readonly clock: Clock;
}): Promise<FoundIdentity> {
  const { storage, name, source } = options;
  const known = await readPipelineIdentity(storage, name);
  if (known !== undefined) return { identity: sameSource(known, source, storage.location), isNew: false };
  const twin = (await readPipelines(storage)).find((other) => other.source === source);
  // Another host may have made it since we looked.
  if (twin?.name === name) return { identity: twin, isNew: false };
  if (twin !== undefined) {
    throw new LandfallError("PIPELINE_NAME_TAKEN", {
      message: `${source} feeds ${storage.location} already, as pipeline "${declaredNameOf(twin.name)}".`,
      hint: `Use that name (--pipeline ${declaredNameOf(twin.name)}); under a second name every file would be read again.`,
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
  return { identity, isNew: true };
}

/**
 * Writes a new identity beside the table. Of two that do it at once one wins, and both get the winner's.
 *
 * @throws LandfallError PIPELINE_NAME_TAKEN when the winner reads another source
 */
export async function writePipelineIdentity(
  storage: Storage,
  identity: PipelineIdentity,
): Promise<PipelineIdentity> {
  const { name, source } = identity;
  const outcome = await storage.put(pipelineKey(name), `${JSON.stringify(identity, undefined, 2)}\n`, {
    ifAbsent: true,
  });
  faultPoint("identity.written");
  if (outcome === "created") return identity;
  const winner = await readPipelineIdentity(storage, name);
  if (winner === undefined) {
    throw new LandfallError("STATE_CORRUPT", {
      message: `${pipelineKey(name)} was there and is gone again.`,
      hint: "Another program removes Landfall's state; stop it and run again.",
      pipeline: name,
      table: storage.location,
    });
  }
  return sameSource(winner, source, storage.location);
}

function sameSource(identity: PipelineIdentity, source: string, table: string): PipelineIdentity {
  if (identity.source === source) return identity;
  throw new LandfallError("PIPELINE_NAME_TAKEN", {
    message: `The pipeline "${declaredNameOf(identity.name)}" of ${table} reads ${identity.source}, not ${source}.`,
    hint:
      "If the same files lie in another place now, say so, and none is read twice: " +
      `landfall files relocate ${table} --name ${declaredNameOf(identity.name)} --from ${identity.source} --to ${source}. ` +
      "For other files choose another name (--pipeline).",
    pipeline: identity.name,
    table,
  });
}
