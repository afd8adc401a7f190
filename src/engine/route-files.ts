/** Which files of a batch the engine reads as they lie there, and which must be brought into shape first. Pure. */
import { misfitsOf, type TargetNode } from "../schema/fit.ts";
import type { TrieNode } from "../schema/lattice.ts";
import { isWithinLines, MOST_PLAIN_GROUPS, plainGroupKey } from "./plain-csv.ts";
import { fitsWhole } from "./scan/csv-fit.ts";
import type { PlainCsv } from "./scan/csv-reader.ts";
import type {
  JobFile,
  PrepareFile,
  ScanJobResult,
  ScannedFile,
  ScannedPart,
  TextFormat,
} from "./scan/scan-jobs.ts";

/** Files below it are copied together before DuckDB sees them. */
export const SMALL_FILE_BYTES = 1024 ** 2;

/** What the first pass found. */
export interface ScannedBatch {
  /** By rank. */
  readonly files: readonly ScannedFile[];
  readonly trie: ScanJobResult["trie"];
  readonly jobs: readonly { readonly files: readonly JobFile[]; readonly result: ScanJobResult }[];
}

/** A file that the engine reads as it lies there. */
export interface StandingFile {
  readonly rank: number;
  readonly path: string;
}

export interface Routes {
  readonly asTheyAre: readonly StandingFile[];
  /** Files of which every record fits, copied while they were scanned. */
  readonly gathered: readonly string[];
  /** CSV files that the engine reads as they lie there, by their headers. */
  readonly plainCsv: readonly { readonly csv: PlainCsv; readonly files: readonly StandingFile[] }[];
  readonly toPrepare: readonly PrepareFile[];
}

/** How rows tell their file, or the member of an archive. */
export function partName(rank: number, member: string | undefined): string {
  return member === undefined ? String(rank) : `${rank}/${member}`;
}

/** The key that rejects and rescued values name: an archive's with the member behind it. */
export function partKey(key: string, member: string | undefined): string {
  return member === undefined ? key : `${key}/${member}`;
}

/** Which files the engine reads as they lie there, and which must be brought into shape first. */
export function routeFiles(options: {
  readonly scanned: ScannedBatch;
  readonly target: TargetNode;
  readonly format: TextFormat;
  /** Every record must be marked: none goes as it lies there. */
  readonly marksAll: boolean;
}): Routes {
  const { scanned, target, format, marksAll } = options;
  const asTheyAre: StandingFile[] = [];
  const plainCsv = new Map<string, PlainGroup>();
  const gathered: string[] = [];
  const toPrepare: PrepareFile[] = [];
  for (const { files, result } of scanned.jobs) {
    // A trie speaks for its job: a job of several files with a misfit is looked at file by file in the second pass.
    const fits = format !== "csv" && !marksAll && misfitsOf({ trie: result.trie, target }).length === 0;
    if (fits && result.gathered !== undefined) gathered.push(result.gathered);
    for (const file of files) {
      const { damage, parts } = scanned.files[file.rank]!;
      if (damage !== undefined) continue;
      for (const part of parts) {
        if (part.records === 0 || (fits && part.gathered)) continue;
        const { member, bytes, plainPath = file.path, isMade } = part;
        const csv = marksAll ? undefined : plainOf(part, result.trie, target);
        const group = csv && groupOf(plainCsv, csv);
        if (group !== undefined) {
          group.files.push({ rank: file.rank, path: plainPath });
          continue;
        }
        const isLarge = bytes >= SMALL_FILE_BYTES || part.plainPath !== undefined;
        if (fits && isLarge && part.malformed === 0 && !part.marked) {
          asTheyAre.push({ rank: file.rank, path: plainPath });
        } else {
          const key = partKey(file.key, member);
          const name = partName(file.rank, member);
          toPrepare.push({
            ...file,
            key,
            name,
            size: bytes,
            plainPath,
            isMade,
            isMember: member !== undefined,
          });
        }
      }
    }
  }
  return { asTheyAre, gathered, plainCsv: [...plainCsv.values()], toPrepare };
}

/** Small files are cheaper to put together. */
function plainOf(part: ScannedPart, trie: TrieNode, target: TargetNode): PlainCsv | undefined {
  const { plainCsv: csv, bytes, longest } = part;
  if (csv === undefined || bytes < SMALL_FILE_BYTES || !isWithinLines(csv, longest)) return undefined;
  return fitsWhole({ names: csv.names, trie, target }) ? csv : undefined;
}

type PlainGroup = { readonly csv: PlainCsv; readonly files: StandingFile[] };

/** Undefined for one header more than is worth a reader of its own. */
function groupOf(groups: Map<string, PlainGroup>, csv: PlainCsv): PlainGroup | undefined {
  const key = plainGroupKey(csv);
  const found = groups.get(key);
  if (found !== undefined || groups.size >= MOST_PLAIN_GROUPS) return found;
  const group: PlainGroup = { csv, files: [] };
  groups.set(key, group);
  return group;
}
