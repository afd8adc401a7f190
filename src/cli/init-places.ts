/** Where things are and what they are called in the declaration that `init` writes. */
import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { LandfallError } from "../base/landfall-error.ts";
import { encodePathBytes } from "../base/path-bytes.ts";
import { defaultPipelineName } from "../declaration/default-name.ts";
import { splitSourceArguments, type PathKind, type SourceFilter } from "../declaration/source-location.ts";
import { canonicalPath } from "../base/canonical-path.ts";

export interface InitPlaces {
  /** Absolute, links resolved: where the declaration is to lie. */
  readonly out: string;
  readonly baseFolder: string;
  /** Canonical folder; undefined where none was named. */
  readonly source: string | undefined;
  readonly filter: SourceFilter;
  readonly names: { readonly pipeline: string; readonly source: string; readonly table: string };
  /** The declaration's key in the source, where it would lie there. */
  readonly declarationKey: string | undefined;
}

/** What the declaration says where no source was named: a person is to put theirs there. */
const PLACEHOLDER = { pipeline: "arrivals", source: "./arrivals", table: "./arrivals_table" };

/** @throws LandfallError USAGE where something lies at `out`, and for what is no source; SOURCE_MISSING */
export function initPlaces(options: {
  readonly source: string | undefined;
  readonly out: string;
}): InitPlaces {
  const out = canonicalPath(options.out);
  if (statSync(out, { throwIfNoEntry: false }) !== undefined) throw outIsTaken(out);
  const baseFolder = dirname(out);
  if (options.source === undefined) {
    return { out, baseFolder, source: undefined, filter: {}, names: PLACEHOLDER, declarationKey: undefined };
  }
  const split = splitSourceArguments({ arguments: [options.source], stat: pathKind });
  if (pathKind(split.base) !== "folder") {
    throw new LandfallError("SOURCE_MISSING", {
      message: `The source ${split.base} does not exist.`,
      hint: "Check the path; without one, init writes a declaration to fill in.",
    });
  }
  const source = canonicalPath(split.base);
  const name = defaultPipelineName({ location: source, baseFolder: "/" }).replace(/-[0-9a-f]{8}$/, "");
  const [glob] = split.filter.globs ?? [];
  const [file] = split.filter.files ?? [];
  const folder = writtenPath(baseFolder, source);
  // In a glob the folder's own brackets are escaped; alone it is taken as it stands.
  const location =
    glob === undefined
      ? file === undefined
        ? folder
        : `${folder}/${file}`
      : `${folder.replaceAll(/[\\*?[\]{}]/g, "\\$&")}/${glob}`;
  const key = relative(source, out);
  return {
    out,
    baseFolder,
    source,
    filter: split.filter,
    names: {
      pipeline: name,
      source: location,
      table: writtenPath(baseFolder, freeTable(join(dirname(source), `${name.replaceAll("-", "_")}_table`))),
    },
    declarationKey:
      key.startsWith("../") || split.filter.globs !== undefined || split.filter.files !== undefined
        ? undefined
        : encodePathBytes(key),
  };
}

export function outIsTaken(out: string): LandfallError {
  return new LandfallError("USAGE", {
    message: `${out} is there already; init overwrites nothing.`,
    hint: "Name another file with --out, or move that one away.",
    file: out,
  });
}

function pathKind(path: string): PathKind {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined) return "missing";
  return info.isDirectory() ? "folder" : "file";
}

/** As a person writes it: relative while it is near. */
function writtenPath(baseFolder: string, path: string): string {
  const near = relative(baseFolder, path);
  if (near === "") return ".";
  if (near.startsWith("../../../")) return path;
  return near.startsWith("../") || near === ".." ? near : `./${near}`;
}

/** A folder that is absent, empty or a table. */
function freeTable(wanted: string): string {
  for (let n = 1; ; n++) {
    const path = n === 1 ? wanted : `${wanted}_${n}`;
    const kind = pathKind(path);
    if (kind === "missing") return path;
    if (kind === "file") continue;
    const names = readdirSync(path).filter((name) => !name.startsWith("."));
    if (names.length === 0 || names.includes("_delta_log")) return path;
  }
}

/** The declaration as it is shown in a command: relative to where the person is. */
export function shownPath(path: string): string {
  const near = relative(".", path);
  return near.startsWith("../../") ? path : near === "" ? basename(path) : near;
}
