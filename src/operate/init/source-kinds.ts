/** What lies in a source, by format: a bounded listing, names first, first bytes where names tell nothing. Only reads. */
import { bytesOf } from "../../base/bytes-of.ts";
import { decodePathBytes, displayKey } from "../../base/path-bytes.ts";
import { endingOf, formatOfName } from "../../formats/format-of-name.ts";
import type { FileFormat } from "../../formats/format-options.ts";
import type { Observation } from "../../ledger/ledger.ts";
import type { Source } from "../../sources/source.ts";
import { readHead } from "../read-head.ts";
import { formatOfHead } from "./format-of-head.ts";

/** Files of one format. */
export interface SourceKind {
  readonly format: FileFormat;
  readonly files: readonly Observation[];
  readonly bytes: number;
  /** Of the names, as they are written; a name without one is not among them. */
  readonly endings: readonly string[];
  /** Files whose names have no ending: no glob over names tells them from others. */
  readonly unnamed: number;
}

export interface SourceKinds {
  /** The most frequent format first. */
  readonly kinds: readonly SourceKind[];
  readonly files: number;
  /** The listing was ended after so many files: there are more. */
  readonly isPartial: boolean;
  /** Places that could not be read. */
  readonly unreadable: readonly string[];
  /** What looks like a marker, by one file of its kind; undefined for none. */
  readonly marker: SeenMarker | undefined;
}

export type SeenMarker =
  | { readonly kind: "suffix"; readonly suffix: string; readonly of: string }
  | { readonly kind: "file"; readonly name: string; readonly of: string };

const MOST_FILES = 20_000;
const FOLDER_MARKER = "_SUCCESS";
const MARKER_SUFFIXES = [".done", ".ok", ".ready", ".complete", ".finished"];
const HEAD_BYTES = 64 * 1024;

/** @throws LandfallError SOURCE_MISSING, SOURCE_UNREADABLE where the source itself cannot be listed */
export async function sourceKinds(options: {
  readonly source: Source;
  readonly signal?: AbortSignal | undefined;
}): Promise<SourceKinds> {
  const { source, signal } = options;
  const byFormat = new Map<FileFormat, Observation[]>();
  /** One head is read for all files of an ending, and one for those without. */
  const byEnding = new Map<string, FileFormat>();
  const unreadable: string[] = [];
  let files = 0;
  let isPartial = false;
  let folderMarker: SeenMarker | undefined;
  const onPassedBy = (key: string): void => {
    if (key.slice(key.lastIndexOf("/") + 1) === FOLDER_MARKER)
      folderMarker ??= { kind: "file", name: FOLDER_MARKER, of: key };
  };
  const listed = source.list({ onPassedBy, ...(signal ? { signal } : {}) });
  listing: for await (const { objects, unreadable: problems } of listed) {
    unreadable.push(...problems.map(({ path, reason }) => `${path}: ${reason}`));
    for (const object of objects) {
      if (files >= MOST_FILES) {
        isPartial = true;
        break listing;
      }
      const format = await formatOf({ source, object, byEnding, signal });
      if (format === undefined) {
        unreadable.push(`${source.location}/${displayKey(object.key)}: cannot be read`);
        continue;
      }
      files += 1;
      const alike = byFormat.get(format) ?? [];
      alike.push(object);
      byFormat.set(format, alike);
    }
  }
  const kinds = [...byFormat].map(([format, objects]) => kindOf(format, objects));
  kinds.sort((a, b) => b.files.length - a.files.length || b.bytes - a.bytes);
  const marker = fileMarker([...byFormat.values()].flat()) ?? folderMarker;
  return { kinds, files, isPartial, unreadable, marker };
}

/** A file that is called like another one, and an ending that people give to markers. */
function fileMarker(files: readonly Observation[]): SeenMarker | undefined {
  const keys = new Set(files.map(({ key }) => key));
  for (const key of keys) {
    const suffix = MARKER_SUFFIXES.find((each) => key.endsWith(each));
    const of = suffix === undefined ? undefined : key.slice(0, -suffix.length);
    if (suffix !== undefined && of !== undefined && keys.has(of)) return { kind: "suffix", suffix, of };
  }
  return undefined;
}

function kindOf(format: FileFormat, files: readonly Observation[]): SourceKind {
  const endings = files.map(({ key }) => endingOf(key));
  const named = endings.filter((ending) => ending !== undefined);
  return {
    format,
    files,
    bytes: bytesOf(files),
    endings: [...new Set(named)].sort(),
    unnamed: endings.length - named.length,
  };
}

async function formatOf(options: {
  readonly source: Source;
  readonly object: Observation;
  readonly byEnding: Map<string, FileFormat>;
  readonly signal: AbortSignal | undefined;
}): Promise<FileFormat | undefined> {
  const { source, object, byEnding, signal } = options;
  const named = formatOfName(object.key);
  if (named !== "unknown") return named;
  const ending = endingOf(object.key) ?? "";
  const known = byEnding.get(ending);
  if (known !== undefined) return known;
  try {
    const path = decodePathBytes(source.path(object.key));
    const head = await readHead({ path, bytes: HEAD_BYTES, signal });
    const format = formatOfHead(head.bytes);
    if (head.bytes.length > 0) byEnding.set(ending, format);
    return format;
  } catch {
    signal?.throwIfAborted();
    // Without the right to read it, or gone meanwhile: the caller names it.
    return undefined;
  }
}
