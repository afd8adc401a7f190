/**
 * A bounded sample of a source: files whole while they are small, the beginning of one that is large, cut where a record ends. Nothing is
 * written but below the scratch folder.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { decodePathBytes, encodePathBytes } from "../base/path-bytes.ts";
import type { StageFile } from "../engine/engine.ts";
import type { FileFormat } from "../formats/format-options.ts";
import { cutLength } from "./cut-length.ts";
import { readHead } from "./read-head.ts";

export interface SampleLimits {
  readonly files: number;
  /** Of all files together. */
  readonly bytes: number;
  /** A file that cannot be cut (Parquet, Avro, XML, a JSON array) is read whole up to this size, and left out beyond it. */
  readonly wholeFileBytes: number;
}

export const SAMPLE_LIMITS: SampleLimits = {
  files: 1000,
  bytes: 8 * 1024 ** 2,
  wholeFileBytes: 64 * 1024 ** 2,
};

export interface Sample {
  readonly files: readonly StageFile[];
  /** Of the source's files as they lie there: what was looked at. */
  readonly bytes: number;
  /** Keys of files of which the beginning only was taken. */
  readonly cut: readonly string[];
  /** Keys of files that are too large to be taken whole and cannot be cut. */
  readonly tooLarge: readonly string[];
}

/** Files in their order, as many as the limits allow; one at least, where any can be taken. */
export async function sampleFiles(options: {
  readonly files: readonly StageFile[];
  readonly format: FileFormat;
  readonly scratchFolder: string;
  readonly limits?: SampleLimits;
  readonly signal?: AbortSignal | undefined;
}): Promise<Sample> {
  const { files, format, scratchFolder, signal, limits = SAMPLE_LIMITS } = options;
  const taken: StageFile[] = [];
  const cut: string[] = [];
  const tooLarge: string[] = [];
  let bytes = 0;
  for (const file of files) {
    if (taken.length >= limits.files || bytes >= limits.bytes) break;
    signal?.throwIfAborted();
    if (bytes + file.size <= limits.bytes) {
      taken.push(file);
      bytes += file.size;
      continue;
    }
    // The rest of the sample would be a small piece of this file: what is there serves.
    if (taken.length > 0) break;
    const beginning = await cutFile({ file, format, scratchFolder, bytes: limits.bytes, signal });
    if (beginning !== undefined) {
      taken.push(beginning.file);
      cut.push(file.key);
      bytes += beginning.bytesRead;
    } else if (file.size <= limits.wholeFileBytes) {
      taken.push(file);
      bytes += file.size;
    } else {
      tooLarge.push(file.key);
    }
  }
  return { files: taken, bytes, cut, tooLarge };
}

/** A copy of the file's beginning; undefined where it cannot be cut between two records. */
async function cutFile(options: {
  readonly file: StageFile;
  readonly format: FileFormat;
  readonly scratchFolder: string;
  readonly bytes: number;
  readonly signal: AbortSignal | undefined;
}): Promise<{ readonly file: StageFile; readonly bytesRead: number } | undefined> {
  const { file, format, scratchFolder, bytes, signal } = options;
  if (format !== "json" && format !== "csv" && format !== "text") return undefined;
  const head = await readHead({ path: decodePathBytes(file.path), bytes, signal });
  const length = head.isWhole ? head.bytes.length : cutLength({ bytes: head.bytes, format });
  if (length === undefined) return undefined;
  // Below folders of the same names, which may say the values of columns.
  const path = `${encodePathBytes(scratchFolder)}/sample/${file.key}`;
  await mkdir(decodePathBytes(path.slice(0, path.lastIndexOf("/"))), { recursive: true });
  await writeFile(decodePathBytes(path), head.bytes.subarray(0, length));
  return { file: { ...file, path, size: length }, bytesRead: head.bytesRead };
}
