/** Stages files of another format once Parquet has been made of each; what the manifest records stays that of the files. */
import { quarantined } from "./quarantined.ts";
import { stageParquet } from "./stage-parquet.ts";
import type { StagedFile, StageRequest, StageResult } from "./engine.ts";
import type { StageContext } from "./stage-text.ts";

/** What became of a file, by its place in the request. */
export interface MadeFile {
  /** Of the file as it lies there. */
  readonly bytes: number;
  readonly crc32: number;
  /** Why it is quarantined. */
  readonly damage?: string;
  /** The Parquet made of it, encoded bytes; absent for a file that is quarantined. */
  readonly path?: string;
}

export async function stageMadeParquet(
  request: StageRequest,
  context: StageContext,
  made: readonly MadeFile[],
): Promise<StageResult> {
  const paths = new Map(
    request.files.flatMap((file, i) => {
      const { path } = made[i]!;
      return path === undefined ? [] : [[file.key, path] as const];
    }),
  );
  const files = request.files.filter((file) => paths.has(file.key));
  const result = await stageParquet({ ...request, files }, context, paths);
  const staged = new Map(result.files.map((file) => [file.key, file]));
  return {
    ...result,
    files: request.files.map((file, i): StagedFile => {
      const { bytes, crc32, damage } = made[i]!;
      const found = staged.get(file.key);
      if (found !== undefined) return { ...found, bytes, crc32 };
      return quarantined({ key: file.key, bytes, crc32 }, damage ?? "the file cannot be read");
    }),
  };
}
