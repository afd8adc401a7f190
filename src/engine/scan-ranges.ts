/** One large CSV file, scanned by all threads at once: each takes a stretch of its lines. */
import { mergeTries } from "../schema/lattice.ts";
import { bytesProgress } from "./bytes-progress.ts";
import type { Places } from "./scan-batch.ts";
import { crc32Combine } from "./scan/crc32-combine.ts";
import { csvDialect, isPlainDialect } from "./scan/csv-dialect.ts";
import type { CsvRangeResult, JobFile, ScanJobResult } from "./scan/scan-jobs.ts";
import type { StageContext, TextRequest } from "./stage-text.ts";

/** A stretch is at least so long: a shorter one is not worth the look for its ends. */
const RANGE_BYTES = 8 * 1024 ** 2;

/** Undefined for a file that one thread must read from its beginning to its end. */
export async function scanRanges(
  request: TextRequest,
  context: StageContext,
  options: Pick<Places, "limits"> & { readonly file: JobFile; readonly rangeBytes?: number },
): Promise<ScanJobResult | undefined> {
  const { file, limits, rangeBytes = RANGE_BYTES } = options;
  const { csv } = request.formats;
  const count = Math.min(context.pool.threads, Math.floor(file.size / rangeBytes));
  const dialect = csvDialect(csv, file.key);
  const isFit =
    request.format === "csv" && csv.encoding === "utf-8" && isPlainDialect(dialect) && dialect.header;
  if (count < 2 || !isFit || request.prefersDecimal) return undefined;
  const place = (i: number): number => (i === count ? Infinity : Math.floor((file.size * i) / count));
  const results = await context.pool.run(
    Array.from({ length: count }, (_, i) => ({
      kind: "csvRange",
      csv,
      file,
      range: { from: place(i), to: place(i + 1) },
      limits,
    })),
    { signal: context.signal, onBytes: bytesProgress(context, "scan", [file]) },
  );
  return joined(file, results);
}

/** Only where all of them agree on what they read is the file what they say together. */
function joined(file: JobFile, results: readonly CsvRangeResult[]): ScanJobResult | undefined {
  const scans = results.flatMap(({ scan }) => (scan === undefined ? [] : [scan]));
  const [first] = scans;
  const isOne = scans.every(({ plain }) => JSON.stringify(plain) === JSON.stringify(first!.plain));
  if (first === undefined || scans.length < results.length || !isOne) return undefined;
  const whole = results.reduce((one, next) => ({
    bytes: one.bytes + next.bytes,
    crc32: crc32Combine(one.crc32, next.crc32, next.bytes),
  }));
  const { bytes, crc32 } = whole;
  const part = {
    bytes,
    records: scans.reduce((sum, { records }) => sum + records, 0),
    malformed: 0,
    longest: Math.max(...scans.map(({ longest }) => longest)),
    marked: false,
    isMade: false,
    plainCsv: first.plain,
  };
  return {
    files: [{ rank: file.rank, bytes, crc32, parts: [part] }],
    trie: scans.map(({ trie }) => trie).reduce((one, next) => mergeTries(one, next)),
    gathered: undefined,
  };
}
