/**
 * Folded batches: the manifests and done marks of many done batches in one compact file, each manifest's bytes unchanged with its
 * SHA-256 and version (exactly-once rules, §2). A line of JSON for the file, then one for each batch, ascending and dense.
 */
import { z } from "zod";
import { isLandfallError, LandfallError } from "../base/landfall-error.ts";
import type { Storage } from "../storage/storage.ts";
import { listBatchNames, type FoldedFile } from "./batch-names.ts";
import { corrupt, parseStateFile, sha256, STATE_SCHEMA_VERSION } from "./state-file.ts";

const headShape = z.object({
  schemaVersion: z.literal(STATE_SCHEMA_VERSION),
  pipelineId: z.string(),
  first: z.int().positive(),
  last: z.int().positive(),
});

const batchShape = z.object({
  number: z.int().positive(),
  batchId: z.string(),
  version: z.int().nonnegative(),
  sha256: z.string(),
  /** The manifest's text, byte for byte. */
  manifest: z.string(),
});

export type FoldedBatch = z.infer<typeof batchShape>;

/** Looks batches up in the files of folded batches. */
export interface FoldedReader {
  /**
   * Undefined where the number is in none of them. The file that was read last is kept, so that a walk through the numbers reads each
   * file once; only the batch itself is judged, with its manifest's SHA-256.
   *
   * @throws LandfallError STATE_CORRUPT, STATE_NEWER
   */
  find(number: number): Promise<FoldedBatch | undefined>;
}

export function foldedReader(storage: Storage, pipeline: string): FoldedReader {
  let files: readonly FoldedFile[] | undefined;
  let open: OpenFolded | undefined;
  const fileOf = (number: number): FoldedFile | undefined =>
    files?.find(({ first, last }) => first <= number && number <= last);
  return {
    async find(number) {
      if (open?.holds(number) === true) return open.batch(number);
      // Another process may have folded since they were listed.
      if (fileOf(number) === undefined) files = (await listBatchNames(storage, pipeline)).folded;
      const file = fileOf(number);
      if (file === undefined) return undefined;
      // The one before is given back first: two at once are twice the memory.
      open = undefined;
      open = openFolded(await storage.get(file.key), { ...file, file: `${storage.location}/${file.key}` });
      return open.batch(number);
    },
  };
}

interface ExpectedFile {
  readonly file: string;
  readonly first: number;
  readonly last: number;
}

interface OpenFolded {
  holds(number: number): boolean;
  /** @throws LandfallError STATE_CORRUPT, STATE_NEWER */
  batch(number: number): FoldedBatch;
}

const NEWLINE = 0x0a;

/** Finds the lines, and parses one only when it is asked for. */
function openFolded(content: Buffer, { file, first, last }: ExpectedFile): OpenFolded {
  const starts = [0];
  for (let end = content.indexOf(NEWLINE); end >= 0; end = content.indexOf(NEWLINE, end + 1))
    starts.push(end + 1);
  const line = (index: number): string =>
    content.subarray(starts[index], Math.max(0, starts[index + 1]! - 1)).toString("utf8");
  // A line for the file, one for each batch, and nothing behind the last newline.
  const isWhole = starts.length === last - first + 3 && starts.at(-1) === content.length;
  const stated = parseStateFile(isWhole ? line(0) : headOf(content), headShape, file);
  if (!isWhole || stated.first !== first || stated.last !== last)
    throw corrupt(file, `it does not hold the batches ${first} to ${last}`);
  return {
    holds: (number) => first <= number && number <= last,
    batch(number) {
      const batch = parseLine(line(number - first + 1), file);
      if (batch.number !== number)
        throw corrupt(file, `batch ${batch.number} stands in the place of ${number}`);
      if (sha256(batch.manifest) !== batch.sha256)
        throw corrupt(file, `the manifest of batch ${number} was changed`);
      return batch;
    },
  };
}

function headOf(content: Buffer): string {
  const end = content.indexOf(NEWLINE);
  return content.subarray(0, end < 0 ? content.length : end).toString("utf8");
}

/**
 * All batches of a file, each judged. Undefined where there is no such file.
 *
 * @throws LandfallError STATE_CORRUPT, STATE_NEWER
 */
export async function readFoldedFile(
  storage: Storage,
  { key, first, last }: FoldedFile,
): Promise<readonly Omit<FoldedBatch, "manifest">[] | undefined> {
  try {
    const open = openFolded(await storage.get(key), { file: `${storage.location}/${key}`, first, last });
    return Array.from({ length: last - first + 1 }, (_, i) => {
      const { manifest: _text, ...batch } = open.batch(first + i);
      return batch;
    });
  } catch (error) {
    if (isLandfallError(error, "OBJECT_MISSING")) return undefined;
    throw error;
  }
}

/** The bytes of a file of folded batches, piece by piece in the order of their numbers. */
export function serializeFolded(pipelineId: string, batches: readonly FoldedBatch[]): Buffer {
  const [first] = batches;
  const head = {
    schemaVersion: STATE_SCHEMA_VERSION,
    pipelineId,
    first: first?.number,
    last: batches.at(-1)?.number,
  };
  const lines = [head, ...batches.map(batchLine)].map((line) => JSON.stringify(line));
  // Into one buffer, and no line is joined with its end first: a manifest may have tens of megabytes, and each copy of it counts.
  const bytes = Buffer.allocUnsafe(lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0));
  let at = 0;
  for (const line of lines) {
    at += bytes.write(line, at);
    bytes[at++] = NEWLINE;
  }
  return bytes;
}

function batchLine({ number, batchId, version, sha256: hash, manifest }: FoldedBatch): FoldedBatch {
  return { number, batchId, version, sha256: hash, manifest };
}

function parseLine(line: string, file: string): FoldedBatch {
  try {
    return batchShape.parse(JSON.parse(line));
  } catch (error) {
    throw error instanceof LandfallError ? error : corrupt(file, "a line of it is no batch", error);
  }
}
