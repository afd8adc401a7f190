/**
 * Folds vacate records, of which there is one for each batch that was tidied, into files of many (ADR 14): each look at them lists their names.
 * A file is durable and read back whole before the first of its originals goes, so that each record stands in one place at least.
 */
import { faultPoint } from "../base/fault-point.ts";
import { isLandfallError, messageOf } from "../base/landfall-error.ts";
import {
  listVacateNames,
  readFoldedVacates,
  serializeFoldedVacates,
  type FoldedVacate,
  type NamedVacate,
} from "./folded-vacates.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { FILES_A_CALL, type FoldLimits } from "./plan-fold.ts";
import { sha256, utf8Text } from "./state-file.ts";
import { foldedVacatesKey } from "./state-keys.ts";
import { parseVacateRecord } from "./vacate-records.ts";

/**
 * Answers whether more is left to fold. What fails is a note, and everything stays as readable as it was: a later call goes on.
 *
 * @throws only when the run is aborted
 */
export async function foldVacates(context: PipelineContext, limits: FoldLimits): Promise<boolean> {
  try {
    const { records } = await listVacateNames(context.table.storage, context.name);
    let left = await knownOf(context, records);
    for (let written = 0; written < FILES_A_CALL; written++) {
      context.signal?.throwIfAborted();
      const group = planVacateFold(left, limits);
      if (group === undefined || !(await foldGroup(context, group))) return false;
      left = left.slice(group.length);
    }
    return planVacateFold(left, limits) !== undefined;
  } catch (error) {
    if (context.signal?.aborted === true || isLandfallError(error, "ABORTED")) throw error;
    context.emit({ type: "note", text: `Vacate records could not be folded: ${messageOf(error)}` });
    return false;
  }
}

/**
 * The next full file: as many records as `limits.batches` says, or as fit into `limits.bytes`; undefined where it would not be full. Pure.
 */
export function planVacateFold(
  records: readonly NamedVacate[],
  limits: FoldLimits,
): readonly NamedVacate[] | undefined {
  let bytes = 0;
  for (const [i, { size }] of records.entries()) {
    bytes += size;
    // Full with the record before it.
    if (i > 0 && bytes > limits.bytes) return records.slice(0, i);
    if (i + 1 === limits.batches) return records.slice(0, i + 1);
  }
  return undefined;
}

/** What this ledger has taken in: of what it has not, it cannot tell whether it is sound. */
async function knownOf(
  { ledger }: PipelineContext,
  records: readonly NamedVacate[],
): Promise<readonly NamedVacate[]> {
  const unknown = new Set(await ledger.unknownVacateRecords(records.map(({ key }) => key)));
  return records.filter(({ key }) => !unknown.has(key));
}

/** False where another host has folded one of them meanwhile. */
async function foldGroup(context: PipelineContext, group: readonly NamedVacate[]): Promise<boolean> {
  const { name, pipelineId, table, ledger } = context;
  const { storage } = table;
  const records: FoldedVacate[] = [];
  for (const { key } of group) {
    const record = await readWhole(context, key);
    if (record === undefined) return false;
    records.push(record);
  }
  const text = serializeFoldedVacates(pipelineId, records);
  const numbers = group.map(({ number }) => number);
  const hash = sha256(text);
  const key = foldedVacatesKey(name, {
    first: Math.min(...numbers),
    last: Math.max(...numbers),
    sha256: hash,
  });
  faultPoint("fold.vacates.before");
  await storage.put(key, text, { ifAbsent: true });
  faultPoint("fold.vacates.written");
  await readFoldedVacates(storage, { key, sha256: hash });
  // Who wrote it may have died before it was durable.
  await storage.makeDurable(key);
  await ledger.vacate(key, "", []);
  await storage.delete(group.map((record) => record.key));
  faultPoint("fold.vacates.done");
  return true;
}

async function readWhole({ table }: PipelineContext, key: string): Promise<FoldedVacate | undefined> {
  const { storage } = table;
  const file = `${storage.location}/${key}`;
  try {
    const content = await storage.get(key);
    parseVacateRecord(content, { file });
    return { key, text: utf8Text(content, file) };
  } catch (error) {
    if (isLandfallError(error, "OBJECT_MISSING")) return undefined;
    throw error;
  }
}
