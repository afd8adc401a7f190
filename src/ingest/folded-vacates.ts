/**
 * Folded vacate records: many of them in one file, each with its name and its bytes unchanged. A line of JSON for the file, then one for each
 * record, in the order of their names. The file's own name has the SHA-256 of what it holds.
 */
import { z } from "zod";
import type { Storage } from "../storage/storage.ts";
import { corrupt, parseStateFile, sha256, STATE_SCHEMA_VERSION } from "./state-file.ts";
import { foldedVacatesFolder, parseFoldedVacatesName, parseVacateName, vacatedFolder } from "./state-keys.ts";

const headShape = z.object({
  schemaVersion: z.literal(STATE_SCHEMA_VERSION),
  pipelineId: z.string(),
  records: z.int().positive(),
});

const lineShape = z.object({
  /** Where the record stood. */
  key: z.string(),
  /** Byte for byte. */
  text: z.string(),
});

export type FoldedVacate = z.infer<typeof lineShape>;

export interface NamedVacate {
  readonly key: string;
  readonly number: number;
  readonly batchId: string;
  /** Bytes. */
  readonly size: number;
}

export interface FoldedVacatesFile {
  readonly key: string;
  /** The lowest and the highest number of a batch in it; others in between may be missing. */
  readonly first: number;
  readonly last: number;
  readonly sha256: string;
}

/**
 * What stands by itself, and what is folded, each in the order of the names; nothing is read. In two listings, one after the other: what is not
 * met in the first because it was folded meanwhile is in a file that the second meets.
 */
export async function listVacateNames(
  storage: Storage,
  pipeline: string,
): Promise<{ readonly records: readonly NamedVacate[]; readonly folded: readonly FoldedVacatesFile[] }> {
  const records: NamedVacate[] = [];
  for await (const { key, size } of storage.list({ prefix: vacatedFolder(pipeline) })) {
    const record = parseVacateName(key);
    if (record !== undefined) records.push({ key, size, ...record });
  }
  const folded: FoldedVacatesFile[] = [];
  for await (const { key } of storage.list({ prefix: foldedVacatesFolder(pipeline) })) {
    const file = parseFoldedVacatesName(key);
    if (file !== undefined) folded.push({ key, ...file });
  }
  return { records, folded };
}

/** The bytes of a file. @param records at least one */
export function serializeFoldedVacates(pipelineId: string, records: readonly FoldedVacate[]): string {
  const head = { schemaVersion: STATE_SCHEMA_VERSION, pipelineId, records: records.length };
  return [head, ...records.map(({ key, text }) => ({ key, text }))]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join("");
}

/** All of a file, held against the SHA-256 in its name. @throws LandfallError STATE_CORRUPT, STATE_NEWER; OBJECT_MISSING */
export async function readFoldedVacates(
  storage: Storage,
  { key, sha256: named }: Pick<FoldedVacatesFile, "key" | "sha256">,
): Promise<readonly FoldedVacate[]> {
  const file = `${storage.location}/${key}`;
  const content = await storage.get(key);
  const [head = "", ...lines] = content.toString("utf8").trimEnd().split("\n");
  const { records } = parseStateFile(head, headShape, file);
  if (sha256(content) !== named) throw corrupt(file, "its SHA-256 is not the one in its name");
  if (lines.length !== records) throw corrupt(file, `it holds ${lines.length} records, and says ${records}`);
  return lines.map((line) => parseLine(line, file));
}

function parseLine(line: string, file: string): FoldedVacate {
  try {
    return lineShape.parse(JSON.parse(line));
  } catch (error) {
    throw corrupt(file, "a line of it is no vacate record", error);
  }
}
