/**
 * Vacate records: before Landfall archives, deletes or moves files away, a durable record names the arrivals whose names it is about to
 * vacate. Doubt after a crash counts as vacated: a new generation there is then read, never skipped (exactly-once rules, §2).
 */
import { z } from "zod";
import { isoInstant } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import type { ArrivalId } from "../ledger/ledger.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { corrupt, parseStateFile, STATE_SCHEMA_VERSION } from "./state-file.ts";
import { parseVacateName, vacatedFolder, vacateRecordKey } from "./state-keys.ts";

const shape = z.object({
  schemaVersion: z.literal(STATE_SCHEMA_VERSION),
  number: z.int().positive(),
  batchId: z.string(),
  /** ISO instant. */
  at: z.string(),
  action: z.enum(["archive", "delete", "quarantine"]),
  /** The folder that they go to, date parts filled in: absolute, encoded bytes. Absent for `delete`. */
  to: z.string().optional(),
  arrivals: z.array(z.object({ key: z.string(), generation: z.string() })),
});

export type VacateRecord = z.infer<typeof shape>;

export interface VacateIntent {
  readonly number: number;
  readonly batchId: string;
  readonly action: VacateRecord["action"];
  readonly to?: string | undefined;
  readonly arrivals: readonly ArrivalId[];
}

/**
 * Makes sure that durable records name all of the arrivals, and that the ledger knows it. One file for a batch, unless some of its
 * arrivals are due later than others, or another host has named others.
 *
 * @throws LandfallError STORAGE_FAILED, STORAGE_FULL, STATE_CORRUPT
 */
export async function recordVacate(context: PipelineContext, intent: VacateIntent): Promise<void> {
  const { ledger, table, name, clock } = context;
  const { number, batchId, action, to } = intent;
  let left = intent.arrivals;
  faultPoint("tidy.before");
  for (let ordinal = 1; left.length > 0; ordinal++) {
    const key = vacateRecordKey(name, { number, batchId, ordinal });
    const arrivals = left.map(({ key, generation }) => ({ key, generation }));
    const head = {
      schemaVersion: STATE_SCHEMA_VERSION,
      number,
      batchId,
      at: isoInstant(clock.now()),
      action,
    };
    const content = JSON.stringify({ ...head, ...(to === undefined ? {} : { to }), arrivals });
    const outcome = await table.storage.put(key, `${content}\n`, { ifAbsent: true });
    faultPoint("tidy.recorded");
    const named = outcome === "created" ? arrivals : (await readRecord(context, key)).arrivals;
    await ledger.vacate(key, batchId, named);
    const names = new Set(named.map(textOf));
    left = left.filter((id) => !names.has(textOf(id)));
  }
  faultPoint("tidy.known");
}

/** Brings the ledger up to the records, whoever wrote them; those of batches that it has not taken in wait until it has. */
export async function takeInVacateRecords(context: PipelineContext): Promise<void> {
  const { ledger, table, name } = context;
  const keys: string[] = [];
  for await (const { key } of table.storage.list({ prefix: vacatedFolder(name) })) keys.push(key);
  if (keys.length === 0) return;
  const last = (await ledger.lastTakenIn())?.number ?? 0;
  for (const key of await ledger.unknownVacateRecords(keys)) {
    const { number } = parseVacateName(key) ?? { number: Infinity };
    if (number > last) continue;
    const record = await readRecord(context, key);
    await ledger.vacate(key, record.batchId, record.arrivals);
  }
}

/** All that is recorded of a batch. @throws LandfallError STATE_CORRUPT, STATE_NEWER */
export async function recordsOfBatch(
  context: Pick<PipelineContext, "name" | "table">,
  batch: { readonly number: number; readonly batchId: string },
): Promise<readonly VacateRecord[]> {
  const first = vacateRecordKey(context.name, { ...batch, ordinal: 1 });
  const records: VacateRecord[] = [];
  for await (const { key } of context.table.storage.list({ prefix: first.slice(0, -".json".length) }))
    records.push(await readRecord(context, key));
  return records;
}

/** @throws LandfallError STATE_CORRUPT, STATE_NEWER */
export function parseVacateRecord(content: Buffer, expected: { readonly file: string }): VacateRecord {
  const record = parseStateFile(content.toString("utf8"), shape, expected.file);
  const name = parseVacateName(expected.file);
  if (name?.number !== record.number || name.batchId !== record.batchId)
    throw corrupt(expected.file, `it speaks of batch ${record.number} (${record.batchId})`);
  return record;
}

async function readRecord(context: Pick<PipelineContext, "table">, key: string): Promise<VacateRecord> {
  const { storage } = context.table;
  return parseVacateRecord(await storage.get(key), { file: `${storage.location}/${key}` });
}

function textOf({ key, generation }: ArrivalId): string {
  return `${generation}\0${key}`;
}
