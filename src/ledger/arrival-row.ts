/** An arrival as a row of the ledger's file, and back. */
import { codeOf, stateOfCode } from "./arrival-codes.ts";
import type { SqlResult, SqlRow, SqlValue } from "./db.ts";
import { damagedLedger } from "./db.ts";
import type { Arrival, ArrivalCounts } from "./ledger.ts";
import { GENERATION, splitGeneration, storedGeneration } from "./stored-generation.ts";

/** What `arrivalOfRow` reads, of a table called `a`. Modifications are text: they do not fit into a Number. */
export const ARRIVAL_COLUMNS = `a.key, ${GENERATION}, a.code, a.seen, ifnull(a.size, a.span),
  CAST(ifnull(a.modified, a.stamp) AS TEXT), (SELECT batch_id FROM batches WHERE seq = a.batch), a.vacated, a.reason,
  a.crc, a.nread, a.odd, a.span`;

/** Above every key that begins with the prefix: no UTF-8 text holds the byte FF. */
export const AFTER_PREFIX = "? || CAST(x'FF' AS TEXT)";

const INSERTED = [
  "key, stamp, span, size, modified, seen",
  "code, batch, vacated, reason, crc, nread, odd",
].join(", ");
export const INSERT_ARRIVAL = `INSERT INTO arrivals(${INSERTED}) VALUES (${Array(13).fill("?").join(", ")})`;
/** Changes nothing where the ledger knows the arrival. */
export const INSERT_UNKNOWN = `${INSERT_ARRIVAL} ON CONFLICT DO NOTHING`;
export const UPDATE_ARRIVAL = `UPDATE arrivals SET code = ?, batch = ?, vacated = ?, reason = ?, crc = ?, nread = ?, odd = ?
  WHERE key = ? AND stamp = ? AND span = ?`;

export const DELETE_ARRIVAL = "DELETE FROM arrivals WHERE key = ? AND stamp = ? AND span = ?";

/** The values that tell the arrival from all others: key, stamp, span. */
export function idValues(key: string, generation: string): SqlValue[] {
  const { stamp, span } = storedGeneration(generation);
  return [key, stamp, span];
}

/** What never changes, in the order of INSERT_ARRIVAL. */
export function fixedValues(arrival: Arrival): SqlValue[] {
  const { key, generation, size, modifiedNs, discoveredAt } = arrival;
  const said = splitGeneration(generation);
  return [
    ...idValues(key, generation),
    said?.size === size ? null : size,
    said?.modifiedNs === modifiedNs ? null : BigInt(modifiedNs),
    discoveredAt,
  ];
}

/** What changes, in the order of both statements; `batch` is the batch's `seq`. */
export function changingValues(arrival: Arrival, batch: number | null): SqlValue[] {
  const { outcome, generation, reason, vacated } = arrival;
  const counts = outcome === undefined ? [null, null, null] : outcomeValues(outcome, generation);
  return [codeOf(arrival), batch, vacated ? 1 : 0, reason ?? null, ...counts];
}

/** crc, nread, odd: a file that was read whole and written whole needs only the first two. */
export function outcomeValues(outcome: ArrivalCounts, generation: string): SqlValue[] {
  const { bytes, crc32, read, written, rescued, rejected, corrupt } = outcome;
  const some = corrupt === undefined ? [] : [corrupt];
  const whole = bytes === storedGeneration(generation).span && written === read;
  const ordinary = whole && rescued === 0 && rejected === 0 && some.length === 0;
  return [crc32, read, ordinary ? null : JSON.stringify([bytes, written, rescued, rejected, ...some])];
}

/** @throws LandfallError LEDGER_FAILED for a row that Landfall did not write */
export function arrivalOfRow(row: SqlRow, path: string): Arrival {
  const [key, generation, code, seen, size, modifiedNs, batchId, vacated, reason, ...counts] = row;
  const stateAndRule = stateOfCode(code as number);
  if (stateAndRule === undefined) throw damagedLedger(path, `an arrival has the state ${String(code)}`);
  return {
    key: key as string,
    generation: generation as string,
    ...stateAndRule,
    size: size as number,
    modifiedNs: modifiedNs as string,
    discoveredAt: seen as number,
    vacated: vacated === 1,
    ...(reason === null ? {} : { reason: reason as string }),
    ...(batchId === null ? {} : { batchId: batchId as string }),
    ...(counts[0] === null ? {} : { outcome: countsOf(counts) }),
  };
}

function countsOf([crc32, read, odd, span]: readonly SqlResult[]): ArrivalCounts {
  const [bytes, written, rescued, rejected, corrupt] =
    odd === null ? [span, read, 0, 0] : (JSON.parse(odd as string) as number[]);
  const some = corrupt === undefined ? {} : { corrupt };
  return { bytes, crc32, read, written, rescued, rejected, ...some } as ArrivalCounts;
}
