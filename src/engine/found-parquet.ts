/** The Parquet that is to be staged for each file of a request: the file's own, its members', or what was made of another format. */
import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import { encodePathBytes } from "../base/path-bytes.ts";
import { bytesProgress } from "./bytes-progress.ts";
import { filesToCopy } from "./copy-whole.ts";
import type { StageRequest } from "./engine.ts";
import { grouped } from "./group-files.ts";
import type { UnpackedFile } from "./scan/scan-jobs.ts";
import { MAX_PATHS, type StageContext } from "./stage-text.ts";

/** What was found of a file, by its place in the request. */
export interface FoundParquet {
  /** Of the file as it lies there, for the manifest. */
  readonly bytes: number;
  readonly crc32: number;
  /** Why it is quarantined. */
  readonly damage?: string;
  /** None for a file that is quarantined, and for an archive without members. */
  readonly parts: readonly ParquetPart[];
}

export interface ParquetPart {
  /** The member's name in its archive, encoded bytes. */
  readonly member?: string;
  /** Encoded bytes. */
  readonly path: string;
  /** The file at `path` is a copy of the whole file, to be looked at whether it can be a data file. */
  readonly isCopy?: true;
}

/** Looks at files that are Parquet, and brings those that are compressed, archives or to be copied into the scratch folder. */
export async function findParquet(request: StageRequest, context: StageContext): Promise<FoundParquet[]> {
  const spillFolder = join(request.scratchFolder, "unpacked");
  await mkdir(spillFolder, { recursive: true, mode: 0o700 });
  const copied = await filesToCopy(request, context);
  const groups = grouped(request.files.map((file, rank) => ({ rank, ...file })));
  const limits = { ...request.limits, maxPaths: MAX_PATHS };
  const results = await context.pool.run(
    groups.map((files) => ({
      kind: "unpack",
      files,
      copied: files.map(({ rank }) => rank).filter((rank) => copied.has(rank)),
      spillFolder,
      limits,
    })),
    { signal: context.signal, onBytes: bytesProgress(context, "scan", groups.flat()) },
  );
  const found: FoundParquet[] = [];
  for (const file of results.flatMap((result) => result.files)) {
    const { path, copy = path } = request.files[file.rank]!;
    found[file.rank] = foundOf(file, copy);
  }
  return found;
}

function foundOf(file: UnpackedFile, own: string): FoundParquet {
  const { rank: _rank, parts, ...rest } = file;
  return {
    ...rest,
    parts: parts.map(({ member, path, isCopy }) => ({
      ...(member === undefined ? {} : { member }),
      path: path === undefined ? own : encodePathBytes(path),
      ...(isCopy === undefined ? {} : { isCopy }),
    })),
  };
}
