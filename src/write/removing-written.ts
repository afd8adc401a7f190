import type { Storage } from "../storage/storage.ts";

/**
 * The answer of `work`. Where it fails, what was written for it goes: no version names it.
 *
 * @param written storage keys, more of which `work` may add
 */
export async function removingWritten<T>(
  storage: Pick<Storage, "delete">,
  written: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // What cannot be removed now is an orphan, which a vacuum removes.
    await storage.delete(written).catch(() => {});
    throw error;
  }
}
