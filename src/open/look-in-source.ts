/** What lies in a source under a name that a person gives, and why a listing passes it by. Only looks. */
import { readdirSync, statSync } from "node:fs";
import type { Pipeline } from "../declaration/declaration.ts";
import { decodePathBytes, encodePathBytes } from "../base/path-bytes.ts";
import { meantKeys, namedSo, possibleKeys } from "../operate/file-names.ts";
import { localSource } from "../sources/local-source.ts";
import type { PassedBy } from "../sources/passed-by.ts";
import type { Source } from "../sources/source.ts";
import { findPlaces, sourceOf } from "./find-places.ts";
import { sourceFiles } from "./source-files.ts";

export interface SeenInSource {
  readonly source: string;
  readonly key: string;
  /** Undefined: a listing takes it. */
  readonly passedBy: PassedBy | undefined;
}

/** A source as its declaration has it. @throws LandfallError SOURCE_MISSING, OVERLAP */
export function declaredSource(pipeline: Pipeline): Source {
  return sourceOf(pipeline, findPlaces({ pipeline }));
}

/** A source of which only the folder is known: the defaults stand for what its declaration may say. */
export function sourceByDefault(root: string): Source {
  const { accepts, names } = sourceFiles({ filter: {}, pathGlobFilter: undefined, format: "text" });
  return localSource({ root, accepts, names });
}

/** The file under that very path below the source; undefined where none lies there. */
export function lookInSource(
  source: Source,
  { name, absolute }: { readonly name: string; readonly absolute: readonly string[] },
): SeenInSource | undefined {
  for (const key of possibleKeys({ name, absolute, source: source.location })) {
    if (key.startsWith("/") || !key.isWellFormed() || key.split("/").includes("..")) continue;
    const info = statSync(decodePathBytes(source.path(key)), { throwIfNoEntry: false });
    if (info?.isFile() !== true) continue;
    return { source: source.location, key, passedBy: source.passedBy?.(key) };
  }
  return undefined;
}

/** Files anywhere in the source whose last parts are the name, or that the glob takes: also in folders that no listing enters. */
export function searchSource(source: Source, name: string): SeenInSource[] {
  const isNamedSo = namedSo(name);
  const found = [...keysBelow(source, "")].filter(isNamedSo);
  return meantKeys(found, name).map((key) => ({
    source: source.location,
    key,
    passedBy: source.passedBy?.(key),
  }));
}

/** Links to folders are not followed, and what may not be listed is left out. */
function* keysBelow(source: Source, prefix: string): Generator<string> {
  const folder = prefix === "" ? source.location : decodePathBytes(source.path(prefix.slice(0, -1)));
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true, encoding: "buffer" });
  } catch {
    return;
  }
  for (const entry of entries) {
    const key = prefix + encodePathBytes(entry.name);
    if (entry.isDirectory()) yield* keysBelow(source, `${key}/`);
    else if (entry.isFile()) yield key;
  }
}
