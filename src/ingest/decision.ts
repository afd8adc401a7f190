/**
 * A person's decision about arrivals, as a file beside the table (exactly-once rules, §2). It names each arrival and the batchId of the
 * outcome that it takes back: it applies while that outcome stands and is void afterwards, so that neither order nor clock matters.
 */
import { z } from "zod";
import { isoInstant } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import { LandfallError } from "../base/landfall-error.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { AdoptedFile, ArrivalId } from "../ledger/ledger.ts";
import type { Storage } from "../storage/storage.ts";
import { decisionKey } from "./state-keys.ts";
import { parseStateFile, STATE_SCHEMA_VERSION } from "./state-file.ts";

const id = { key: z.string().min(1), generation: z.string().min(1) };
const shape = z.discriminatedUnion("kind", [
  z.object({
    schemaVersion: z.literal(STATE_SCHEMA_VERSION),
    /** `retry`: of files that brought no row. `forget`: also of files whose rows stand in the table. */
    kind: z.enum(["retry", "forget"]),
    at: z.string(),
    arrivals: z.array(z.object({ ...id, batchId: z.string().min(1) })),
  }),
  z.object({
    schemaVersion: z.literal(STATE_SCHEMA_VERSION),
    /** Kept out, since another loader has read them: it applies to what has no outcome, and is void for the rest. */
    kind: z.literal("adopt"),
    at: z.string(),
    arrivals: z.array(
      z.object({ ...id, size: z.number(), modifiedNs: z.string(), crc32: z.number().optional() }),
    ),
  }),
]);

/** What takes outcomes back. */
export type DecisionKind = "retry" | "forget";

/** An arrival, and the batch whose outcome of it is taken back. */
export interface OutcomeId extends ArrivalId {
  readonly batchId: string;
}

export type DecisionContent =
  | { readonly kind: DecisionKind; readonly arrivals: readonly OutcomeId[] }
  | { readonly kind: "adopt"; readonly arrivals: readonly AdoptedFile[] };

/** `id`: UUIDv7, the file's name. */
export type Decision = DecisionContent & { readonly id: string };

/** Writes a new decision; it is durable when this resolves, and the ledger is to be changed only then. */
export async function writeDecision(options: {
  readonly storage: Storage;
  readonly pipeline: string;
  readonly content: DecisionContent;
  /** Milliseconds since the epoch. */
  readonly at: number;
}): Promise<Decision> {
  const { storage, pipeline, content, at } = options;
  const id = uuidv7(at);
  const key = decisionKey(pipeline, id);
  const { kind, arrivals } = content;
  // Parsed, so that whatever else the caller knows of an arrival stays out of the file.
  const file = shape.parse({ schemaVersion: STATE_SCHEMA_VERSION, kind, at: isoInstant(at), arrivals });
  const outcome = await storage.put(key, `${JSON.stringify(file)}\n`, { ifAbsent: true });
  if (outcome === "exists") {
    throw new LandfallError("INTERNAL", {
      message: `${storage.location}/${key} is there already, under an id that has just been made.`,
      hint: "Run the command again; nothing was changed.",
    });
  }
  faultPoint("decision.written");
  return { id, ...content };
}

/**
 * Writes a decision of one pipeline beside another, too, of these files only and under the same id. Nothing happens where it stands there.
 *
 * @throws LandfallError STATE_NEWER, STATE_CORRUPT, OBJECT_MISSING
 */
export async function copyAdoption(options: {
  readonly storage: Storage;
  readonly from: string;
  readonly to: string;
  readonly decision: { readonly id: string; readonly arrivals: readonly AdoptedFile[] };
}): Promise<void> {
  const { storage, from, to } = options;
  const { id, arrivals } = options.decision;
  const file = shape.parse({ ...(await readDecisionFile(storage, from, id)), arrivals });
  await storage.put(decisionKey(to, id), `${JSON.stringify(file)}\n`, { ifAbsent: true });
}

async function readDecisionFile(
  storage: Storage,
  pipeline: string,
  id: string,
): Promise<z.infer<typeof shape>> {
  const key = decisionKey(pipeline, id);
  const text = (await storage.get(key)).toString("utf8");
  return parseStateFile(text, shape, `${storage.location}/${key}`);
}

/** @throws LandfallError STATE_NEWER, STATE_CORRUPT, OBJECT_MISSING */
export async function readDecision(storage: Storage, pipeline: string, id: string): Promise<Decision> {
  const file = await readDecisionFile(storage, pipeline, id);
  if (file.kind === "adopt") return { id, kind: file.kind, arrivals: file.arrivals };
  return { id, kind: file.kind, arrivals: file.arrivals };
}
