/** What the names in the folder of batches say, from one listing; nothing is read. */
import type { Storage } from "../storage/storage.ts";
import { batchesFolder, parseBatchName, parseFoldedName } from "./state-keys.ts";

export interface NamedManifest {
  readonly key: string;
  readonly number: number;
  readonly batchId: string;
  /** Bytes. */
  readonly size: number;
}

/** A file of folded batches. */
export interface FoldedFile {
  readonly key: string;
  /** Numbers of the first and of the last batch that it holds. */
  readonly first: number;
  readonly last: number;
}

export interface BatchNames {
  /** Ascending by number, then by batchId; those of lost attempts among them. */
  readonly manifests: readonly NamedManifest[];
  /** The batchIds that done marks name, by number: one, unless somebody put another there. Ascending. */
  readonly done: ReadonlyMap<number, readonly string[]>;
  /** Ascending by first number, then by last. They may overlap, and then say the same. */
  readonly folded: readonly FoldedFile[];
}

export async function listBatchNames(storage: Storage, pipeline: string): Promise<BatchNames> {
  const manifests: NamedManifest[] = [];
  const done = new Map<number, readonly string[]>();
  const folded: FoldedFile[] = [];
  for await (const { key, size } of storage.list({ prefix: batchesFolder(pipeline) })) {
    const range = parseFoldedName(key);
    if (range !== undefined) folded.push({ key, ...range });
    const name = parseBatchName(key);
    if (name === undefined) continue;
    const { kind, number, batchId } = name;
    if (kind === "manifest") manifests.push({ key, number, batchId, size });
    else done.set(number, [...(done.get(number) ?? []), batchId]);
  }
  return { manifests, done, folded };
}

/** True for a number that one of the files holds. */
export function isFolded(folded: readonly FoldedFile[], number: number): boolean {
  return folded.some(({ first, last }) => first <= number && number <= last);
}

/** The highest number that is known to be done, by its mark or in a file of folded batches; 0 for none. */
export function lastDoneOf({ done, folded }: BatchNames): number {
  let last = 0;
  for (const number of done.keys()) last = Math.max(last, number);
  for (const file of folded) last = Math.max(last, file.last);
  return last;
}
