/** Which files of a source belong to a pipeline, and what format their names say they have. */
import { extname } from "node:path/posix";
import picomatch from "picomatch";
import { LandfallError } from "../base/landfall-error.ts";
import { displayKey, encodePathBytes, keyText } from "../base/path-bytes.ts";
import { FORMATS, type FileFormat } from "../formats/format-options.ts";
import type { SourceFilter } from "../declaration/source-location.ts";

/** Text and any bytes have any names: they are said to be so. */
const FORMAT_OF_SUFFIX: Readonly<Record<string, FileFormat>> = {
  ".json": "json",
  ".ndjson": "json",
  ".jsonl": "json",
  ".csv": "csv",
  ".tsv": "csv",
  ".tab": "csv",
  ".parquet": "parquet",
  ".avro": "avro",
  ".xml": "xml",
};

export interface SourceFiles {
  readonly accepts: (key: string) => boolean;
  /** The format of every file that was accepted. @throws LandfallError USAGE when their names do not agree on one */
  format(): FileFormat;
}

export function sourceFiles(options: {
  readonly filter: SourceFilter;
  readonly pathGlobFilter: string | undefined;
  readonly format: FileFormat | undefined;
}): SourceFiles {
  const { filter, pathGlobFilter } = options;
  const byPath = filter.globs === undefined ? undefined : picomatch([...filter.globs], { noextglob: true });
  const names = filter.files === undefined ? undefined : new Set(filter.files.map(encodePathBytes));
  const byName = pathGlobFilter === undefined ? undefined : picomatch(pathGlobFilter, { noextglob: true });
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
  return {
    accepts(key) {
      if (!all && !meant(key)) return false;
      if (told === undefined) {
        const format = formatOfName(key);
        if (!seen.has(format)) seen.set(format, displayKey(key));
      }
      return true;
    },
    format() {
      if (told !== undefined) return told;
      const [first] = seen.keys();
      if (seen.size !== 1 || first === undefined || first === "unknown") throw formatUnclear(seen);
      return (told = first);
    },
  };
}

function formatOfName(key: string): FileFormat | "unknown" {
  // Nearly every name of a listing ends here.
  const plain = FORMAT_OF_SUFFIX[key.slice(key.lastIndexOf(".")).toLowerCase()];
  if (plain !== undefined && !/(^|\/)\.[^.]*$/.test(key)) return plain;
  const name = key.toLowerCase().replace(/(\.(gz|gzip|zst|zstd|bz2|zip|tar))+$/, "");
  return FORMAT_OF_SUFFIX[extname(name)] ?? "unknown";
}

function formatUnclear(seen: ReadonlyMap<string, string>): LandfallError {
  const examples = [...seen].map(([format, key]) => `${key} (${format})`).join(", ");
  return new LandfallError("USAGE", {
    message: `The names of the source's files do not agree on one format: ${examples}.`,
    hint: `Say which with --format ${FORMATS.join("|")}, and choose the files with --path-glob-filter or a glob.`,
  });
}
