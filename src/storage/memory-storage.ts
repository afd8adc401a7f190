import { readFileSync, rmSync } from "node:fs";
import { LandfallError } from "../base/landfall-error.ts";
import type { ObjectInfo, Storage } from "./storage.ts";

interface StoredObject {
  readonly content: Buffer;
  readonly modifiedNs: string;
}

/** Storage that is gone with the process: for tests and for the exhaustive check of the exactly-once rules. */
export function memoryStorage(
  options: { readonly location?: string; readonly nowNs?: () => bigint } = {},
): Storage & { readonly objects: Map<string, StoredObject> } {
  const location = options.location ?? "memory:";
  const nowNs = options.nowNs ?? (() => BigInt(Date.now()) * 1_000_000n);
  const objects = new Map<string, StoredObject>();
  const info = (key: string, object: StoredObject): ObjectInfo => ({
    key,
    size: object.content.length,
    modifiedNs: object.modifiedNs,
  });
  const store = (key: string, content: Buffer, ifAbsent: boolean): "created" | "exists" => {
    if (ifAbsent && objects.has(key)) return "exists";
    objects.set(key, { content, modifiedNs: nowNs().toString() });
    return "created";
  };

  return {
    location,
    objects,
    async *list({ prefix = "", startAfter, signal } = {}) {
      for (const key of [...objects.keys()].sort()) {
        signal?.throwIfAborted();
        if (!key.startsWith(prefix) || (startAfter !== undefined && key <= startAfter)) continue;
        const object = objects.get(key);
        if (object !== undefined) yield info(key, object);
      }
    },
    async *keys(options) {
      for await (const { key } of this.list(options)) yield key;
    },
    async folders(prefix) {
      const names = [...objects.keys()]
        .filter((key) => key.startsWith(prefix) && key.indexOf("/", prefix.length) > 0)
        .map((key) => key.slice(prefix.length, key.indexOf("/", prefix.length)));
      return [...new Set(names)].sort();
    },
    async head(key) {
      const object = objects.get(key);
      return object && info(key, object);
    },
    async get(key) {
      const object = objects.get(key);
      if (object === undefined) {
        throw new LandfallError("OBJECT_MISSING", {
          message: `Cannot read ${location}${key}: it does not exist.`,
          file: key,
        });
      }
      return object.content;
    },
    async put(key, content, putOptions) {
      return store(key, Buffer.from(content as Buffer), putOptions?.ifAbsent === true);
    },
    async putFile(key, localPath, putOptions) {
      const outcome = store(key, readFileSync(localPath), putOptions?.ifAbsent === true);
      rmSync(localPath);
      return outcome;
    },
    async delete(keys) {
      for (const key of [keys].flat()) objects.delete(key);
    },
    async removeLeftovers() {},
    async makeDurable() {},
  };
}
