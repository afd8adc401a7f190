/** One large Avro file, converted by all threads at once: each takes a stretch of its blocks. */
import { join } from "node:path";
import { rm } from "node:fs/promises";
import { bytesProgress } from "./bytes-progress.ts";
import { crc32Combine } from "./scan/crc32-combine.ts";
import type { ConvertedFile, ConvertJob, ConvertRangeResult, JobFile } from "./scan/scan-jobs.ts";
import type { StageContext } from "./stage-text.ts";

/** A stretch is at least so long: a shorter one is not worth the look for its ends. */
const RANGE_BYTES = 4 * 1024 ** 2;
/** No stretch holds as many rows. */
const ROWS_A_STRETCH = 2 ** 40;

/** Undefined for a file that one thread must read from its beginning to its end. */
export async function convertRanges(
  file: JobFile,
  context: Pick<StageContext, "pool" | "signal" | "onProgress">,
  job: Omit<ConvertJob, "kind" | "files"> & { readonly rangeBytes?: number },
): Promise<ConvertedFile | undefined> {
  const { avroSchema, numbered, spillFolder, limits, rangeBytes = RANGE_BYTES } = job;
  const count = Math.min(context.pool.threads, Math.floor(file.size / rangeBytes));
  if (count < 2) return undefined;
  const place = (i: number): number => (i === count ? Infinity : Math.floor((file.size * i) / count));
  const outputs = Array.from({ length: count }, (_, i) =>
    join(spillFolder, `${file.rank}-range-${i}.ndjson`),
  );
  const results = await context.pool.run(
    outputs.map((output, i) => ({
      kind: "convertRange",
      file,
      range: { from: place(i), to: place(i + 1) },
      avroSchema,
      firstRow: numbered ? i * ROWS_A_STRETCH : undefined,
      output,
      limits,
    })),
    { signal: context.signal, onBytes: bytesProgress(context, "scan", [file]) },
  );
  const converted = joined(file, results);
  if (converted === undefined) await Promise.all(outputs.map((output) => rm(output, { force: true })));
  return converted;
}

function joined({ rank }: JobFile, results: readonly ConvertRangeResult[]): ConvertedFile | undefined {
  const rows = results.flatMap((result) => result.rows ?? []);
  if (rows.length < results.length) return undefined;
  const { bytes, crc32 } = results.reduce((one, next) => ({
    bytes: one.bytes + next.bytes,
    crc32: crc32Combine(one.crc32, next.crc32, next.bytes),
  }));
  const part = {
    columns: rows[0]!.columns,
    records: rows.reduce((sum, { records }) => sum + records, 0),
    paths: rows.flatMap(({ paths }) => paths),
    longest: Math.max(...rows.map(({ longest }) => longest)),
  };
  return { rank, bytes, crc32, parts: [part] };
}
