/**
 * The manifest of a batch: what each of its arrivals came to. Written and durable before the commit, true only if that batchId
 * committed (exactly-once rules, §2). With the Delta log it is the truth from which any ledger is rebuilt.
 */
import { z } from "zod";
import { FORMATS } from "../formats/format-options.ts";
import type { ManifestOutcome } from "../ledger/ledger.ts";
import type { SkipRule } from "../ledger/states.ts";
import { corrupt, parseStateFile, sha256, STATE_SCHEMA_VERSION } from "./state-file.ts";

const count = z.int().nonnegative();

const arrivalShape = z.object({
  key: z.string(),
  generation: z.string(),
  size: count,
  modifiedNs: z.string(),
  outcome: z.enum(["committed", "quarantined", "skipped"]),
  rule: z.string().optional(),
  reason: z.string().optional(),
  /** Bytes read and their CRC-32; records read, and where each went. */
  bytes: count,
  crc32: count,
  read: count,
  written: count,
  rescued: count,
  rejected: count,
  /** Rows of `written` of which something was left out; only without a rescued-data column. */
  ignored: count.optional(),
  /** Rows of `written` that are the text of a record that could not be read; only where there are any. */
  corrupt: count.optional(),
});

/** A key of the data, dotted, and the arrival that brought it. */
const keyShape = z.object({ path: z.string(), file: z.string().optional() });

const manifestShape = z.object({
  schemaVersion: z.literal(STATE_SCHEMA_VERSION),
  pipelineId: z.string(),
  pipeline: z.string(),
  number: z.int().positive(),
  batchId: z.string(),
  /** ISO instant. */
  stagedAt: z.string(),
  /** How the files were read: their format, and options that differ from its defaults. */
  reader: z.object({ format: z.enum(FORMATS), options: z.record(z.string(), z.unknown()) }).optional(),
  arrivals: z.array(arrivalShape),
  /** Paths as in the Delta log's `add`. */
  dataFiles: z.array(z.object({ path: z.string(), rows: count, bytes: count })),
  /** Relative to the table's root. */
  rejects: z.object({ path: z.string(), rows: count }).optional(),
  /** Keys that became columns with this batch; of a new table all. */
  addedColumns: z.array(keyShape).optional(),
  /** Columns of the table that got a wider type with this batch, both types as DDL, and an arrival that brought such a value. */
  widenedColumns: z
    .array(z.object({ path: z.string(), from: z.string(), to: z.string(), file: z.string().optional() }))
    .optional(),
  /** Keys of which values were left out. */
  ignoredKeys: z.array(keyShape).optional(),
  /** Only with a transform: `written` of the arrivals is then what went into it, and what it gave is `rowsOut`. */
  transform: z
    .object({
      rowsIn: count,
      rowsOut: count,
      /** Of `rowsOut`: rows that broke a rule. The data files hold the others. */
      rejected: count,
      /** The columns that the transform saw, as Delta's schema JSON: the next batch begins with these. */
      batchSchema: z.string(),
    })
    .optional(),
});

export type Manifest = z.infer<typeof manifestShape>;
export type ManifestArrival = z.infer<typeof arrivalShape>;

/** Rows that a batch brought into the table. */
export function rowsInTable({ transform, arrivals }: Manifest): number {
  if (transform !== undefined) return transform.rowsOut - transform.rejected;
  return arrivals.reduce((sum, arrival) => sum + arrival.written, 0);
}

/** The bytes of the manifest, and the SHA-256 that its commit names. */
export function serializeManifest(manifest: Manifest): { readonly text: string; readonly sha256: string } {
  const { arrivals, ...head } = manifest;
  // One arrival a line: a person can read and grep it.
  const lines = arrivals.map((arrival) => JSON.stringify(arrival)).join(",\n");
  const text = `${JSON.stringify(head).slice(0, -1)},"arrivals":[\n${lines}\n]}\n`;
  return { text, sha256: sha256(text) };
}

/** @throws LandfallError STATE_CORRUPT, STATE_NEWER */
export function parseManifest(
  content: Buffer,
  expected: {
    readonly file: string;
    readonly number: number;
    readonly batchId: string;
    readonly sha256?: string;
  },
): Manifest {
  if (expected.sha256 !== undefined && sha256(content) !== expected.sha256) {
    throw corrupt(expected.file, "its SHA-256 is not the one that its commit names");
  }
  const manifest = parseStateFile(content.toString("utf8"), manifestShape, expected.file);
  if (manifest.number !== expected.number || manifest.batchId !== expected.batchId) {
    throw corrupt(expected.file, `it speaks of batch ${manifest.number} (${manifest.batchId})`);
  }
  return manifest;
}

/** The manifest's arrivals in the words of the ledger. */
export function manifestOutcomes(manifest: Manifest): ManifestOutcome[] {
  return manifest.arrivals.map((arrival) => ({
    key: arrival.key,
    generation: arrival.generation,
    size: arrival.size,
    modifiedNs: arrival.modifiedNs,
    state: arrival.outcome,
    ...(arrival.rule === undefined ? {} : { rule: arrival.rule as SkipRule }),
    ...(arrival.reason === undefined ? {} : { reason: arrival.reason }),
    counts: {
      bytes: arrival.bytes,
      crc32: arrival.crc32,
      read: arrival.read,
      written: arrival.written,
      rescued: arrival.rescued,
      rejected: arrival.rejected,
      ...(arrival.corrupt === undefined ? {} : { corrupt: arrival.corrupt }),
    },
  }));
}

const doneMarkShape = z.object({
  schemaVersion: z.literal(STATE_SCHEMA_VERSION),
  number: z.int().positive(),
  batchId: z.string(),
  /** The table version of the commit. */
  version: z.int().nonnegative(),
  /** SHA-256 of the manifest. */
  sha256: z.string(),
});

/** Says which batchId won a number, so that it is known when the log has been trimmed. */
export type DoneMark = z.infer<typeof doneMarkShape>;

export function serializeDoneMark(mark: Omit<DoneMark, "schemaVersion">): string {
  return `${JSON.stringify({ schemaVersion: STATE_SCHEMA_VERSION, ...mark })}\n`;
}

/** @throws LandfallError STATE_CORRUPT, STATE_NEWER */
export function parseDoneMark(content: Buffer, file: string): DoneMark {
  return parseStateFile(content.toString("utf8"), doneMarkShape, file);
}
