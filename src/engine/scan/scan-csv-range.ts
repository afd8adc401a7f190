/**
 * Scans the lines of a large CSV file between two places. A line end may stand inside quotes, so a stretch by itself proves nothing: only
 * where this one and every one before it hold whole records and nothing that readers differ on does each begin with a record.
 */
import { displayKey } from "../../base/path-bytes.ts";
import { packingOf } from "./archive-members.ts";
import { csvDialect } from "./csv-dialect.ts";
import { CsvScanner } from "./csv-scanner.ts";
import { CsvValues } from "./csv-values.ts";
import { type ByteRange, FileChunks, feedPlain, type OnBytes } from "./feed-file.ts";
import { RangeReader } from "./range-reader.ts";
import type { CsvRangeJob, CsvRangeResult } from "./scan-jobs.ts";

const NOTHING_SEEN: CsvRangeResult = { bytes: 0, crc32: 0 };
const LF = 10;
const QUOTE = 34;
/** A file with a longer header is read by one thread. */
const LOOK_BYTES = 64 * 1024;

/** Whatever stands in the way is no answer and no error: a scan of the whole file tells it. */
export async function scanCsvRange(job: CsvRangeJob, onBytes: OnBytes | undefined): Promise<CsvRangeResult> {
  try {
    return await scanLines(job, onBytes);
  } catch {
    return NOTHING_SEEN;
  }
}

async function scanLines(job: CsvRangeJob, onBytes: OnBytes | undefined): Promise<CsvRangeResult> {
  const { csv, file, limits } = job;
  const name = displayKey(file.path);
  const places = findPlaces(file.path, job.range);
  if (places === undefined) return NOTHING_SEEN;
  const { header, from, to } = places;
  const scanner = new CsvScanner({
    ...limits,
    name,
    file: file.rank,
    dialect: csvDialect(csv, file.key),
    values: new CsvValues(csv),
  });
  // Every stretch has the names, and their places in the file, from the file's own header.
  if (from > 0) scanner.feed(header);
  const source = new FileChunks(file.path, name, onBytes, { from, to });
  try {
    await feedPlain(source.next(), source, (bytes) => scanner.feed(bytes), undefined);
  } finally {
    source.close();
  }
  const { bytes, crc32 } = source;
  const { records, longest, plain, trie } = scanner.finish();
  return { bytes, crc32, ...(plain === undefined ? {} : { scan: { records, longest, plain, trie } }) };
}

/** The header, and where the lines of a range begin and end; undefined for a file that is packed, marked, or has no plain header. */
function findPlaces(path: string, range: ByteRange): (ByteRange & { readonly header: Buffer }) | undefined {
  const reader = new RangeReader(path);
  try {
    const head = reader.read(0, LOOK_BYTES);
    const header = Buffer.from(head.subarray(0, head.indexOf(LF) + 1));
    const isMarked = [0xef, 0xfe, 0xff, 0].includes(head[0] ?? 0);
    if (isMarked || packingOf(head) !== undefined || header.length === 0 || header.includes(QUOTE))
      return undefined;
    const to = range.to === Infinity ? Infinity : lineAt(reader, range.to);
    return { header, from: lineAt(reader, range.from), to };
  } finally {
    reader.close();
  }
}

/** Where the first line begins at or behind a place; the end of the file where none does. */
function lineAt(reader: RangeReader, place: number): number {
  if (place === 0) return 0;
  // The byte before decides whether a line begins at the place itself.
  for (let at = place - 1; ;) {
    const bytes = reader.read(at, LOOK_BYTES);
    const end = bytes.indexOf(LF);
    if (end >= 0) return at + end + 1;
    if (bytes.length === 0) return at;
    at += bytes.length;
  }
}
