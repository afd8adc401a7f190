import type { Storage } from "../storage/storage.ts";

/** Puts an object of the log that may be there already. Hadoop checks a file against its `.name.crc` sibling, which is stale as soon as the file is replaced. */
export async function replaceObject(
  storage: Storage,
  key: string,
  put: (key: string) => Promise<unknown>,
): Promise<void> {
  const slash = key.lastIndexOf("/") + 1;
  const sibling = `${key.slice(0, slash)}.${key.slice(slash)}.crc`;
  if ((await storage.head(sibling)) !== undefined) await storage.delete(sibling);
  await put(key);
}
