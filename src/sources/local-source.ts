/** A folder of the local file system as a source. Names are bytes: what is not UTF-8 is listed and read like any other. */
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  createReadStream,
  lstatSync,
  readdirSync,
  type BigIntStats,
  type Dirent,
} from "node:fs";
import { LandfallError, messageOf, systemCodeOf } from "../base/landfall-error.ts";
import { decodePathBytes, displayKey, encodePathBytes } from "../base/path-bytes.ts";
import type { Marker } from "../declaration/marker.ts";
import type { Observation } from "../ledger/ledger.ts";
import { watchFolder } from "./folder-watch.ts";
import { fileAt, isFolderInside, realFolder, type LocalPath } from "./links-inside.ts";
import { localHoldingFolder } from "./local-holding-folder.ts";
import { localMarkers, type MarkedFolder } from "./local-markers.ts";
import { markedWatch } from "./marked-watch.ts";
import { markerKeyOf, prefixOf } from "./marker-names.ts";
import { judgeKey, judgeName, type NameRules } from "./name-rules.ts";
import type { PassedBy } from "./passed-by.ts";
import type { ListOptions, Source, SourceListing, Unreadable } from "./source.ts";

const CHUNK = 10_000;

export interface LocalSourceOptions {
  /** Canonical absolute path of the folder (symbolic links resolved). */
  readonly root: string;
  /** True for a file that belongs to the source; gets the key, of names that the rules let pass. Default: all. */
  readonly accepts?: (key: string) => boolean;
  /** Default: hidden names are passed by, and no others. */
  readonly names?: NameRules;
  /** Only files that were last modified after the one and before the other; milliseconds since the epoch. Default: at any time. */
  readonly modifiedAfter?: number | undefined;
  readonly modifiedBefore?: number | undefined;
  /** Files are taken once their marker is there. Default: there are no markers. */
  readonly marker?: Marker | undefined;
  /** A folder that is never entered, canonical: the table, where it lies in the folder of named files. */
  readonly except?: string;
  /** Default: true. */
  readonly recursive?: boolean;
  /** `mtime`: size and modification time; `contentHash`: size and SHA-256 of the bytes. Default: `mtime`. */
  readonly generation?: "mtime" | "contentHash";
}

