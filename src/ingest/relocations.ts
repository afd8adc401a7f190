/**
 * Relocations: where a pipeline's source moved on purpose, as files beside the table, since `pipeline.json` is made once and never changed
 * (exactly-once rules, §1). Each has the next number, put-if-absent; the last one says where the source is.
 */
import { z } from "zod";
import { isoInstant } from "../base/clock.ts";
import { LandfallError } from "../base/landfall-error.ts";
import type { Storage } from "../storage/storage.ts";
import { corrupt, parseStateFile, STATE_SCHEMA_VERSION } from "./state-file.ts";
import { parseRelocationName, relocationKey, relocationsFolder } from "./state-keys.ts";

const moveShape = z.object({ from: z.string().min(1), to: z.string().min(1) });

const shape = z.object({
  schemaVersion: z.literal(STATE_SCHEMA_VERSION),
  number: z.int().positive(),
  /** ISO instant. */
  at: z.string(),
  /** Canonical locations. */
  from: z.string().min(1),
  to: z.string().min(1),
  /** Where the archive moved with it. */
  archive: moveShape.optional(),
});

export type Relocation = z.infer<typeof shape>;

/** In the order in which they were made. @throws LandfallError STATE_CORRUPT, STATE_NEWER */
export async function readRelocations(storage: Storage, pipeline: string): Promise<Relocation[]> {
  const found: Relocation[] = [];
  for await (const { key } of storage.list({ prefix: relocationsFolder(pipeline) })) {
    const number = parseRelocationName(key);
    if (number === undefined) continue;
    const file = `${storage.location}/${key}`;
    const relocation = parseStateFile((await storage.get(key)).toString("utf8"), shape, file);
    if (relocation.number !== number) throw corrupt(file, `it speaks of relocation ${relocation.number}`);
    found.push(relocation);
  }
  return found;
}

/** Durable when it resolves. @throws LandfallError PIPELINE_HELD when another process relocated the source meanwhile */
export async function writeRelocation(options: {
  readonly storage: Storage;
  readonly pipeline: string;
  readonly move: Pick<Relocation, "from" | "to" | "archive">;
  /** Milliseconds since the epoch. */
  readonly at: number;
}): Promise<void> {
  const { storage, pipeline, move, at } = options;
  const standing = await readRelocations(storage, pipeline);
  const number = (standing.at(-1)?.number ?? 0) + 1;
  const { from, to, archive } = move;
  const content: Relocation = {
    schemaVersion: STATE_SCHEMA_VERSION,
    number,
    at: isoInstant(at),
    from,
    to,
    ...(archive === undefined ? {} : { archive }),
  };
  const key = relocationKey(pipeline, number);
  if ((await storage.put(key, `${JSON.stringify(content)}\n`, { ifAbsent: true })) === "created") return;
  throw new LandfallError("PIPELINE_HELD", {
    message: `Another process has relocated the source of "${pipeline}" at the same time.`,
    hint: "Look at it with `landfall status`, then say again what is to be moved.",
    pipeline,
    table: storage.location,
  });
}

/** Where a path lies once the moves have been followed. */
export function followMoves(
  path: string,
  moves: readonly { readonly from: string; readonly to: string }[],
): string {
  return moves.reduce((at, { from, to }) => {
    if (at === from) return to;
    return at.startsWith(`${from}/`) ? `${to}${at.slice(from.length)}` : at;
  }, path);
}
