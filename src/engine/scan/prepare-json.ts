/** Brings one NDJSON file into shape: clean stretches as they are, dirty records repaired, malformed ones set aside. */
import { corruptLine } from "./corrupt-line.ts";
import { recordPlaces, type RecordList, type RecordPlace } from "./record-list.ts";
import { RangeReader } from "./range-reader.ts";
import { textOffsets } from "./text-offsets.ts";
import { RecordMarker, type OffsetOf } from "./record-marker.ts";
import { REJECT_BYTES, rejectLine } from "./reject-line.ts";
import { repairRecord } from "./repair-record.ts";
import { IgnoredKeys, misfitCounts } from "./ignored-keys.ts";
import { MisfitCollector } from "./misfit-numbers.ts";
import { refusedRow } from "./row-source.ts";
import { textOfLine } from "./text-lines.ts";
import { xmlWrapper } from "./xml-shapes.ts";
import type { OnBytes } from "./feed-file.ts";
import { scanFile, type FileScan } from "./scan-file.ts";
import type { PreparedFile, PrepareFile, PrepareJob, TextFormat } from "./scan-jobs.ts";
import type { SpillWriter } from "./spill-writer.ts";

export interface PrepareOutputs {
  readonly rows: SpillWriter;
  readonly rejects: SpillWriter;
}

export interface PreparedRows extends PreparedFile {
  /** Bytes of the longest line written. */
  readonly longest: number;
}

export async function prepareJson(
  job: PrepareJob,
  file: PrepareFile,
  outputs: PrepareOutputs,
  onBytes: OnBytes | undefined,
): Promise<PreparedRows> {
  const scan = await scanFile({
    path: file.plainPath,
    file: file.rank,
    target: job.target,
    ...job.limits,
    ...(onBytes ? { onBytes } : {}),
  });
  const { target, formats } = job;
  const wrap = job.format === "xml" ? xmlWrapper({ target, valueTag: formats.xml.valueTag }) : undefined;
  let misfits = 0;
  let { longest } = scan;
  const ignored = job.rescuedColumn === undefined ? new IgnoredKeys() : undefined;
  const collector = job.learnsMisfits ? new MisfitCollector() : undefined;
  const offsetOf = await offsetsOf(job, file, scan);
  const marker = job.mark && new RecordMarker(job.mark, file.name, offsetOf);
  const reader = new RangeReader(file.plainPath);
  const copy = (from: number, to: number): void =>
    marker === undefined ? reader.copy(from, to, outputs.rows) : marker.copy(reader, from, to, outputs.rows);
  try {
    let at = scan.marked ? 3 : 0;
    for (const { place, malformed } of inOrder(scan)) {
      copy(at, place.offset);
      if (malformed && job.corruptColumn !== undefined) {
        const record = reader.read(place.offset, Math.min(place.length, MOST_READ));
        const prefix = marker?.next(place.offset);
        const line = corruptLine({ record, column: job.corruptColumn, prefix });
        outputs.rows.write(line);
        longest = Math.max(longest, line.length);
      } else if (malformed) {
        const offset = offsetOf(place.ordinal + 1, place.offset);
        outputs.rejects.write(rejectOf(job, file, { reader, place, offset }));
        marker?.skip();
      } else {
        const written = reader.read(place.offset, place.length);
        const repaired = repairRecord({
          record: wrap === undefined ? written : wrap(written),
          target,
          rescuedColumn: job.rescuedColumn,
          filePath: file.key,
          ...(marker === undefined ? {} : { prefix: marker.next(place.offset) }),
          onMisfit: ignored && ((path) => ignored.add(path)),
          onMisfitNumber: collector && ((column, bit, text) => collector.add(column, bit, text)),
        });
        outputs.rows.write(repaired.line);
        // A marked stretch leaves out the line end before it.
        if (marker !== undefined) outputs.rows.write(NEWLINE);
        longest = Math.max(longest, repaired.line.length);
        if (repaired.rescued > 0) misfits += 1;
      }
      at = place.offset + place.length;
    }
    copy(at, scan.inflatedBytes);
    outputs.rows.write(NEWLINE);
  } finally {
    reader.close();
  }
  longest += marker?.width ?? 0;
  const counts = { ...misfitCounts(misfits, ignored), ...malformedCounts(job, scan) };
  return {
    rank: file.rank,
    records: scan.records,
    ...counts,
    longest,
    ...(collector && { misfitNumbers: collector.list(target) }),
  };
}

/** The line of a record that is set aside. */
function rejectOf(
  job: PrepareJob,
  file: PrepareFile,
  found: { readonly reader: RangeReader; readonly place: RecordPlace; readonly offset: number | undefined },
): Buffer {
  const { reader, place, offset } = found;
  if (job.format !== "text" && job.format !== "xml") {
    const content = reader.read(place.offset, Math.min(place.length, REJECT_BYTES));
    return rejectLine(file.key, { ...place, offset }, content);
  }
  // A line that was made of something else comes back only as a whole.
  const line = reader.read(place.offset, place.length);
  const refused = job.format === "xml" ? refusedRow(line) : undefined;
  const content = refused === undefined ? textOf(job.format, line) : Buffer.from(refused.content);
  return rejectLine(file.key, { ...place, offset, length: content.length }, content, refused?.reason);
}

function textOf(format: TextFormat, line: Buffer): Buffer {
  return format === "text" ? textOfLine(line) : line;
}

/** Where records begin in the file itself. */
async function offsetsOf(job: PrepareJob, file: PrepareFile, { malformed }: FileScan): Promise<OffsetOf> {
  if (!file.isMade) return (_record, at) => at;
  const isAsked = malformed.count > 0 || job.mark?.offset !== undefined;
  if (job.format !== "text" || file.isMember || !isAsked) return () => undefined;
  return textOffsets(file.path, { text: job.formats.text, limits: job.limits });
}

/** Where records that cannot be read went. */
export function malformedCounts(
  { corruptColumn }: PrepareJob,
  { records, malformed }: { readonly records: number; readonly malformed: RecordList },
): Pick<PreparedFile, "written" | "rejected" | "corrupt"> {
  if (corruptColumn === undefined) return { written: records - malformed.count, rejected: malformed.count };
  return { written: records, rejected: 0, corrupt: malformed.count };
}

const NEWLINE = Buffer.from("\n");
/** One byte more than is kept tells that there are more. */
const MOST_READ = REJECT_BYTES + 1;

/** Malformed and dirty places of a file, merged in ascending order. */
function* inOrder(scan: FileScan): Generator<{ readonly place: RecordPlace; readonly malformed: boolean }> {
  const malformed = recordPlaces(scan.malformed);
  const dirty = recordPlaces(scan.dirty);
  let nextMalformed = malformed.next();
  let nextDirty = dirty.next();
  while (nextMalformed.done !== true || nextDirty.done !== true) {
    const takeMalformed =
      nextDirty.done === true ||
      (nextMalformed.done !== true && nextMalformed.value.offset < nextDirty.value.offset);
    if (takeMalformed) {
      yield { place: nextMalformed.value as RecordPlace, malformed: true };
      nextMalformed = malformed.next();
    } else {
      yield { place: nextDirty.value as RecordPlace, malformed: false };
      nextDirty = dirty.next();
    }
  }
}
