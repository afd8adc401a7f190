/** Turns one Avro file into lines of JSON, one row each, whose values the engine casts to the file's own types. */
import { AvroContainer } from "./avro-container.ts";
import { AvroCursor } from "./avro-cursor.ts";
import { avroDamage } from "./avro-damage.ts";
import { avroReader, type AvroReader } from "./avro-reader.ts";
import { feedFile, type OnBytes } from "./feed-file.ts";
import { ROW_NUMBER_KEY, type ConvertedRows, type JobLimits } from "./scan-jobs.ts";
import type { SpillWriter } from "./spill-writer.ts";

/** Lines are written when they are so long together. */
const BATCH_CHARACTERS = 64 * 1024;

/** @throws LandfallError FILE_DAMAGED, or as `feedFile`; the spill file is closed in any case */
export async function convertAvro(options: {
  readonly path: string;
  readonly limits: JobLimits;
  /** As in `ConvertJob`. */
  readonly numbered: boolean;
  readonly lines: SpillWriter;
  readonly onBytes: OnBytes | undefined;
}): Promise<{ readonly bytes: number; readonly crc32: number; readonly rows: ConvertedRows }> {
  const { path, limits, numbered, lines, onBytes } = options;
  const { maxRecordBytes } = limits;
  let reader: AvroReader | undefined;
  let records = 0;
  let longest = 0;
  const onBlock = (data: Buffer, count: number): void => {
    const rows = rowsOfBlock(reader!, { data, count, lines, from: numbered ? records : undefined });
    longest = Math.max(longest, rows.longest);
    records += count;
  };
  const container = new AvroContainer({
    maxBlockBytes: maxRecordBytes,
    onSchema: (schema) => {
      reader = avroReader({ ...limits, schema });
    },
    onBlock,
  });
  try {
    const file = await feedFile({ ...limits, path, feed: (bytes) => container.feed(bytes), onBytes });
    container.finish();
    const { bytes, crc32 } = file;
    return { bytes, crc32, rows: { columns: reader!.columns, records, path: lines.path, longest } };
  } finally {
    lines.close();
  }
}

function rowsOfBlock(
  reader: AvroReader,
  options: {
    readonly data: Buffer;
    readonly count: number;
    readonly lines: SpillWriter;
    /** The number of the first row; undefined for rows without any. */
    readonly from: number | undefined;
  },
): { readonly longest: number } {
  const { data, count, lines, from } = options;
  const cursor = new AvroCursor(data);
  if (count * reader.least > data.length) throw avroDamage("a block counts more records than it can hold");
  let longest = 0;
  let text = "";
  const flush = (): void => {
    lines.write(Buffer.from(text));
    text = "";
  };
  for (let i = 0; i < count; i++) {
    const read = reader.read(cursor);
    const row = from === undefined ? read : `{"${ROW_NUMBER_KEY}":${from + i},${read.slice(1)}`;
    // A character is three bytes of UTF-8 at most.
    longest = Math.max(longest, row.length * 3);
    text += `${row}\n`;
    if (text.length > BATCH_CHARACTERS) flush();
  }
  flush();
  if (cursor.left > 0) throw avroDamage("a block holds more than its records");
  return { longest };
}
