/** A store that is only read, while whoever works on it may write: what is written stays in memory and is gone with the value. */
import { memoryStorage } from "./memory-storage.ts";
import type { ObjectInfo, Storage } from "./storage.ts";

/** A view of `below` that never changes it: reads see what was written here, and `below` for everything else. */
export function overlayStorage(below: Storage): Storage {
  const above = memoryStorage();
  const deleted = new Set<string>();
  const head = async (key: string): Promise<ObjectInfo | undefined> =>
    (await above.head(key)) ?? (deleted.has(key) ? undefined : await below.head(key));
  const anyLeft = async (prefix: string): Promise<boolean> => {
    for await (const { key } of below.list({ prefix })) if (!deleted.has(key)) return true;
    return false;
  };
  const write = async (
    key: string,
    ifAbsent: boolean,
    put: () => Promise<unknown>,
  ): Promise<"created" | "exists"> => {
    if (ifAbsent && (await head(key)) !== undefined) return "exists";
    // Of several who found the key free, the first to get here creates it.
    if (ifAbsent && above.objects.has(key)) return "exists";
    await put();
    return "created";
  };

  return {
    location: below.location,
    list: (options) => merged(above.list(options), below.list(options), { deleted, keyOf: ({ key }) => key }),
    keys: (options) => merged(above.keys(options), below.keys(options), { deleted, keyOf: (key) => key }),
    async folders(prefix) {
      const names = new Set(await above.folders(prefix));
      for (const name of await below.folders(prefix)) {
        if (deleted.size === 0 || (await anyLeft(`${prefix}${name}/`))) names.add(name);
      }
      return [...names].sort();
    },
    head,
    get: async (key) => (above.objects.has(key) || deleted.has(key) ? above.get(key) : below.get(key)),
    put: (key, content, options) => write(key, options?.ifAbsent === true, () => above.put(key, content)),
    putFile: (key, localPath, options) =>
      write(key, options?.ifAbsent === true, () => above.putFile(key, localPath)),
    async delete(keys) {
      await above.delete(keys);
      for (const key of [keys].flat()) deleted.add(key);
    },
    // Both would change `below`; nothing that stays is made of what is seen here.
    async removeLeftovers() {},
    async makeDurable() {},
    // What was written here has no path; only checkpoints and data files are asked for by path, and nobody writes those to look on.
    ...(below.localPath === undefined ? {} : { localPath: (key: string) => below.localPath!(key) }),
  };
}

/** Both lists in one, in order; a key that is in both comes from `above`. */
async function* merged<T>(
  above: AsyncIterable<T>,
  below: AsyncIterable<T>,
  { deleted, keyOf }: { readonly deleted: ReadonlySet<string>; readonly keyOf: (object: T) => string },
): AsyncGenerator<T> {
  const written: T[] = [];
  for await (const object of above) written.push(object);
  const keys = new Set(written.map(keyOf));
  let next = 0;
  for await (const object of below) {
    const key = keyOf(object);
    while (next < written.length && keyOf(written[next]!) < key) yield written[next++]!;
    if (!keys.has(key) && !deleted.has(key)) yield object;
  }
  while (next < written.length) yield written[next++]!;
}
