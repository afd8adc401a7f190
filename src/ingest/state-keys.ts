/**
 * Where a pipeline's state lies below its table (`_landfall/` is hidden: Delta readers and vacuum pass it by).
 * Numbers have ten digits so that a listing is in order.
 */
const ROOT = "_landfall/";

export function stateFolder(pipeline: string): string {
  return `${ROOT}${pipeline}/`;
}

export const STATE_ROOT: string = ROOT;

export function pipelineKey(pipeline: string): string {
  return `${stateFolder(pipeline)}pipeline.json`;
}

/** The Delta table of the history, where the declaration names no other place. */
export function historyFolder(pipeline: string): string {
  return `${stateFolder(pipeline)}history`;
}

export function batchesFolder(pipeline: string): string {
  return `${stateFolder(pipeline)}batches/`;
}

/** Prefix of everything that belongs to a batch number. */
export function batchPrefix(pipeline: string, number: number): string {
  return `${batchesFolder(pipeline)}${padded(number)}-`;
}

export function manifestKey(pipeline: string, number: number, batchId: string): string {
  return `${batchPrefix(pipeline, number)}${batchId}.json`;
}

export function doneMarkKey(pipeline: string, number: number, batchId: string): string {
  return `${batchPrefix(pipeline, number)}${batchId}.done.json`;
}

export function rejectsFolder(pipeline: string): string {
  return `${stateFolder(pipeline)}rejects/`;
}

export function rejectsKey(pipeline: string, number: number, batchId: string): string {
  return `${rejectsFolder(pipeline)}${padded(number)}-${batchId}.parquet`;
}

export function decisionsFolder(pipeline: string): string {
  return `${stateFolder(pipeline)}decisions/`;
}

export function baselineKey(pipeline: string): string {
  return `${decisionsFolder(pipeline)}baseline.json`;
}

export function decisionKey(pipeline: string, id: string): string {
  return `${decisionsFolder(pipeline)}${id}.json`;
}

/** The id in the name of a decision; undefined for the baseline and anything else. */
export function parseDecisionName(name: string): string | undefined {
  return /(?:^|\/)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.json$/.exec(name)?.[1];
}

export function vacatedFolder(pipeline: string): string {
  return `${stateFolder(pipeline)}vacated/`;
}

export function relocationsFolder(pipeline: string): string {
  return `${stateFolder(pipeline)}relocations/`;
}

export function relocationKey(pipeline: string, number: number): string {
  return `${relocationsFolder(pipeline)}${padded(number)}.json`;
}

/** The number in the name of a relocation; undefined for any other name. */
export function parseRelocationName(name: string): number | undefined {
  const match = /(?:^|\/)(\d{10,})\.json$/.exec(name);
  return match ? Number(match[1]) : undefined;
}

/** `id` is never used again: a name under which a record was folded must not come to mean another one. */
export function vacateRecordKey(
  pipeline: string,
  { number, batchId, id }: { readonly number: number; readonly batchId: string; readonly id: string },
): string {
  return `${vacateRecordsOf(pipeline, { number, batchId })}.${id}.json`;
}

/** Prefix of the vacate records of a batch. */
export function vacateRecordsOf(
  pipeline: string,
  { number, batchId }: { readonly number: number; readonly batchId: string },
): string {
  return `${vacatedFolder(pipeline)}${padded(number)}-${batchId}`;
}

/** Of a name in the folder of vacate records, where the id may be an ordinal or missing, too; undefined for anything else. */
export function parseVacateName(
  name: string,
): { readonly number: number; readonly batchId: string } | undefined {
  const match = /(?:^|\/)(\d{10,})-([0-9a-f-]{36})(?:\.[0-9a-f-]+)?\.json$/.exec(name);
  return match ? { number: Number(match[1]), batchId: match[2]! } : undefined;
}

/** Apart from the records, so that those can be listed first (`listVacateNames`). */
export function foldedVacatesFolder(pipeline: string): string {
  return `${stateFolder(pipeline)}vacated-folded/`;
}

/** A file of folded vacate records: of which batches, and the SHA-256 of what it holds. */
export function foldedVacatesKey(
  pipeline: string,
  { first, last, sha256 }: { readonly first: number; readonly last: number; readonly sha256: string },
): string {
  return `${foldedVacatesFolder(pipeline)}${padded(first)}-${padded(last)}-${sha256}.json`;
}

/** Of a name in the folder of folded vacate records; undefined for anything else. */
export function parseFoldedVacatesName(
  name: string,
): { readonly first: number; readonly last: number; readonly sha256: string } | undefined {
  const match = /(?:^|\/)(\d{10,})-(\d{10,})-([0-9a-f]{64})\.json$/.exec(name);
  return match ? { first: Number(match[1]), last: Number(match[2]), sha256: match[3]! } : undefined;
}

export function compactionsFolder(pipeline: string): string {
  return `${stateFolder(pipeline)}compactions/`;
}

export function compactionKey(pipeline: string, id: string): string {
  return `${compactionsFolder(pipeline)}${id}.json`;
}

export function compactionMarkKey(pipeline: string, id: string): string {
  return `${compactionsFolder(pipeline)}${id}.done.json`;
}

/** What a name in the folder of compactions is; undefined for anything else. */
export function parseCompactionName(
  name: string,
): { readonly kind: "record" | "done"; readonly id: string } | undefined {
  const match = /(?:^|\/)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(\.done)?\.json$/.exec(name);
  return match ? { kind: match[2] ? "done" : "record", id: match[1]! } : undefined;
}

/** What a name in the batches folder is; undefined for anything else. */
export function parseBatchName(
  name: string,
): { readonly kind: "manifest" | "done"; readonly number: number; readonly batchId: string } | undefined {
  const match = /(?:^|\/)(\d{10,})-([0-9a-f-]{36})(\.done)?\.json$/.exec(name);
  if (!match) return undefined;
  return { kind: match[3] ? "done" : "manifest", number: Number(match[1]), batchId: match[2]! };
}

/** Of a name in the folder of rejects; undefined for anything else. */
export function parseRejectsName(name: string): { readonly batchId: string } | undefined {
  const match = /(?:^|\/)\d{10,}-([0-9a-f-]{36})\.parquet$/.exec(name);
  return match ? { batchId: match[1]! } : undefined;
}

/** The range of a file of folded batches, `<first>-<last>.folded.json`; undefined for any other name. */
export function parseFoldedName(name: string): { readonly first: number; readonly last: number } | undefined {
  const match = /(?:^|\/)(\d{10,})-(\d{10,})\.folded\.json$/.exec(name);
  return match ? { first: Number(match[1]), last: Number(match[2]) } : undefined;
}

export function foldedKey(pipeline: string, first: number, last: number): string {
  return `${batchesFolder(pipeline)}${padded(first)}-${padded(last)}.folded.json`;
}

function padded(number: number): string {
  return String(number).padStart(10, "0");
}
