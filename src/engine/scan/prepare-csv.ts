/** Turns one CSV file into lines of JSON; malformed records are set aside. */
import { displayKey } from "../../base/path-bytes.ts";
import { keyPathText } from "../../schema/key-path.ts";
import { csvDialect } from "./csv-dialect.ts";
import { CsvReader } from "./csv-reader.ts";
import { CsvTranscoder } from "./csv-transcoder.ts";
import { CsvValues } from "./csv-values.ts";
import { feedFile, type OnBytes } from "./feed-file.ts";
import { IgnoredKeys, misfitCounts } from "./ignored-keys.ts";
import type { PreparedRows, PrepareOutputs } from "./prepare-json.ts";
import { RangeReader } from "./range-reader.ts";
import { recordPlaces, type RecordList } from "./record-list.ts";
import { REJECT_BYTES, rejectLine } from "./reject-line.ts";
import type { PrepareFile, PrepareJob } from "./scan-jobs.ts";
import type { SpillWriter } from "./spill-writer.ts";

export async function prepareCsv(
  job: PrepareJob,
  file: PrepareFile,
  outputs: PrepareOutputs,
  onBytes: OnBytes | undefined,
): Promise<PreparedRows> {
  const { target, rescuedColumn, limits } = job;
  const { csv } = job.formats;
  const values = new CsvValues(csv);
  const ignored = rescuedColumn === undefined ? new IgnoredKeys() : undefined;
  const onMisfit = ignored && ((name: string) => ignored.add(keyPathText([name])));
  const transcoder = new CsvTranscoder({
    target,
    values,
    rescuedColumn,
    filePath: file.key,
    onMisfit,
    mark: job.mark && { ...job.mark, name: file.name },
  });
  let longest = 0;
  const reader = new CsvReader({
    ...limits,
    file: displayKey(file.path),
    dialect: csvDialect(csv, file.key),
    onHeader: (header) => transcoder.start(header),
    onRecord: (buf, fields, record) => {
      const line = transcoder.line(buf, fields, record);
      longest = Math.max(longest, line.length);
      outputs.rows.write(line);
    },
  });
  await feedFile({ path: file.plainPath, feed: (bytes) => reader.feed(bytes), onBytes });
  const { records, malformed } = reader.finish();
  if (malformed.count > 0) writeRejects(file, malformed, outputs.rejects);
  const counts = misfitCounts(transcoder.misfits, ignored);
  const rejected = malformed.count;
  return { rank: file.rank, records, written: records - rejected, ...counts, rejected, longest };
}

/** Read again from the file: a record that was too long has not been held. */
function writeRejects(file: PrepareFile, malformed: RecordList, rejects: SpillWriter): void {
  const ranges = new RangeReader(file.plainPath);
  try {
    for (const place of recordPlaces(malformed)) {
      const record = ranges.read(place.offset, Math.min(place.length, REJECT_BYTES));
      rejects.write(rejectLine(file, place, record));
    }
  } finally {
    ranges.close();
  }
}
