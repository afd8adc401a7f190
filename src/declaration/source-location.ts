/**
 * Where a source is and which of its files are meant: a folder, files or globs, parted into one literal folder, which is the
 * pipeline's source, and a filter, which is no part of its identity (exactly-once rules, §1). Pure: the caller brings `stat`.
 */
import { LandfallError } from "../base/landfall-error.ts";
import { locationFault } from "./value-faults.ts";

/** What lies at a path, links followed. */
export type PathKind = "file" | "folder" | "missing";

/** Which files of a folder are meant; neither field: all of them. A file is meant if any glob or name fits. */
export interface SourceFilter {
  /**
   * Globs over paths relative to the folder: `*`, `?`, `[abc]`, `{a,b}`, `**`, backslash escapes; no extended globs. Each pattern
   * comes twice, as itself and with `/**` behind, since a glob may mean folders, as in Spark.
   */
  readonly globs?: readonly string[];
  /** Names, literally, of files in the folder itself. */
  readonly files?: readonly string[];
}

export interface SourceSplit {
  /** The folder as it was written, without `.` and empty parts; `.` for the current one. */
  readonly base: string;
  readonly filter: SourceFilter;
}

type Part = { readonly base: string } & (
  | { readonly kind: "folder" }
  | { readonly kind: "file"; readonly name: string }
  | { readonly kind: "glob"; readonly globs: readonly string[] }
);

/**
 * Parts source arguments into their folder and a filter. What exists is taken literally, whatever characters it holds, since a
 * shell may have expanded it; only what does not exist is read as a glob. A folder beside its own files means the whole folder.
 *
 * @throws LandfallError USAGE for no argument, an empty one, another store than this machine's, `..` behind a wildcard, and
 * arguments in different folders; SOURCE_MISSING for a path without wildcards where nothing lies
 */
export function splitSourceArguments(options: {
  readonly arguments: readonly string[];
  readonly stat: (path: string) => PathKind;
}): SourceSplit {
  const parts = options.arguments.map((argument) => splitArgument(argument, options.stat));
  const [first] = parts;
  if (!first) throw usage("no source is given", "Name a folder, a file or a glob.");
  const other = parts.findIndex((part) => part.base !== first.base);
  if (other >= 0) {
    throw usage(
      `the sources ${JSON.stringify(options.arguments[0])} and ${JSON.stringify(options.arguments[other])} are in different folders`,
      "Files of one pipeline share one folder: name that folder, or put the glob in quotes so that Landfall and not the shell expands it.",
    );
  }
  if (parts.some((part) => part.kind === "folder")) return { base: first.base, filter: {} };
  const globs = unique(parts.flatMap((part) => (part.kind === "glob" ? part.globs : [])));
  const files = unique(parts.flatMap((part) => (part.kind === "file" ? [part.name] : [])));
  return {
    base: first.base,
    filter: { ...(globs.length > 0 ? { globs } : {}), ...(files.length > 0 ? { files } : {}) },
  };
}

function splitArgument(argument: string, stat: (path: string) => PathKind): Part {
  const fault = locationFault(argument);
  if (fault) throw usage(`the source ${JSON.stringify(argument)} ${fault.message}`, fault.hint);
  const kind = stat(argument);
  if (kind === "folder") return { kind, base: plainPath(argument) };
  const segments = argument.split("/");
  if (kind === "file") {
    return { kind, base: folderOf(argument, segments.slice(0, -1)), name: segments.at(-1)! };
  }
  const wild = segments.findIndex((_segment, index) => isGlob(segments, index));
  if (wild >= 0) return globPart(argument, segments, wild);
  throw new LandfallError("SOURCE_MISSING", {
    message: `the source ${JSON.stringify(argument)} does not exist`,
    hint: "Check the path; relative ones are relative to the current folder, or to the declaration's in a file.",
  });
}

function globPart(argument: string, segments: readonly string[], wild: number): Part {
  const rest = segments
    .slice(wild)
    .filter((segment, index) => index === 0 || (segment !== "" && segment !== "."));
  if (rest.includes("..")) {
    throw usage(
      `the source ${JSON.stringify(argument)} has .. behind a wildcard`,
      "Name the folder without it.",
    );
  }
  const pattern = rest.join("/");
  const inFolders = pattern.endsWith("**") ? [] : [`${pattern}/**`];
  const globs = argument.endsWith("/") && inFolders.length > 0 ? inFolders : [pattern, ...inFolders];
  return { kind: "glob", base: folderOf(argument, segments.slice(0, wild).map(unescapeSegment)), globs };
}

/** Whether a segment begins a glob: a wildcard, or a bracket or brace that closes (a brace may close in a later segment). */
function isGlob(segments: readonly string[], index: number): boolean {
  const segment = withoutEscapes(segments[index]!);
  if (/[*?]|\[[^\]]+\]/.test(segment)) return true;
  return (
    /\{.*\}/.test(withoutEscapes(segments.slice(index).join("/")).replace(/^[^{]*/, "")) &&
    segment.includes("{")
  );
}

function withoutEscapes(pattern: string): string {
  return pattern.replaceAll(/\\./g, "_");
}

function unescapeSegment(segment: string): string {
  return segment.replaceAll(/\\(.)/g, "$1");
}

function folderOf(argument: string, segments: readonly string[]): string {
  return plainPath(argument.startsWith("/") ? `/${segments.join("/")}` : segments.join("/"));
}

// `..` stays: behind a link it does not undo the part before it.
function plainPath(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (path.startsWith("/")) return `/${parts.join("/")}`;
  return parts.length === 0 ? "." : parts.join("/");
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function usage(message: string, hint?: string): LandfallError {
  return new LandfallError("USAGE", { message, ...(hint === undefined ? {} : { hint }) });
}
