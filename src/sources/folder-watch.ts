/**
 * What may have changed below a folder, told by the kernel: hints that shorten the wait between listings, and prove nothing
 * (exactly-once rules, §2). One watch for each folder and none for files: a million of them cost nothing.
 */
import { readdirSync, statSync, watch, type FSWatcher } from "node:fs";
import { systemCodeOf } from "../base/landfall-error.ts";
import { networkFileSystemAt } from "../base/network-file-system.ts";
import { decodePathBytes, encodePathBytes } from "../base/path-bytes.ts";
import type { Hints, SourceWatch } from "./source.ts";

/** With more names than that a listing is as quick. */
const MAX_KEYS = 20_000;

/** Watches the folder itself, and where `recursive` is set all below it, also those that come later. */
export function watchFolder(options: {
  /** Absolute. */
  readonly root: string;
  readonly recursive: boolean;
  /** False for an encoded name that no hint is wanted of; a folder of that name is not watched. */
  readonly looksAt: (name: string) => boolean;
}): SourceWatch {
  const { recursive, looksAt } = options;
  const rootKey = encodePathBytes(options.root);
  /** By prefix: empty, or a key that ends in a slash. */
  const watchers = new Map<string, FSWatcher>();
  let hints = noHints();
  let fault: Error | undefined;
  let tell: (() => void) | undefined;

  const hint = (key: string | undefined): void => {
    if (key === undefined || hints.keys.size >= MAX_KEYS) hints.isPartial = true;
    else hints.keys.add(key);
    tell?.();
  };
  const pathOf = (key: string): Buffer => decodePathBytes(key === "" ? rootKey : `${rootKey}/${key}`);

  const add = (prefix: string): void => {
    if (watchers.has(prefix)) return;
    const path = pathOf(prefix.slice(0, -1));
    try {
      // The watch first, then the look below: a folder that comes in between is told.
      const watcher = watch(path, { encoding: "buffer", persistent: false }, (_event, name) => {
        if (name === null) hint(undefined);
        else seen(prefix, name);
      });
      watchers.set(prefix, watcher);
      watcher.on("error", () => drop(prefix));
      if (!recursive) return;
      for (const entry of readdirSync(path, { withFileTypes: true, encoding: "buffer" }))
        if (entry.isDirectory() && looksAt(encodePathBytes(entry.name)))
          add(`${prefix}${encodePathBytes(entry.name)}/`);
    } catch (error) {
      // A folder that is gone again needs no watch.
      if (systemCodeOf(error) !== "ENOENT") fault ??= error as Error;
    }
  };
  /** With all below it: a folder that was moved keeps telling under its old name. */
  const drop = (prefix: string): void => {
    for (const [below, watcher] of watchers) {
      if (!below.startsWith(prefix)) continue;
      watcher.close();
      watchers.delete(below);
    }
    hint(undefined);
  };
  const seen = (prefix: string, bytes: Buffer): void => {
    const name = encodePathBytes(bytes);
    if (!looksAt(name)) return;
    const key = prefix + name;
    if (!recursive) return hint(key);
    if (!isFolder(pathOf(key))) {
      if (watchers.has(`${key}/`)) drop(`${key}/`);
      return hint(key);
    }
    if (watchers.has(`${key}/`)) return;
    add(`${key}/`);
    // Files may have come into it before the watch did.
    hints.folders.add(`${key}/`);
    tell?.();
  };

  const network = networkFileSystemAt(options.root);
  if (network !== undefined)
    fault = new Error(`it lies on ${network}, which tells nothing of what others do there`);
  add("");
  return {
    get fault() {
      return fault;
    },
    wait({ milliseconds, signal }) {
      signal?.throwIfAborted();
      return new Promise((resolve, reject) => {
        const done = (finish: () => void): void => {
          tell = undefined;
          clearTimeout(timer);
          signal?.removeEventListener("abort", stop);
          finish();
        };
        const stop = (): void => done(() => reject(signal!.reason as Error));
        const timer = setTimeout(() => done(resolve), milliseconds);
        tell = () => done(resolve);
        signal?.addEventListener("abort", stop, { once: true });
        if (hints.isPartial || hints.keys.size > 0 || hints.folders.size > 0) tell();
      });
    },
    take(): Hints {
      const taken = hints;
      hints = noHints();
      return taken;
    },
    close() {
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

function noHints(): { keys: Set<string>; folders: Set<string>; isPartial: boolean } {
  return { keys: new Set(), folders: new Set(), isPartial: false };
}

function isFolder(path: Buffer): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
