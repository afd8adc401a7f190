/**
 * Turns the blocks of a large Avro file between two places into lines of JSON. A stretch begins and ends behind a marker, which stands
 * behind every block: bytes within a block that look like one leave a stretch with part of a block at its end, which is no answer.
 */
import { displayKey } from "../../base/path-bytes.ts";
import { avroHeader, type AvroHeader, SYNC_BYTES } from "./avro-header.ts";
import { avroRows } from "./avro-rows.ts";
import { type ByteRange, FileChunks, feedPlain, type OnBytes } from "./feed-file.ts";
import { RangeReader } from "./range-reader.ts";
import type { ConvertedRows, ConvertRangeJob, ConvertRangeResult } from "./scan-jobs.ts";

const NOTHING_SEEN: ConvertRangeResult = { bytes: 0, crc32: 0 };
/** A file with a longer header is read by one thread. */
const LOOK_BYTES = 64 * 1024;

/** Whatever stands in the way is no answer and no error: reading the whole file tells it. */
export async function convertAvroRange(
  job: ConvertRangeJob,
  onBytes: OnBytes | undefined,
): Promise<ConvertRangeResult> {
  try {
    return await convertBlocks(job, onBytes);
  } catch {
    return NOTHING_SEEN;
  }
}

async function convertBlocks(
  job: ConvertRangeJob,
  onBytes: OnBytes | undefined,
): Promise<ConvertRangeResult> {
  const { path } = job.file;
  const places = findPlaces(path, job.range);
  if (places === undefined) return NOTHING_SEEN;
  const { header, from, to } = places;
  let rows: ConvertedRows | undefined;
  const reader = avroRows({ ...job, path: job.output, onEnd: (found) => (rows = found) });
  const source = new FileChunks(path, displayKey(path), onBytes, { from, to });
  try {
    // Every stretch has the schema, the codec and the marker from the file's own header.
    if (from > 0) reader.write(header, true);
    await feedPlain(source.next(), source, (bytes) => reader.write(bytes, true), undefined);
    reader.end();
  } finally {
    source.close();
    reader.close();
  }
  const { bytes, crc32 } = source;
  return { bytes, crc32, rows: rows! };
}

/** The header, and where the blocks of a range begin and end; undefined for a file that does not begin with a header. */
function findPlaces(path: string, range: ByteRange): (ByteRange & { readonly header: Buffer }) | undefined {
  const reader = new RangeReader(path);
  try {
    const head = Buffer.from(reader.read(0, LOOK_BYTES));
    const header = avroHeader(head, false);
    if (header === undefined) return undefined;
    return {
      header: head.subarray(0, header.bytes),
      from: blockAt(reader, header, range.from),
      to: range.to === Infinity ? Infinity : blockAt(reader, header, range.to),
    };
  } finally {
    reader.close();
  }
}

/** Behind the first marker that begins at or behind a place; the end of the file where none does. */
function blockAt(reader: RangeReader, { sync }: AvroHeader, place: number): number {
  if (place === 0) return 0;
  for (let at = place; ;) {
    const bytes = reader.read(at, LOOK_BYTES);
    const found = bytes.indexOf(sync);
    if (found >= 0) return at + found + SYNC_BYTES;
    if (bytes.length < SYNC_BYTES) return at + bytes.length;
    // A marker may begin in what was read and end behind it.
    at += bytes.length - SYNC_BYTES + 1;
  }
}
