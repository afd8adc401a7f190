/** Commits that were read once and are asked for again: of the thousands of a long log the opening costs more than the parsing. */
import type { Storage } from "../storage/storage.ts";
import { commitKey } from "./log-files.ts";

/** The bytes of commits of one table. A commit never changes, so they are true for every version of it. */
export interface HeldCommits {
  get(version: number): Buffer | undefined;
  /** Does nothing once so much is held that more would be felt. */
  hold(version: number, content: Buffer): void;
}

/** Bytes; 10,000 commits of one file each are a third of it. */
const MOST_BYTES = 32 * 1024 ** 2;
/** What a commit takes besides its bytes. */
const OVERHEAD = 256;

export function heldCommits(): HeldCommits {
  const contents = new Map<number, Buffer>();
  let left = MOST_BYTES;
  return {
    get: (version) => contents.get(version),
    hold(version, content) {
      const size = content.length + OVERHEAD;
      if (size > left || contents.has(version)) return;
      left -= size;
      contents.set(version, content);
    },
  };
}

/** A commit's bytes, from what is held where it is there. @throws LandfallError OBJECT_MISSING, STORAGE_FAILED */
export async function commitContent(options: {
  readonly storage: Storage;
  readonly version: number;
  readonly held: HeldCommits | undefined;
}): Promise<Buffer> {
  const { storage, version, held } = options;
  const known = held?.get(version);
  if (known !== undefined) return known;
  const content = await storage.get(commitKey(version));
  held?.hold(version, content);
  return content;
}
