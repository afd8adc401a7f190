/** Brings one NDJSON file into shape: clean stretches as they are, dirty records repaired, malformed ones set aside. */
import { recordPlaces, type RecordPlace } from "./record-list.ts";
import { RangeReader } from "./range-reader.ts";
import { RecordMarker } from "./record-marker.ts";
import { rejectLine } from "./reject-line.ts";
import { repairRecord } from "./repair-record.ts";
import { IgnoredKeys, misfitCounts } from "./ignored-keys.ts";
import { refusedRow, type RefusedRow } from "./row-source.ts";
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
  const marker = job.mark && new RecordMarker(job.mark, file.name);
  const reader = new RangeReader(file.plainPath);
  const copy = (from: number, to: number): void =>
    marker === undefined ? reader.copy(from, to, outputs.rows) : marker.copy(reader, from, to, outputs.rows);
  try {
    let at = scan.marked ? 3 : 0;
    for (const { place, malformed } of inOrder(scan)) {
      copy(at, place.offset);
      const written = reader.read(place.offset, place.length);
      if (malformed) {
        const refused = job.format === "xml" ? refusedRow(written) : undefined;
        const content = contentOf(job.format, written, refused);
        outputs.rejects.write(
          rejectLine(file, { ...place, length: content.length }, content, refused?.reason),
        );
        marker?.skip();
      } else {
        const repaired = repairRecord({
          record: wrap === undefined ? written : wrap(written),
          target,
          rescuedColumn: job.rescuedColumn,
          filePath: file.key,
          ...(marker === undefined ? {} : { prefix: marker.next() }),
          onMisfit: ignored && ((path) => ignored.add(path)),
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
  const rejected = scan.malformed.count;
  const written = scan.records - rejected;
  const { rank } = file;
  longest += marker?.width ?? 0;
  return { rank, records: scan.records, written, ...misfitCounts(misfits, ignored), rejected, longest };
}

const NEWLINE = Buffer.from("\n");

/** Of a record that is rejected, as it stood in its file, near enough. */
function contentOf(format: TextFormat, written: Buffer, refused: RefusedRow | undefined): Buffer {
  if (refused !== undefined) return Buffer.from(refused.content);
  return format === "text" ? textOfLine(written) : written;
}

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
