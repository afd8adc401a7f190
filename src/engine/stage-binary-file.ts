/**
 * Stages files as they are, one row each: key, time of modification, length, content. Spark's `binaryFile`. Each goes through a
 * Parquet of its own, so that evolution, partitions and fit are those of Parquet.
 */
import { mkdir, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { LandfallError, systemCodeOf } from "../base/landfall-error.ts";
import { decodePathBytes, displayKey, encodePathBytes } from "../base/path-bytes.ts";
import type { StageRequest, StageResult } from "./engine.ts";
import type { FoundParquet } from "./found-parquet.ts";
import { grouped } from "./group-files.ts";
import type { LookedFile } from "./scan/scan-jobs.ts";
import { pathsArgument, quoteText } from "./sql.ts";
import { stageParquet } from "./stage-parquet.ts";
import type { StageContext } from "./stage-text.ts";

export async function stageBinaryFile(request: StageRequest, context: StageContext): Promise<StageResult> {
  const folder = join(request.scratchFolder, "binary");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const groups = grouped(request.files.map((file, rank) => ({ rank, ...file })));
  const results = await context.pool.run(
    groups.map((files) => ({ kind: "look", files })),
    { signal: context.signal },
  );
  const found: FoundParquet[] = [];
  for (const looked of results.flatMap((result) => result.files))
    found[looked.rank] = await asParquet(request, context, { looked, folder });
  return stageParquet(request, context, found);
}

async function asParquet(
  request: StageRequest,
  context: StageContext,
  { looked, folder }: { readonly looked: LookedFile; readonly folder: string },
): Promise<FoundParquet> {
  const { rank, bytes, crc32 } = looked;
  const file = request.files[rank]!;
  const { maxRecordBytes } = request.limits;
  const damage =
    looked.damage ??
    (bytes > maxRecordBytes
      ? `binaryFile: the file has ${bytes} bytes, more than maxRecordBytes (${maxRecordBytes})`
      : undefined);
  if (damage !== undefined) return { bytes, crc32, damage, parts: [] };
  const micros = await modificationTime(file.path);
  if (micros === undefined)
    return { bytes, crc32, damage: "binaryFile: the file is not there any more", parts: [] };
  // A link of our making: DuckDB globs names, and cannot be given one that is not UTF-8.
  const link = join(folder, `link-${rank}`);
  await symlink(decodePathBytes(file.copy ?? file.path), link);
  const path = join(folder, `${rank}.parquet`);
  await context.duckdb.run(
    `COPY (SELECT ${quoteText(displayKey(file.key))} AS path, make_timestamptz(${micros}) AS "modificationTime",
      octet_length(content)::BIGINT AS length, content FROM read_blob(${pathsArgument([link])}))
      TO ${quoteText(path)} (FORMAT parquet, COMPRESSION snappy)`,
    "read a file as bytes",
    context.signal,
  );
  return { bytes, crc32, parts: [{ path: encodePathBytes(path) }] };
}

/** In millionths of a second; undefined for a file that is gone. */
async function modificationTime(path: string): Promise<bigint | undefined> {
  try {
    const { mtimeNs } = await stat(decodePathBytes(path), { bigint: true });
    return mtimeNs / 1000n;
  } catch (cause) {
    if (systemCodeOf(cause) === "ENOENT") return undefined;
    throw new LandfallError("SOURCE_UNREADABLE", {
      message: `cannot read ${displayKey(path)}`,
      hint: "Check that this user may read it.",
      cause,
    });
  }
}
