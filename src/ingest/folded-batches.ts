/**
 * Folded batches: the manifests and done marks of many done batches in one compact file, each manifest's bytes unchanged with its
 * SHA-256 and version (exactly-once rules, §2). A line of JSON for the file, then one for each batch, ascending and dense.
 */
import { z } from "zod";
import { LandfallError } from "../base/landfall-error.ts";
import type { Storage } from "../storage/storage.ts";
import type { DoneMark } from "./manifest.ts";
import { corrupt, parseStateFile, sha256, STATE_SCHEMA_VERSION } from "./state-file.ts";
import { batchesFolder, parseFoldedName } from "./state-keys.ts";

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

/**
 * The folded batches of a pipeline with numbers from..to, ascending; none where nothing was folded.
 *
 * @throws LandfallError STATE_CORRUPT, STATE_NEWER
 */
export async function readFoldedBatches(
  storage: Storage,
  pipeline: string,
  range: { readonly from: number; readonly to: number },
): Promise<FoldedBatch[]> {
  const found: FoldedBatch[] = [];
  for await (const { key } of storage.list({ prefix: batchesFolder(pipeline) })) {
    const name = parseFoldedName(key);
    if (name === undefined || name.last < range.from || name.first > range.to) continue;
    const content = (await storage.get(key)).toString("utf8");
    found.push(...parseFolded(content, { file: `${storage.location}/${key}`, ...name }));
  }
  return found.filter((batch) => batch.number >= range.from && batch.number <= range.to);
}

/** @throws LandfallError STATE_CORRUPT, STATE_NEWER */
export function parseFolded(
  content: string,
  expected: { readonly file: string; readonly first: number; readonly last: number },
): FoldedBatch[] {
  const { file, first, last } = expected;
  const [head, ...lines] = content.trimEnd().split("\n");
  const stated = parseStateFile(head ?? "", headShape, file);
  const batches = lines.map((line) => parseLine(line, file));
  const isDense =
    batches.every((batch, i) => batch.number === first + i) && batches.length === last - first + 1;
  if (stated.first !== first || stated.last !== last || !isDense) {
    throw corrupt(file, `it does not hold the batches ${first} to ${last}`);
  }
  for (const batch of batches) {
    if (sha256(batch.manifest) !== batch.sha256)
      throw corrupt(file, `the manifest of batch ${batch.number} was changed`);
  }
  return batches;
}

function parseLine(line: string, file: string): FoldedBatch {
  try {
    return batchShape.parse(JSON.parse(line));
  } catch (error) {
    throw error instanceof LandfallError ? error : corrupt(file, "a line of it is no batch", error);
  }
}

/** What the done mark of a folded batch said. */
export function foldedDoneMark(batch: FoldedBatch): DoneMark {
  const { number, batchId, version, sha256: hash } = batch;
  return { schemaVersion: STATE_SCHEMA_VERSION, number, batchId, version, sha256: hash };
}
