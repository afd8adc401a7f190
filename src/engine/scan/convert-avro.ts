/** Turns one Avro file, or each member of an archive, into lines of JSON, one row each, whose values the engine casts to the file's own types. */
import { join } from "node:path";
import { AvroContainer } from "./avro-container.ts";
import { AvroCursor } from "./avro-cursor.ts";
import { avroDamage } from "./avro-damage.ts";
import { avroReader, type AvroReader } from "./avro-reader.ts";
import { feedArrival, type PartReader } from "./feed-arrival.ts";
import type { OnBytes } from "./feed-file.ts";
import {
  ROW_NUMBER_KEY,
  type ConvertedRows,
  type ConvertJob,
  type JobFile,
  type WithParts,
} from "./scan-jobs.ts";
import { SpillWriter } from "./spill-writer.ts";

/** Lines are written when they are so long together. */
const BATCH_CHARACTERS = 64 * 1024;

/** @throws as `feedArrival`, and FILE_DAMAGED for a part that cannot be read to its end */
export async function convertAvro(options: {
  readonly job: ConvertJob;
  readonly file: JobFile;
  readonly onBytes: OnBytes | undefined;
}): Promise<WithParts<ConvertedRows>> {
  const { job, file, onBytes } = options;
  const { limits, spillFolder } = job;
  const parts: ConvertedRows[] = [];
  const open = (member: string | undefined): PartReader => {
    const path = join(spillFolder, `${file.rank}-${parts.length}.ndjson`);
    return avroPart(job, path, (rows) =>
      parts.push({ ...(member === undefined ? {} : { member }), ...rows }),
    );
  };
  const read = await feedArrival({ file, limits, spillFolder, open, onBytes });
  if (read.inflatedBytes === 0) throw avroDamage("the file is empty");
  return { bytes: read.bytes, crc32: read.crc32, parts };
}

function avroPart(job: ConvertJob, path: string, onEnd: (rows: ConvertedRows) => void): PartReader {
  const { limits, numbered, avroSchema: asked } = job;
  const lines = new SpillWriter(path);
  let reader: AvroReader | undefined;
  let records = 0;
  let longest = 0;
  const container = new AvroContainer({
    maxBlockBytes: limits.maxRecordBytes,
    onSchema: (schema) => {
      reader = avroReader({ ...limits, schema, asked });
    },
    onBlock: (data, count) => {
      const rows = rowsOfBlock(reader!, { data, count, lines, from: numbered ? records : undefined });
      longest = Math.max(longest, rows.longest);
      records += count;
    },
  });
  return {
    write: (bytes) => container.feed(bytes),
    end() {
      container.finish();
      lines.close();
      onEnd({ columns: reader!.columns, records, path, longest });
    },
    close: () => lines.close(),
  };
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
