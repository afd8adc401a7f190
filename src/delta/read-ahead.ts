/** Objects of a store in the order of their keys in a list, the next ones asked for while one is looked at. */
import type { Storage } from "../storage/storage.ts";

/** Enough to keep a store busy; commits are small, and a few large ones must not fill the memory. */
const AHEAD = 8;

/** @throws LandfallError OBJECT_MISSING, STORAGE_FAILED where the object comes up */
export async function* readAhead(
  storage: Storage,
  keys: readonly string[],
): AsyncGenerator<Buffer, undefined> {
  const asked: Promise<Buffer>[] = [];
  for (const [index] of keys.entries()) {
    while (asked.length < AHEAD && index + asked.length < keys.length) {
      const content = storage.get(keys[index + asked.length]!);
      // One that is never looked at fails for nobody.
      content.catch(() => {});
      asked.push(content);
    }
    yield await asked.shift()!;
  }
  return undefined;
}