export function localSource(options: LocalSourceOptions): Source {
  const { root, accepts = () => true, names: rules = {}, recursive = true, generation = "mtime" } = options;
  const rootKey = encodePathBytes(root);
  const except = options.except === undefined ? undefined : `${encodePathBytes(options.except)}/`;
  // A plain path needs no buffer: a million of them would be garbage.
  const pathOf = (key: string): LocalPath => {
    const path = `${rootKey}/${key}`;
    return path.includes("%") ? decodePathBytes(path) : path;
  };

  const { modifiedAfter = -Infinity, modifiedBefore = Infinity } = options;
  const isAnyTime = modifiedAfter === -Infinity && modifiedBefore === Infinity;
  const isOfTime = ({ mtimeNs }: BigIntStats): boolean => {
    if (isAnyTime) return true;
    const milliseconds = Number(mtimeNs) / 1e6;
    return milliseconds > modifiedAfter && milliseconds < modifiedBefore;
  };

  const observe = (key: string, info: BigIntStats, hash?: string): Observation => {
    const size = Number(info.size);
    const modifiedNs = info.mtimeNs.toString();
    return { key, size, modifiedNs, generation: `${size}-${hash ?? modifiedNs}` };
  };
  // Not a promise for each file of a listing that hashes nothing.
  const hashOf =
    generation === "mtime" ? undefined : async (key: string): Promise<string> => contentHash(pathOf(key));

  const { marker } = options;
  const markers = marker === undefined ? undefined : localMarkers(marker, rootKey);
  const judgeOne = (name: string): PassedBy | undefined =>
    markers?.isMarker(name) === true ? { why: "marker" } : judgeName(name, rules);
  const isExcepted = (key: string): boolean => except !== undefined && `${rootKey}/${key}`.startsWith(except);
  /** As the listing judges by names alone. */
  const judge = (key: string): PassedBy | undefined => {
    if (isExcepted(key)) return { why: "own" };
    if (markers?.isMarker(key.slice(key.lastIndexOf("/") + 1)) === true) return { why: "marker" };
    const byName = judgeKey(key, rules);
    if (byName !== undefined) return byName;
    if (!recursive && key.includes("/")) return { why: "nested" };
    return accepts(key) ? undefined : { why: "filter" };
  };

  async function* walk(
    prefix: string,
    above: ReadonlySet<string>,
    listed: ListOptions,
    markedAbove?: MarkedFolder,
  ): AsyncGenerator<SourceListing> {
    const { signal, onPassedBy } = listed;
    signal?.throwIfAborted();
    // Before the folder is read: what its marker speaks for is all there then.
    const marked = markers?.markedBelow(prefix, markedAbove);
    const folder = decodePathBytes(prefix === "" ? rootKey : `${rootKey}/${prefix.slice(0, -1)}`);
    let names;
    try {
      names = namesIn(folder);
    } catch (error) {
      if (prefix === "") throw rootError(error, root);
      if (!isGone(error))
        yield { objects: [], unreadable: [unreadable(`${root}/${displayKey(prefix)}`, error)] };
      return;
    }
    const folders: string[] = [];
    let objects: Observation[] = [];
    let problems: Unreadable[] = [];
    for (const { name, entry } of names) {
      const key = prefix + name;
      const byName = entry.isDirectory() ? judgeName(name, rules) : judgeOne(name);
      if (byName !== undefined) {
        onPassedBy?.(entry.isDirectory() ? `${key}/` : key, byName);
        continue;
      }
      try {
        if (entry.isDirectory() || (entry.isSymbolicLink() && isFolderInside(pathOf(key), root))) {
          folders.push(`${key}/`);
          continue;
        }
        if (entry.isFile() && !accepts(key)) {
          onPassedBy?.(key, { why: "filter" });
          continue;
        }
        const info = fileAt(pathOf(key), root);
        if (info === undefined || (!entry.isFile() && !accepts(key))) continue;
        const why: PassedBy | undefined = isOfTime(info)
          ? markers?.judge(key, info, marked)
          : { why: "time" };
        if (why === undefined) objects.push(observe(key, info, hashOf && (await hashOf(key))));
        else onPassedBy?.(key, why);
      } catch (error) {
        if (!isGone(error)) problems.push(unreadable(`${root}/${displayKey(key)}`, error));
      }
      if (objects.length >= CHUNK) {
        yield { objects, unreadable: problems };
        objects = [];
        problems = [];
        signal?.throwIfAborted();
      }
    }
    if (objects.length > 0 || problems.length > 0) yield { objects, unreadable: problems };
    for (const child of folders) {
      if (isExcepted(child)) continue;
      if (!recursive) {
        onPassedBy?.(child, { why: "nested" });
        continue;
      }
      // A link may lead back up: a folder is never walked below itself.
      const real = realFolder(decodePathBytes(`${rootKey}/${child.slice(0, -1)}`));
      if (typeof real !== "string") {
        if (!isGone(real))
          yield { objects: [], unreadable: [unreadable(`${root}/${displayKey(child.slice(0, -1))}`, real)] };
        continue;
      }
      if (!above.has(real)) yield* walk(child, new Set([...above, real]), listed, marked);
    }
  }

  const lookAt = async (
    key: string,
    findReason: (info: BigIntStats) => PassedBy | undefined,
  ): Promise<Observation | undefined> => {
    if (judge(key) !== undefined) return undefined;
    try {
      const info = fileAt(pathOf(key), root);
      if (info === undefined || !isOfTime(info) || findReason(info) !== undefined) return undefined;
      return observe(key, info, await hashOf?.(key));
    } catch (error) {
      if (isGone(error)) return undefined;
      throw new LandfallError("SOURCE_UNREADABLE", {
        message: `Cannot look at ${root}/${displayKey(key)}: ${messageOf(error)}`,
        file: key,
        cause: error,
      });
    }
  };

  return {
    location: root,
    list(listed = {}) {
      const { below = "" } = listed;
      if (below !== "" && (!recursive || judgeKey(below, rules) !== undefined || isExcepted(below)))
        return walkNothing();
      // What arrives together is listed together.
      const marked = markers?.markedFolder(below);
      return walk(marked?.prefix ?? below, new Set([Buffer.from(root).toString("latin1")]), listed, marked);
    },
    look: (key) => lookAt(key, (info) => markers?.judge(key, info, markers.markedFolder(prefixOf(key)))),
    lies: (key) => lookAt(key, () => undefined),
    ...(marker?.kind === "suffix" ? { markerOf: (key) => markerKeyOf(key, marker) } : {}),
    hasMarkers: marker !== undefined,
    ...(marker?.kind === "file" ? { together: (key) => markers?.markedFolder(prefixOf(key))?.prefix } : {}),
    passedBy(key) {
      const byName = judge(key);
      if (byName !== undefined) return byName;
      const info = fileAt(pathOf(key), root);
      if (info === undefined) return undefined;
      return isOfTime(info)
        ? markers?.judge(key, info, markers.markedFolder(prefixOf(key)))
        : { why: "time" };
    },
    watch() {
      const looksAt = (name: string): boolean =>
        markers?.isMarker(name) === true || judgeName(name, rules) === undefined;
      const watch = watchFolder({ root, recursive, looksAt });
      return marker === undefined ? watch : markedWatch(watch, marker);
    },
    path: (key) => `${rootKey}/${key}`,
    holdingFolder: (pipelineId) =>
      localHoldingFolder({
        root: rootKey,
        pipelineId,
        async lookAt(path, key) {
          const bytes = decodePathBytes(path);
          const info = lstatSync(bytes, { bigint: true, throwIfNoEntry: false });
          if (!info?.isFile()) return undefined;
          const hash = generation === "contentHash" ? await contentHash(bytes) : undefined;
          return observe(key, info, hash);
        },
      }),
    readable(key) {
      try {
        accessSync(pathOf(key), constants.R_OK);
        return true;
      } catch (error) {
        return systemCodeOf(error) !== "EACCES" && systemCodeOf(error) !== "EPERM";
      }
    },
  };
}

