/** Turns one CSV file into lines of JSON; malformed records are set aside. */
import { displayKey } from "../../base/path-bytes.ts";
import { keyPathText } from "../../schema/key-path.ts";
import { csvDialect } from "./csv-dialect.ts";
import { CsvReader } from "./csv-reader.ts";
import { CsvTranscoder } from "./csv-transcoder.ts";
import { corruptLine } from "./corrupt-line.ts";
import { CsvValues } from "./csv-values.ts";
import { feedFile, type OnBytes } from "./feed-file.ts";
import { IgnoredKeys, misfitCounts } from "./ignored-keys.ts";
import { MisfitCollector } from "./misfit-numbers.ts";
import { malformedCounts, type PreparedRows, type PrepareOutputs } from "./prepare-json.ts";
import { RangeReader } from "./range-reader.ts";
import { markMembers } from "./record-marker.ts";
import { recordPlaces, type RecordList } from "./record-list.ts";
import { REJECT_BYTES, rejectLine } from "./reject-line.ts";
import type { PrepareFile, PrepareJob } from "./scan-jobs.ts";

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
  const collector = job.learnsMisfits ? new MisfitCollector() : undefined;
  const transcoder = new CsvTranscoder({
    target,
    values,
    rescuedColumn,
    filePath: file.key,
    onMisfit,
    onMisfitNumber: collector && ((column, bit, text) => collector.add(column, bit, text)),
    mark: job.mark && { ...job.mark, name: file.name },
  });
  let longest = 0;
  const reader = new CsvReader({
    ...limits,
    file: displayKey(file.path),
    dialect: csvDialect(csv, file.key),
    onHeader: (header) => transcoder.start(header),
    onRecord: (buf, fields, record, offset) => {
      const line = transcoder.line(buf, fields, record, file.isMade ? undefined : offset);
      longest = Math.max(longest, line.length);
      outputs.rows.write(line);
    },
  });
  await feedFile({ path: file.plainPath, feed: (bytes) => reader.feed(bytes), onBytes });
  const read = reader.finish();
  if (read.malformed.count > 0)
    longest = Math.max(longest, writeMalformed(job, file, read.malformed, outputs));
  const counts = { ...misfitCounts(transcoder.misfits, ignored), ...malformedCounts(job, read) };
  return {
    rank: file.rank,
    records: read.records,
    ...counts,
    longest,
    ...(collector && { misfitNumbers: collector.list(target) }),
  };
}

/** Read again from the file: a record that was too long has not been held. Returns the bytes of the longest row written. */
function writeMalformed(
  job: PrepareJob,
  file: PrepareFile,
  malformed: RecordList,
  outputs: PrepareOutputs,
): number {
  const { corruptColumn: column, mark } = job;
  const members = mark && markMembers(mark, file.name);
  const ranges = new RangeReader(file.plainPath);
  let longest = 0;
  try {
    for (const place of recordPlaces(malformed)) {
      // One byte more than is kept tells that there are more.
      const record = ranges.read(place.offset, Math.min(place.length, REJECT_BYTES + 1));
      if (column === undefined) {
        outputs.rejects.write(
          rejectLine(file.key, { ...place, offset: file.isMade ? undefined : place.offset }, record),
        );
        continue;
      }
      const prefix = members?.(place.ordinal + 1, file.isMade ? undefined : place.offset);
      const line = corruptLine({ record, column, prefix });
      outputs.rows.write(line);
      longest = Math.max(longest, line.length);
    }
  } finally {
    ranges.close();
  }
  return longest;
}
