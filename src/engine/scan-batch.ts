/** The first pass over the files of a batch: what they hold, by the threads of the pool. */
import { EMPTY_TRIE, mergeTries } from "../schema/lattice.ts";
import { bytesProgress } from "./bytes-progress.ts";
import { grouped } from "./group-files.ts";
import { SMALL_FILE_BYTES, type ScannedBatch } from "./route-files.ts";
import { scanRanges } from "./scan-ranges.ts";
import type { JobFile, JobLimits, ScanJobResult, ScannedFile } from "./scan/scan-jobs.ts";
import type { StageContext, TextRequest } from "./stage-text.ts";

/** Where jobs write, and within which limits. */
export interface Places {
  readonly inputs: string;
  readonly limits: JobLimits;
}

/** Files are ranked by their place in the request. */
export async function scanBatch(
  request: TextRequest,
  context: StageContext,
  places: Places,
): Promise<ScannedBatch> {
  const groups = grouped(
    request.files.map((file, rank) => ({ rank, key: file.key, path: file.path, size: file.size })),
  );
  const ranged = await scanAlone(request, context, places, groups);
  const results =
    ranged ??
    (await context.pool.run(
      groups.map((files) => ({
        kind: "scan",
        format: request.format,
        formats: request.formats,
        files,
        spillFolder: places.inputs,
        gatherBelow: SMALL_FILE_BYTES,
        countsDigits: request.prefersDecimal,
        limits: places.limits,
      })),
      { signal: context.signal, onBytes: bytesProgress(context, "scan", groups.flat()) },
    ));
  const files: ScannedFile[] = [];
  let trie = EMPTY_TRIE;
  for (const result of results) {
    for (const file of result.files) files[file.rank] = file;
    trie = mergeTries(trie, result.trie);
  }
  return { files, trie, jobs: groups.map((group, i) => ({ files: group, result: results[i]! })) };
}

/** A batch of one file would leave all threads but one idle. */
async function scanAlone(
  request: TextRequest,
  context: StageContext,
  places: Places,
  groups: readonly (readonly JobFile[])[],
): Promise<ScanJobResult[] | undefined> {
  const [file, ...others] = groups.flat();
  if (file === undefined || others.length > 0) return undefined;
  const result = await scanRanges(request, context, { ...places, file });
  return result === undefined ? undefined : [result];
}
