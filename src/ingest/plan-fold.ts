/** Which done batches are folded next. Pure: by names and sizes alone, so that two hosts that fold come to the same files. */
import { isFolded, type BatchNames, type FoldedFile } from "./batch-names.ts";

export interface FoldLimits {
  /** Batches of one file. */
  readonly batches: number;
  /** Bytes of their manifests; a batch over it makes a file of its own. */
  readonly bytes: number;
}

/** The bytes bound what a reader holds in memory: manifests have some 250 bytes for each file that was read. */
export const FOLD_LIMITS: FoldLimits = { batches: 1000, bytes: 16 * 1024 ** 2 };

/** Files that one call writes at most: a long history is folded over many rounds, none of which waits for it. */
export const FILES_A_CALL = 4;

export interface FoldGroup {
  readonly first: number;
  readonly last: number;
}

/**
 * The next full group: dense from the last folded number on, each with a done mark, and all below `lastTakenIn`, so that the last
 * batch is found by name alone. Undefined where none is full yet.
 */
export function planFold(
  names: BatchNames,
  options: { readonly lastTakenIn: number; readonly limits: FoldLimits },
): FoldGroup | undefined {
  const { lastTakenIn, limits } = options;
  const first = foldedUntil(names.folded) + 1;
  const sizes = winnerSizes(names);
  let bytes = 0;
  for (let number = first; number < lastTakenIn; number++) {
    const size = sizes.get(number);
    if (size === undefined) return undefined;
    bytes += size;
    // Full with the batch before it.
    if (number > first && bytes > limits.bytes) return { first, last: number - 1 };
    if (number - first + 1 === limits.batches) return { first, last: number };
  }
  return undefined;
}

/** The number up to which all are folded; a file behind a gap counts for nothing. */
function foldedUntil(folded: readonly FoldedFile[]): number {
  let until = 0;
  for (const { first, last } of folded) if (first <= until + 1) until = Math.max(until, last);
  return until;
}

/** Of manifests whose batchId the only done mark of the number names. */
function winnerSizes({ manifests, done }: BatchNames): ReadonlyMap<number, number> {
  const sizes = new Map<number, number>();
  for (const { number, batchId, size } of manifests) {
    const marks = done.get(number);
    if (marks?.length === 1 && marks[0] === batchId) sizes.set(number, size);
  }
  return sizes;
}

/** True when a fold would find something to do. */
export function isFoldDue(names: BatchNames, options: Parameters<typeof planFold>[1]): boolean {
  return filesWithOriginals(names).length > 0 || planFold(names, options) !== undefined;
}

/** Files of folded batches beside which something still stands of what they hold, ascending. */
export function filesWithOriginals({ manifests, done, folded }: BatchNames): readonly FoldedFile[] {
  const left = new Set<number>();
  for (const number of done.keys()) if (isFolded(folded, number)) left.add(number);
  for (const { number } of manifests) if (isFolded(folded, number)) left.add(number);
  return folded.filter(({ first, last }) => [...left].some((number) => first <= number && number <= last));
}
