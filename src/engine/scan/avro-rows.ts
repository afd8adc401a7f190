/** Avro's rows as lines of JSON, one row each, in a spill file. */
import { AvroContainer } from "./avro-container.ts";
import { AvroCursor } from "./avro-cursor.ts";
import { avroDamage } from "./avro-damage.ts";
import { avroReader, type AvroReader } from "./avro-reader.ts";
import type { PartReader } from "./feed-arrival.ts";
import { ROW_NUMBER_KEY, type ConvertedRows, type JobLimits } from "./scan-jobs.ts";
import { SpillWriter } from "./spill-writer.ts";

/** Lines are written when they are so long together. */
const BATCH_CHARACTERS = 64 * 1024;

/** Its `write` and `end` throw LandfallError FILE_DAMAGED for bytes that are no Avro file, or not all of one. */
export function avroRows(options: {
  readonly limits: JobLimits;
  /** JSON of the schema that the rows are to have; undefined for the file's own. */
  readonly avroSchema: string | undefined;
  /** The lines go there. */
  readonly path: string;
  /** The number of the first row; undefined for rows without any. */
  readonly firstRow: number | undefined;
  readonly onEnd: (rows: ConvertedRows) => void;
}): PartReader {
  const { limits, avroSchema: asked, path, firstRow, onEnd } = options;
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
      const rows = rowsOfBlock(reader!, {
        data,
        count,
        lines,
        from: firstRow === undefined ? undefined : firstRow + records,
      });
      longest = Math.max(longest, rows.longest);
      records += count;
    },
  });
  return {
    write: (bytes) => container.feed(bytes),
    end() {
      container.finish();
      lines.close();
      onEnd({ columns: reader!.columns, records, paths: records === 0 ? [] : [path], longest });
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
