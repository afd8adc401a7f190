/**
 * Vacate records: before Landfall archives, deletes or moves files away, a durable record names the arrivals whose names it is about to
 * vacate. Doubt after a crash counts as vacated: a new generation there is then read, never skipped (exactly-once rules, §2).
 */
import { z } from "zod";
import { isoInstant } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import type { ArrivalId } from "../ledger/ledger.ts";
import { listVacateNames, readFoldedVacates, type FoldedVacatesFile } from "./folded-vacates.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { corrupt, parseStateFile, STATE_SCHEMA_VERSION } from "./state-file.ts";
import { parseVacateName, vacateRecordKey, vacateRecordsOf } from "./state-keys.ts";

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
 * Makes sure that a durable record names all of the arrivals, and that the ledger knows it. Another host may record the same ones at once:
 * they are said twice then.
 *
 * @throws LandfallError STORAGE_FAILED, STORAGE_FULL
 */
export async function recordVacate(context: PipelineContext, intent: VacateIntent): Promise<void> {
  const { ledger, table, name, clock } = context;
  const { number, batchId, action, to } = intent;
  const arrivals = intent.arrivals.map(({ key, generation }) => ({ key, generation }));
  faultPoint("tidy.before");
  if (arrivals.length > 0) {
    const key = vacateRecordKey(name, { number, batchId, id: context.newId() });
    const head = {
      schemaVersion: STATE_SCHEMA_VERSION,
      number,
      batchId,
      at: isoInstant(clock.now()),
      action,
    };
    const content = JSON.stringify({ ...head, ...(to === undefined ? {} : { to }), arrivals });
    await table.storage.put(key, `${content}\n`, { ifAbsent: true });
    faultPoint("tidy.recorded");
    await ledger.vacate(key, batchId, arrivals);
  }
  faultPoint("tidy.known");
}

/**
 * Brings the ledger up to the records, whoever wrote them; those of batches that it has not taken in wait until it has. Answers how many
 * stand in files of their own.
 *
 * @throws LandfallError STATE_CORRUPT, STATE_NEWER
 */
export async function takeInVacateRecords(context: PipelineContext): Promise<number> {
  const { ledger, table, name } = context;
  const { records, folded } = await listVacateNames(table.storage, name);
  if (records.length === 0 && folded.length === 0) return 0;
  const last = (await ledger.lastTakenIn())?.number ?? 0;
  const unknown = new Set(await ledger.unknownVacateRecords([...folded, ...records].map(({ key }) => key)));
  for (const file of folded) if (unknown.has(file.key)) await takeInFolded(context, file, last);
  for (const { key, number } of records) {
    if (!unknown.has(key) || number > last) continue;
    const record = await readIfThere(context, key);
    // Folded since it was listed: the file that holds it is met by another look.
    if (record === undefined) return takeInVacateRecords(context);
    await ledger.vacate(key, record.batchId, record.arrivals);
  }
  return records.length;
}

/** The file counts as taken in once all of it is. */
async function takeInFolded(context: PipelineContext, file: FoldedVacatesFile, last: number): Promise<void> {
  const { ledger, table } = context;
  const folded = await readFoldedVacates(table.storage, file);
  const unknown = new Set(await ledger.unknownVacateRecords(folded.map(({ key }) => key)));
  for (const { key, text } of folded) {
    const { number = Infinity } = parseVacateName(key) ?? {};
    if (number > last || !unknown.has(key)) continue;
    const record = parseVacateRecord(Buffer.from(text), { file: key });
    await ledger.vacate(key, record.batchId, record.arrivals);
  }
  if (file.last <= last) await ledger.vacate(file.key, "", []);
}

/** All that is recorded of a batch, as it was written or folded. @throws LandfallError STATE_CORRUPT, STATE_NEWER */
export async function recordsOfBatch(
  context: Pick<PipelineContext, "name" | "table">,
  batch: { readonly number: number; readonly batchId: string },
): Promise<readonly VacateRecord[]> {
  const { storage } = context.table;
  const found: VacateRecord[] = [];
  // What stands by itself first: what is folded meanwhile is met twice, and nothing is missed.
  for await (const { key } of storage.list({ prefix: vacateRecordsOf(context.name, batch) })) {
    const record = await readIfThere(context, key);
    if (record !== undefined) found.push(record);
  }
  const { folded } = await listVacateNames(storage, context.name);
  for (const file of folded) {
    if (batch.number < file.first || batch.number > file.last) continue;
    for (const { key, text } of await readFoldedVacates(storage, file))
      if (parseVacateName(key)?.batchId === batch.batchId)
        found.push(parseVacateRecord(Buffer.from(text), { file: key }));
  }
  return found;
}

/** @throws LandfallError STATE_CORRUPT, STATE_NEWER */
export function parseVacateRecord(content: Buffer, expected: { readonly file: string }): VacateRecord {
  const record = parseStateFile(content.toString("utf8"), shape, expected.file);
  const name = parseVacateName(expected.file);
  if (name?.number !== record.number || name.batchId !== record.batchId)
    throw corrupt(expected.file, `it speaks of batch ${record.number} (${record.batchId})`);
  return record;
}

/** Undefined where another process has folded it since it was listed. */
async function readIfThere(
  context: Pick<PipelineContext, "table">,
  key: string,
): Promise<VacateRecord | undefined> {
  const { storage } = context.table;
  try {
    return parseVacateRecord(await storage.get(key), { file: `${storage.location}/${key}` });
  } catch (error) {
    if (isLandfallError(error, "OBJECT_MISSING")) return undefined;
    throw error;
  }
}
