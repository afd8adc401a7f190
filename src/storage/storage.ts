/**
 * The object-store port. One value of it stands for one root (a table's folder, a source's folder); keys are relative to it,
 * separated by `/`, percent-encoded as `base/path-bytes.ts` says where the store's names are bytes.
 *
 * What every adapter promises (test/contracts/storage-contract.ts checks it):
 * - `put`, `putFile`, `copy` are atomic: a reader sees the whole object or none; when they resolve, the object is durable
 *   (local: file and folder are fsynced).
 * - With `ifAbsent`, of any number of writers at once exactly one gets "created"; the others get "exists" and change nothing.
 * - Objects are listed in ascending order of their keys' bytes.
 */
export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Last modification: nanoseconds since the epoch as text on local disk, an ISO instant's nanoseconds elsewhere. */
  readonly modifiedNs: string;
  /** Unquoted, where the store has one. */
  readonly etag?: string;
}

export interface ListOptions {
  /** Only keys that begin with it; need not end at a `/`. Default: all. */
  readonly prefix?: string;
  /** Only keys after this one. */
  readonly startAfter?: string;
  /** Links to files are listed as the files that they lead to. Default: they are left out. */
  readonly links?: boolean;
  readonly signal?: AbortSignal;
}

export interface PutOptions {
  /** Fail with "exists", changing nothing, when the key is taken. Default: overwrite. */
  readonly ifAbsent?: boolean;
}

export type PutOutcome = "created" | "exists";

export interface Storage {
  /** The root as people write it: a path or an URL without secrets. */
  readonly location: string;
  /** All objects below the prefix, whatever their depth. Nothing at all when the root or prefix does not exist. */
  list(options?: ListOptions): AsyncIterable<ObjectInfo>;
  /** The keys that `list` gives, in its order, without looking at each object: on local disk that look is most of a listing's cost. */
  keys(options?: ListOptions): AsyncIterable<string>;
  /** Names of the folders directly below a prefix that ends at a `/` (or is empty), ascending. Empty when there is none. */
  folders(prefix: string): Promise<string[]>;
  /** Undefined when there is no such object. */
  head(key: string): Promise<ObjectInfo | undefined>;
  /** The object's bytes. @throws LandfallError OBJECT_MISSING, STORAGE_FAILED */
  get(key: string): Promise<Buffer>;
  /** Writes an object of a size that fits in memory. @throws LandfallError STORAGE_FAILED, STORAGE_FULL */
  put(key: string, content: Buffer | string, options?: PutOptions): Promise<PutOutcome>;
  /**
   * Puts a local file there, which is gone afterwards where that is cheaper (a rename on the same file system) and may be left
   * where it is not; the caller no longer counts on it either way.
   */
  putFile(key: string, localPath: string, options?: PutOptions): Promise<PutOutcome>;
  /** Removes the object, or several in the order named; nothing happens for one that is not there. Durable when it resolves. */
  delete(key: string | readonly string[]): Promise<void>;
  /**
   * Removes what writes that were cut off left of objects directly in the prefix's folder whose keys begin with it; no object is
   * touched. A `put` of a living
   * process that it meets writes again; a `putFile` fails.
   */
  removeLeftovers(prefix: string): Promise<void>;
  /**
   * Makes an object durable that somebody else put, who may have died before that: what is seen is not yet what a power cut leaves.
   * Nothing happens when it is not there.
   */
  makeDurable(key: string): Promise<void>;
  /** A path that the engine can read the object from, where the store lies on local disk. */
  localPath?(key: string): string;
}

/** Collects `list` into an array: for places where the number of objects is known to be small. */
export async function listAll(storage: Storage, options?: ListOptions): Promise<ObjectInfo[]> {
  const objects: ObjectInfo[] = [];
  for await (const object of storage.list(options)) objects.push(object);
  return objects;
}
