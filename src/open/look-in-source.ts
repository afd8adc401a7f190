/** What lies in a source under a name that a person gives, and why a listing passes it by. Only looks. */
import { statSync } from "node:fs";
import type { Pipeline } from "../declaration/declaration.ts";
import { decodePathBytes } from "../base/path-bytes.ts";
import { possibleKeys } from "../operate/file-names.ts";
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

/** Undefined where no file lies under the name. */
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