/** Ascending by the encoded name. A name that is not UTF-8 shows as one with U+FFFD: then all are read as bytes, each a buffer of its own. */
function namesIn(folder: Buffer): { readonly name: string; readonly entry: Dirent | Dirent<Buffer> }[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const isText = !entries.some(({ name }) => name.includes("\uFFFD"));
  const all = isText ? entries : readdirSync(folder, { withFileTypes: true, encoding: "buffer" });
  const byName = new Map(all.map((entry) => [encodePathBytes(entry.name), entry]));
  // Without a comparison of our own, which a folder of many names would call for a good part of the listing's time.
  return [...byName.keys()].sort().map((name) => ({ name, entry: byName.get(name)! }));
}

async function* walkNothing(): AsyncGenerator<SourceListing> {}

/** It, or a folder above it, was removed or became a file since it was seen. */
function isGone(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

function unreadable(path: string, error: unknown): Unreadable {
  const code = systemCodeOf(error);
  return { path, reason: code === "EACCES" || code === "EPERM" ? "permission denied" : messageOf(error) };
}

function rootError(error: unknown, root: string): LandfallError {
  const code = systemCodeOf(error);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new LandfallError("SOURCE_MISSING", {
      message: `The source ${root} does not exist.`,
      hint: "Check the path; Landfall does not create sources.",
      cause: error,
    });
  }
  return new LandfallError("SOURCE_UNREADABLE", {
    message: `The source ${root} cannot be listed: ${unreadable(root, error).reason}.`,
    hint: "Give the user that runs landfall the right to read it.",
    cause: error,
  });
}

async function contentHash(path: LocalPath): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
