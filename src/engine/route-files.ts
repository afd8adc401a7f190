/** Which files of a batch the engine reads as they lie there, and which must be brought into shape first. Pure. */
import { misfitsOf, type TargetNode } from "../schema/fit.ts";
import type { JobFile, PrepareFile, ScanJobResult, ScannedFile, TextFormat } from "./scan/scan-jobs.ts";

/** Files below it are copied together before DuckDB sees them. */
export const SMALL_FILE_BYTES = 1024 ** 2;

/** What the first pass found. */
export interface ScannedBatch {
  /** By rank. */
  readonly files: readonly ScannedFile[];
  readonly trie: ScanJobResult["trie"];
  readonly jobs: readonly { readonly files: readonly JobFile[]; readonly result: ScanJobResult }[];
}

export interface Routes {
  readonly asTheyAre: readonly { readonly rank: number; readonly path: string }[];
  /** Files of which every record fits, copied while they were scanned. */
  readonly gathered: readonly string[];
  readonly toPrepare: readonly PrepareFile[];
}

/** How rows tell their file, or the member of an archive. */
export function partName(rank: number, member: string | undefined): string {
  return member === undefined ? String(rank) : `${rank}/${member}`;
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
  const asTheyAre: { rank: number; path: string }[] = [];
  const gathered: string[] = [];
  const toPrepare: PrepareFile[] = [];
  for (const { files, result } of scanned.jobs) {
    // A trie speaks for its job: a job of several files with a misfit is looked at file by file in the second pass.
    const fits = format === "json" && !marksAll && misfitsOf({ trie: result.trie, target }).length === 0;
    if (fits && result.gathered !== undefined) gathered.push(result.gathered);
    for (const file of files) {
      const { damage, parts } = scanned.files[file.rank]!;
      if (damage !== undefined) continue;
      for (const part of parts) {
        if (part.records === 0 || (fits && part.gathered)) continue;
        const { member, bytes, plainPath = file.path, isMade } = part;
        const isLarge = bytes >= SMALL_FILE_BYTES || part.plainPath !== undefined;
        if (fits && isLarge && part.malformed === 0 && !part.marked) {
          asTheyAre.push({ rank: file.rank, path: plainPath });
        } else {
          const key = member === undefined ? file.key : `${file.key}/${member}`;
          const name = partName(file.rank, member);
          toPrepare.push({ ...file, key, name, size: bytes, plainPath, isMade });
        }
      }
    }
  }
  return { asTheyAre, gathered, toPrepare };
}
