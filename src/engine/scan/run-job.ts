/** Carries out one job of the scan workers. */
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { isLandfallError } from "../../base/landfall-error.ts";
import { decodePathBytes } from "../../base/path-bytes.ts";
import { EMPTY_TRIE, mergeTries } from "../../schema/lattice.ts";
import { MALFORMED_SENTENCES, malformedReason, recordPlaces, type RecordPlace } from "./record-list.ts";
import { repairRecord } from "./repair-record.ts";
import { scanFile, type FileScan } from "./scan-file.ts";
import type {
  Job,
  JobResult,
  PreparedFile,
  PrepareFile,
  PrepareJob,
  PrepareJobResult,
  ScanJob,
  ScanJobResult,
  ScannedFile,
} from "./scan-jobs.ts";
import { SpillWriter } from "./spill-writer.ts";

/** @throws LandfallError for what concerns the whole batch; a damaged file is an answer, not an error */
export async function runJob(job: Job, signal?: AbortSignal): Promise<JobResult> {
  return job.kind === "scan" ? runScan(job, signal) : runPrepare(job, signal);
}

async function runScan(job: ScanJob, signal: AbortSignal | undefined): Promise<ScanJobResult> {
  const files: ScannedFile[] = [];
  let trie = EMPTY_TRIE;
  for (const file of job.files) {
    const inflated = join(job.inflateFolder, `${file.rank}.ndjson`);
    const spill = new SpillWriter(inflated);
    try {
      const scan = await scanFile({
        path: file.path,
        file: file.rank,
        ...job.limits,
        onInflated: (bytes) => spill.write(bytes),
        ...(signal ? { signal } : {}),
      });
      trie = mergeTries(trie, scan.trie);
      files.push({
        rank: file.rank,
        bytes: scan.bytes,
        crc32: scan.crc32,
        records: scan.records,
        malformed: scan.malformed.count,
        longest: scan.longest,
        marked: scan.marked,
        ...(scan.compression === "gzip" ? { inflated } : {}),
      });
    } catch (error) {
      // A file that went away is told by its generation, which is compared once more after the read.
      const isGone = isLandfallError(error, "OBJECT_MISSING") || isLandfallError(error, "SOURCE_UNREADABLE");
      if (!isGone && !isLandfallError(error, "FILE_DAMAGED")) throw error;
      const { bytes, crc32 } = isGone ? { bytes: 0, crc32: 0 } : checksumFile(file.path);
      files.push({
        rank: file.rank,
        damage: error.message,
        bytes,
        crc32,
        records: 0,
        malformed: 0,
        longest: 0,
        marked: false,
      });
    } finally {
      spill.close();
    }
  }
  return { files, trie };
}

async function runPrepare(job: PrepareJob, signal: AbortSignal | undefined): Promise<PrepareJobResult> {
  const output = new SpillWriter(`${job.outPrefix}.ndjson`);
  const rejects = new SpillWriter(`${job.outPrefix}.rejects.ndjson`);
  const files: PreparedFile[] = [];
  let longest = 0;
  try {
    for (const file of job.files) {
      const scan = await scanFile({
        path: file.plainPath,
        file: file.rank,
        target: job.target,
        ...job.limits,
        ...(signal ? { signal } : {}),
      });
      const prepared = prepareFile(job, file, scan, output, rejects);
      files.push(prepared.file);
      longest = Math.max(longest, prepared.longest);
    }
  } finally {
    output.close();
    rejects.close();
  }
  return {
    files,
    outputs: output.bytes > 0 ? [output.path] : [],
    longest,
    rejects: rejects.bytes > 0 ? rejects.path : undefined,
  };
}

/** Copies clean stretches as they are, repairs dirty records, sets malformed ones aside. */
function prepareFile(
  job: PrepareJob,
  file: PrepareFile,
  scan: FileScan,
  output: SpillWriter,
  rejects: SpillWriter,
): { readonly file: PreparedFile; readonly longest: number } {
  let rescued = 0;
  let { longest } = scan;
  const reader = new RangeReader(file.plainPath);
  try {
    let at = scan.marked ? 3 : 0;
    for (const { place, malformed } of inOrder(scan)) {
      reader.copy(at, place.offset, output);
      const record = reader.read(place.offset, place.length);
      if (malformed) {
        rejects.write(rejectLine(file.key, place, record));
      } else {
        const repaired = repairRecord({
          record,
          target: job.target,
          rescuedColumn: job.rescuedColumn,
          filePath: file.key,
        });
        output.write(repaired.line);
        longest = Math.max(longest, repaired.line.length);
        if (repaired.rescued > 0) rescued += 1;
      }
      at = place.offset + place.length;
    }
    reader.copy(at, scan.inflatedBytes, output);
    output.write(NEWLINE);
  } finally {
    reader.close();
  }
  const rejected = scan.malformed.count;
  const written = scan.records - rejected;
  return { file: { rank: file.rank, records: scan.records, written, rescued, rejected }, longest };
}

const NEWLINE = Buffer.from("\n");

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

/** Of a rejected record at most this much is kept. */
const REJECT_BYTES = 1024 ** 2;

function rejectLine(key: string, place: RecordPlace, record: Buffer): Buffer {
  const reject = {
    file: key,
    record: place.ordinal + 1,
    byte_offset: place.offset,
    length: place.length,
    reason: MALFORMED_SENTENCES[malformedReason(place)],
    content: record.subarray(0, REJECT_BYTES).toString("base64"),
  };
  return Buffer.from(`${JSON.stringify(reject)}\n`);
}

/** Ranges of one file, through one buffer. */
class RangeReader {
  readonly #handle: number;
  #buffer = Buffer.allocUnsafe(64 * 1024);

  constructor(path: string) {
    this.#handle = openSync(decodePathBytes(path), "r");
  }

  /** Valid until the next call. */
  read(offset: number, length: number): Buffer {
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(length);
    const count = readSync(this.#handle, this.#buffer, 0, length, offset);
    return this.#buffer.subarray(0, count);
  }

  copy(from: number, to: number, output: SpillWriter): void {
    const step = 4 * 1024 ** 2;
    for (let at = from; at < to; at += step) output.write(this.read(at, Math.min(step, to - at)));
  }

  close(): void {
    closeSync(this.#handle);
  }
}

/** Bytes and CRC-32 of a file that cannot be inflated: what lies there, for the manifest. */
function checksumFile(path: string): { readonly bytes: number; readonly crc32: number } {
  const handle = openSync(decodePathBytes(path), "r");
  try {
    const buffer = Buffer.allocUnsafe(1024 ** 2);
    let bytes = 0;
    let checksum = 0;
    for (let count = readSync(handle, buffer); count > 0; count = readSync(handle, buffer)) {
      checksum = crc32(buffer.subarray(0, count), checksum);
      bytes += count;
    }
    return { bytes, crc32: checksum };
  } finally {
    closeSync(handle);
  }
}
