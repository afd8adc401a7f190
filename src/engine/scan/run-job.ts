/** Carries out one job of the scan workers. */
import { join } from "node:path";
import { isLandfallError } from "../../base/landfall-error.ts";
import { EMPTY_TRIE, mergeTries } from "../../schema/lattice.ts";
import { checksumFile, type OnBytes } from "./feed-file.ts";
import { prepareCsv } from "./prepare-csv.ts";
import { prepareJson, type PreparedRows } from "./prepare-json.ts";
import type { RowValidator } from "./row-validator.ts";
import { scanArrival } from "./scan-arrival.ts";
import type {
  ConvertedRows,
  ConvertJob,
  ConvertJobResult,
  ConvertRangeJob,
  ConvertRangeResult,
  Job,
  JobFile,
  JobResult,
  LookedFile,
  LookJob,
  LookJobResult,
  PrepareJob,
  PrepareJobResult,
  ScanJob,
  ScanJobResult,
  ScannedFile,
  StoredBytes,
  UnpackedPart,
  UnpackJob,
  UnpackJobResult,
  WithParts,
} from "./scan-jobs.ts";
import { scanCsvRange } from "./scan-csv-range.ts";
import { SpillWriter } from "./spill-writer.ts";
import { unpackParquetFile } from "./unpack-parquet-file.ts";

/** @throws LandfallError for what concerns the whole batch; a damaged file is an answer, not an error */
export async function runJob(job: Job, options: { readonly onBytes?: OnBytes } = {}): Promise<JobResult> {
  const { onBytes } = options;
  switch (job.kind) {
    case "scan":
      return runScan(job, onBytes);
    case "csvRange":
      return scanCsvRange(job, onBytes);
    case "prepare":
      return runPrepare(job, onBytes);
    case "convert":
      return runConvert(job, onBytes);
    case "convertRange":
      return runConvertRange(job, onBytes);
    case "unpack":
      return runUnpack(job, onBytes);
    case "look":
      return runLook(job);
  }
}

async function runScan(job: ScanJob, onBytes: OnBytes | undefined): Promise<ScanJobResult> {
  const files: ScannedFile[] = [];
  const gathered = new SpillWriter(join(job.spillFolder, `gathered-${job.files[0]!.rank}.ndjson`));
  let trie = EMPTY_TRIE;
  const validator = await validatorOf(job);
  const faultOf = validator && ((row: string) => validator.fault(row));
  try {
    for (const file of job.files) {
      const before = gathered.bytes;
      try {
        const scanned = await scanArrival({ job, file, gathered, faultOf, onBytes });
        trie = mergeTries(trie, scanned.trie);
        files.push(scanned.file);
      } catch (error) {
        if (!isDamage(error)) throw error;
        gathered.takeBack(before);
        files.push({ ...damaged(file, error), parts: [] });
      }
    }
  } finally {
    gathered.close();
    validator?.close();
  }
  return { files, trie, gathered: gathered.bytes > 0 ? gathered.path : undefined };
}

async function validatorOf({ format, formats }: ScanJob): Promise<RowValidator | undefined> {
  const path = format === "xml" ? formats.xml.rowValidationXSDPath : undefined;
  if (path === undefined) return undefined;
  // Every worker would load the library, and few have a use for it.
  const { rowValidator } = await import("./row-validator.ts");
  return rowValidator(path);
}

async function runPrepare(job: PrepareJob, onBytes: OnBytes | undefined): Promise<PrepareJobResult> {
  const rows = new SpillWriter(`${job.outPrefix}.ndjson`);
  const rejects = new SpillWriter(`${job.outPrefix}.rejects.ndjson`);
  const prepare = job.format === "csv" ? prepareCsv : prepareJson;
  const files: PreparedRows[] = [];
  try {
    for (const file of job.files) files.push(await prepare(job, file, { rows, rejects }, onBytes));
  } finally {
    rows.close();
    rejects.close();
  }
  return {
    files,
    outputs: rows.bytes > 0 ? [rows.path] : [],
    longest: files.reduce((most, file) => Math.max(most, file.longest), 0),
    rejects: rejects.bytes > 0 ? rejects.path : undefined,
  };
}

async function runConvert(job: ConvertJob, onBytes: OnBytes | undefined): Promise<ConvertJobResult> {
  // Every worker would load the library, and few have a use for it.
  const { convertAvro } = await import("./convert-avro.ts");
  const read = (file: JobFile): Promise<WithParts<ConvertedRows>> => convertAvro({ job, file, onBytes });
  return { files: await eachFile(job.files, { parts: [] }, read) };
}

async function runConvertRange(
  job: ConvertRangeJob,
  onBytes: OnBytes | undefined,
): Promise<ConvertRangeResult> {
  const { convertAvroRange } = await import("./convert-avro-range.ts");
  return convertAvroRange(job, onBytes);
}

async function runUnpack(job: UnpackJob, onBytes: OnBytes | undefined): Promise<UnpackJobResult> {
  const read = (file: JobFile): Promise<WithParts<UnpackedPart>> => unpackParquetFile({ job, file, onBytes });
  return { files: await eachFile(job.files, { parts: [] }, read) };
}

async function runLook(job: LookJob): Promise<LookJobResult> {
  return { files: await eachFile(job.files, {}, async (file) => checksumFile(file.path)) };
}

/** What each file gives, or why it is damaged, with nothing more of it. */
async function eachFile<Found extends StoredBytes, Nothing>(
  files: readonly JobFile[],
  nothing: Nothing,
  read: (file: JobFile) => Promise<Found>,
): Promise<({ readonly rank: number } & (Found | (LookedFile & Nothing)))[]> {
  const answers: ({ readonly rank: number } & (Found | (LookedFile & Nothing)))[] = [];
  for (const file of files) {
    try {
      answers.push({ rank: file.rank, ...(await read(file)) });
    } catch (error) {
      if (!isDamage(error)) throw error;
      answers.push({ ...damaged(file, error), ...nothing });
    }
  }
  return answers;
}

// A file that went away is told by its generation, which is compared once more after the read.
const isGone = (error: Error): boolean =>
  isLandfallError(error, "OBJECT_MISSING") || isLandfallError(error, "SOURCE_UNREADABLE");

function isDamage(error: unknown): error is Error {
  return error instanceof Error && (isGone(error) || isLandfallError(error, "FILE_DAMAGED"));
}

function damaged(
  file: JobFile,
  error: Error,
): { readonly rank: number; readonly damage: string; readonly bytes: number; readonly crc32: number } {
  const found = isGone(error) ? { bytes: 0, crc32: 0 } : checksumFile(file.path);
  return { rank: file.rank, damage: error.message, ...found };
}
