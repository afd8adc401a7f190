/** Which files of a source belong to a pipeline, and which format their names agree on. */
import picomatch from "picomatch";
import { LandfallError } from "../base/landfall-error.ts";
import { displayKey, encodePathBytes, keyText } from "../base/path-bytes.ts";
import { FORMATS, type FileFormat } from "../formats/format-options.ts";
import { formatOfName } from "../formats/format-of-name.ts";
import type { SourceFilter } from "../declaration/source-location.ts";
import { UNFINISHED_NAMES } from "../declaration/unfinished-names.ts";
import type { NameRules } from "../sources/name-rules.ts";

export interface SourceFiles {
  readonly names: NameRules;
  readonly accepts: (key: string) => boolean;
  /** The format of every file that was accepted. @throws LandfallError USAGE when their names do not agree on one */
  format(): FileFormat;
  /**
   * The same; but names that tell none go along with the format that earlier batches were read as, so that a README that somebody
   * drops keeps no pipeline from going on, also after a restart. `earlier` is asked only then.
   *
   * @throws LandfallError USAGE; what `earlier` throws
   */
  formatAfter(earlier: () => Promise<FileFormat | undefined>): Promise<FileFormat>;
}

export function sourceFiles(options: {
  readonly filter: SourceFilter;
  readonly pathGlobFilter: string | undefined;
  readonly format: FileFormat | undefined;
  /** Patterns of names that are passed by. Undefined: those of files that are not finished, but what the filter itself names. */
  readonly ignore?: readonly string[] | undefined;
  readonly ignoreHidden?: boolean | undefined;
}): SourceFiles {
  const { filter, pathGlobFilter } = options;
  // Where hidden names are read at all, `*` takes them too.
  const globbing = { noextglob: true, dot: options.ignoreHidden === false };
  const byPath = filter.globs === undefined ? undefined : picomatch([...filter.globs], globbing);
  const names = filter.files === undefined ? undefined : new Set(filter.files.map(encodePathBytes));
  const byName = pathGlobFilter === undefined ? undefined : picomatch(pathGlobFilter, globbing);
  const seen = new Map<FileFormat | "unknown", string>();
  // Told once: a pipeline that keeps running does not end because somebody drops a README later, which is read like the others.
  let told = options.format;
  const all = byPath === undefined && names === undefined && byName === undefined;

  const meant = (key: string): boolean => {
    const path = keyText(key);
    if (byName !== undefined && !byName(path.slice(path.lastIndexOf("/") + 1))) return false;
    if (byPath === undefined && names === undefined) return true;
    return byPath?.(path) === true || names?.has(key) === true;
  };
  const format = (): FileFormat => {
    if (told !== undefined) return told;
    const [first] = seen.keys();
    if (seen.size !== 1 || first === undefined || first === "unknown") throw formatUnclear(seen);
    return (told = first);
  };
  return {
    names: {
      ignoreHidden: options.ignoreHidden ?? true,
      ignoredBy: ignoredBy(options.ignore ?? unfinishedNames({ filter, pathGlobFilter })),
    },
    accepts(key) {
      if (!all && !meant(key)) return false;
      if (told === undefined) {
        const format = formatOfName(key);
        if (!seen.has(format)) seen.set(format, displayKey(key));
      }
      return true;
    },
    format,
    async formatAfter(earlier) {
      if (told === undefined && seen.has("unknown")) {
        const format = await earlier();
        // Another format that a name does tell is a person's mistake, and its files would all be rejected.
        if ([...seen.keys()].every((one) => one === "unknown" || one === format)) told = format;
      }
      return format();
    },
  };
}

/** A person who writes `*.tmp` or names `a.part` means these files. */
function unfinishedNames({
  filter,
  pathGlobFilter,
}: {
  readonly filter: SourceFilter;
  readonly pathGlobFilter: string | undefined;
}): readonly string[] {
  const named = [...(filter.files ?? []), ...(filter.globs ?? []), pathGlobFilter ?? ""].map((path) =>
    path.slice(path.lastIndexOf("/") + 1),
  );
  return UNFINISHED_NAMES.filter((pattern) => {
    const matches = picomatch(pattern, NAMES);
    return !named.some((name) => matches(name));
  });
}

/** Names are compared one by one, those of folders too. */
const NAMES = { noextglob: true, dot: true } as const;

function ignoredBy(patterns: readonly string[]): (name: string) => string | undefined {
  const compiled = patterns.map((pattern) => picomatch.makeRe(pattern, NAMES));
  // Every name of every listing comes here: one expression for all patterns, and which it was only where one is met.
  const any = new RegExp(compiled.map(({ source }) => `(?:${source})`).join("|") || "(?!)");
  return (name) => {
    const text = keyText(name);
    return any.test(text) ? patterns[compiled.findIndex((one) => one.test(text))] : undefined;
  };
}

function formatUnclear(seen: ReadonlyMap<string, string>): LandfallError {
  const examples = [...seen].map(([format, key]) => `${key} (${format})`).join(", ");
  return new LandfallError("USAGE", {
    message: `The names of the source's files do not agree on one format: ${examples}.`,
    hint: `Say which with source.format or --format (${FORMATS.join(", ")}), and choose the files with source.pathGlobFilter, --path-glob-filter or a glob.`,
  });
}
