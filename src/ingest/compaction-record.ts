/**
 * The record of a compaction: which data files it took and which it made. Durable before the files that it names and before the commit, true
 * only if that commit landed, like a manifest; a mark says so once it has, and is there when the log no longer is.
 */
import { z } from "zod";
import { isJsonObject } from "../base/lossless-json.ts";
import { findCommitInfo, type Action } from "../delta/actions.ts";
import type { Storage } from "../storage/storage.ts";
import { corrupt, parseStateFile, sha256, STATE_SCHEMA_VERSION } from "./state-file.ts";
import { compactionKey, compactionMarkKey, compactionsFolder, parseCompactionName } from "./state-keys.ts";

const count = z.int().nonnegative();
const fileShape = z.object({
  /** As in the Delta log's `add`. */
  path: z.string(),
  rows: count,
  bytes: count,
});

const recordShape = z.object({
  schemaVersion: z.literal(STATE_SCHEMA_VERSION),
  pipelineId: z.string(),
  pipeline: z.string(),
  id: z.uuid(),
  /** ISO instant. */
  at: z.string(),
  /** The table's version in which its inputs were live. */
  version: count,
  inputs: z.array(fileShape),
  outputs: z.array(fileShape),
});

const markShape = z.object({
  schemaVersion: z.literal(STATE_SCHEMA_VERSION),
  id: z.uuid(),
  /** The table version of the commit. */
  version: count,
  /** SHA-256 of the record. */
  sha256: z.string(),
  /** What it came to, for people; absent where another process than the one that committed wrote the mark. */
  milliseconds: z.number().nonnegative().optional(),
});

export type CompactedFile = z.infer<typeof fileShape>;
export type CompactionRecord = z.infer<typeof recordShape>;
export type CompactionMark = z.infer<typeof markShape>;

/** The text of the record, and the SHA-256 that its commit names. */
export function serializeCompaction(record: CompactionRecord): {
  readonly text: string;
  readonly sha256: string;
} {
  const text = `${JSON.stringify(record)}\n`;
  return { text, sha256: sha256(text) };
}

/** @throws LandfallError STATE_CORRUPT, STATE_NEWER; OBJECT_MISSING */
export async function readCompaction(
  storage: Storage,
  of: { readonly pipeline: string; readonly id: string; readonly sha256?: string },
): Promise<CompactionRecord> {
  const key = compactionKey(of.pipeline, of.id);
  const file = `${storage.location}/${key}`;
  const content = await storage.get(key);
  if (of.sha256 !== undefined && sha256(content) !== of.sha256)
    throw corrupt(file, "its SHA-256 is not the one that its commit names");
  const record = parseStateFile(content.toString("utf8"), recordShape, file);
  if (record.id !== of.id) throw corrupt(file, `it speaks of the compaction ${record.id}`);
  return record;
}

export async function writeCompactionMark(
  storage: Storage,
  pipeline: string,
  mark: Omit<CompactionMark, "schemaVersion">,
): Promise<void> {
  const text = `${JSON.stringify({ schemaVersion: STATE_SCHEMA_VERSION, ...mark })}\n`;
  await storage.put(compactionMarkKey(pipeline, mark.id), text, { ifAbsent: true });
}

/** @throws LandfallError STATE_CORRUPT, STATE_NEWER; OBJECT_MISSING */
export async function readCompactionMark(
  storage: Storage,
  pipeline: string,
  id: string,
): Promise<CompactionMark> {
  const key = compactionMarkKey(pipeline, id);
  const file = `${storage.location}/${key}`;
  return parseStateFile((await storage.get(key)).toString("utf8"), markShape, file);
}

/** Ids, oldest first: with a mark, and without one. One listing of names. */
export async function listCompactions(
  storage: Storage,
  pipeline: string,
): Promise<{ readonly done: readonly string[]; readonly open: readonly string[] }> {
  const records: string[] = [];
  const done = new Set<string>();
  for await (const { key } of storage.list({ prefix: compactionsFolder(pipeline) })) {
    const name = parseCompactionName(key);
    if (name?.kind === "done") done.add(name.id);
    else if (name !== undefined) records.push(name.id);
  }
  return { done: [...done].sort(), open: records.filter((id) => !done.has(id)) };
}

export interface OwnCompaction {
  readonly pipeline: string;
  readonly id: string;
  readonly sha256: string;
}

/** The compaction of Landfall that a commit is; undefined for any other commit. */
export function ownCompactionOf(actions: readonly Action[]): OwnCompaction | undefined {
  const landfall = findCommitInfo(actions)?.["landfall"];
  if (!isJsonObject(landfall)) return undefined;
  const { pipeline, compaction, sha256: hash } = landfall;
  if (typeof pipeline !== "string" || typeof compaction !== "string" || typeof hash !== "string")
    return undefined;
  return { pipeline, id: compaction, sha256: hash };
}
