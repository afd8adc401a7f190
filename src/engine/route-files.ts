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

/** Which files the engine reads as they lie there, and which must be brought into shape first. */
export function routeFiles(options: {
  readonly scanned: ScannedBatch;
  readonly target: TargetNode;
  readonly format: TextFormat;
}): Routes {
  const { scanned, target, format } = options;
  const asTheyAre: { rank: number; path: string }[] = [];
  const gathered: string[] = [];
  const toPrepare: PrepareFile[] = [];
  for (const { files, result } of scanned.jobs) {
    // A trie speaks for its job: a job of several files with a misfit is looked at file by file in the second pass.
    const fits = format !== "csv" && misfitsOf({ trie: result.trie, target }).length === 0;
    if (fits && result.gathered !== undefined) gathered.push(result.gathered);
    for (const file of files) {
      const facts = scanned.files[file.rank]!;
      if (facts.damage !== undefined || facts.records === 0) continue;
      if (fits && facts.gathered) continue;
      const { plainPath = file.path, isMade } = facts;
      const whole = fits && facts.malformed === 0 && !facts.marked;
      if (whole && (facts.bytes >= SMALL_FILE_BYTES || facts.plainPath !== undefined)) {
        asTheyAre.push({ rank: file.rank, path: plainPath });
      } else {
        toPrepare.push({ ...file, size: facts.bytes, plainPath, isMade });
      }
    }
  }
  return { asTheyAre, gathered, toPrepare };
}
