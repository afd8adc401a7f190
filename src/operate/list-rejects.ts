/** The records that committed batches rejected, for people: which, where they stood, why, and what they hold. */
import { nullableField, type StructType } from "../schema/data-type.ts";
import type { Engine } from "../engine/engine.ts";
import { foldedReader, type FoldedReader } from "../ingest/folded-batches.ts";
import type { PipelineIdentity } from "../ingest/pipeline-identity.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";
import { parseRejectsName, rejectsFolder } from "../ingest/state-keys.ts";
import type { Batch } from "../ledger/ledger.ts";
import type { LedgerReader } from "../ledger/ledger-reader.ts";
import type { Storage } from "../storage/storage.ts";
import { everyArrival, openOrRebuild, type ListFilesOptions } from "./list-files.ts";
import { manifestOfBatch } from "./manifest-of-batch.ts";
import { pipelinesOf, type TableView } from "./table-view.ts";

export interface RejectedRecord {
  readonly pipeline: string;
  /**
   * Percent-encoded, relative to the source; of an archive with the member's name behind it. Undefined, like `record`, for a row that a
   * transform gave: it may be made of many, or of none.
   */
  readonly key?: string;
  /** Its number in the file, from 1. */
  readonly record?: number;
  /** Where it begins in the file's uncompressed bytes, from 0. Undefined in a file whose lines are not its records. */
  readonly byteOffset?: number;
  /** Its bytes, of which `content` holds the first MiB at most. */
  readonly length: number;
  readonly reason: string;
  /** The rule of `expect` that the row broke; undefined for a record that could not be read. */
  readonly rule?: string;
  /** Of a row that broke a rule the row as JSON. As text; U+FFFD stands for bytes that are no UTF-8. */
  readonly content: string;
  readonly batch: number;
  readonly version: number;
}

export interface RejectList {
  readonly table: string;
  /** In the order of pipelines, batches, keys and records. */
  readonly records: readonly RejectedRecord[];
  /** Rejected records of the files that were asked for, shown here or not. */
  readonly rejected: number;
  /** True when there are more than `limit`. */
  readonly truncated: boolean;
  /** Batches whose rejects nobody can find any more, since their manifest is gone. */
  readonly lost: readonly { readonly pipeline: string; readonly batch: number }[];
}

export type ListRejectsOptions = Omit<ListFilesOptions, "states">;

/** Of the file of a batch's rejects. */
export const REJECT_COLUMNS: StructType = {
  type: "struct",
  fields: [
    nullableField("file", "string"),
    nullableField("record", "long"),
    nullableField("byte_offset", "long"),
    nullableField("length", "long"),
    nullableField("reason", "string"),
    nullableField("rule", "string"),
    nullableField("content", "binary"),
  ],
};

/** @throws LandfallError TABLE_MISSING, USAGE for an unknown pipeline, LEDGER_FAILED, STATE_NEWER, OBJECT_MISSING where a file of rejects is gone */
export async function listRejects(
  view: TableView & { readonly engine: Engine },
  options: ListRejectsOptions,
): Promise<RejectList> {
  const records: RejectedRecord[] = [];
  const lost: { pipeline: string; batch: number }[] = [];
  let rejected = 0;
  for (const identity of await pipelinesOf(view.storage, options.pipeline)) {
    const { ledger } = await openOrRebuild(view, identity, options);
    try {
      const folded = foldedReader(view.storage, identity.name);
      for (const found of await batchesWithRejects(view.storage, { identity, ledger }, options)) {
        rejected += found.rejected;
        const left = options.limit + 1 - records.length;
        if (left <= 0) continue;
        const read = await readRejects(view, {
          identity,
          found,
          folded,
          limit: left,
          signal: options.signal,
        });
        if (read === undefined)
          lost.push({ pipeline: declaredNameOf(identity.name), batch: found.batch.number });
        else records.push(...read);
      }
    } finally {
      await ledger.close();
    }
  }
  const truncated = records.length > options.limit;
  return {
    table: view.storage.location,
    records: records.slice(0, options.limit),
    rejected,
    truncated,
    lost,
  };
}

interface BatchWithRejects {
  readonly batch: Batch;
  readonly keys: ReadonlySet<string>;
  /** Rows of the transform are asked for, too. */
  readonly ofTransform: boolean;
  readonly rejected: number;
}

/** By number. A row that a transform gave is of no file, and is only there where no file is asked for. What a batch rejected counts only if its ledger, or the manifests, say that it committed. */
async function batchesWithRejects(
  storage: Storage,
  { identity, ledger }: { readonly identity: PipelineIdentity; readonly ledger: LedgerReader },
  { keyPrefix, accepts, signal }: ListRejectsOptions,
): Promise<BatchWithRejects[]> {
  const ofTransform = keyPrefix === undefined && accepts === undefined;
  const found = new Map<string, { keys: Set<string>; rejected: number }>();
  for await (const { key, batchId, outcome } of everyArrival(ledger, keyPrefix ? { keyPrefix } : {})) {
    signal?.throwIfAborted();
    if (batchId === undefined || !outcome?.rejected || accepts?.(key) === false) continue;
    const of = found.get(batchId) ?? { keys: new Set(), rejected: 0 };
    of.keys.add(key);
    of.rejected += outcome.rejected;
    found.set(batchId, of);
  }
  if (ofTransform) {
    for await (const { key } of storage.list({ prefix: rejectsFolder(identity.name) })) {
      const name = parseRejectsName(key);
      if (name !== undefined && !found.has(name.batchId))
        found.set(name.batchId, { keys: new Set(), rejected: 0 });
    }
  }
  const batches: BatchWithRejects[] = [];
  const folded = foldedReader(storage, identity.name);
  for (const [batchId, of] of found) {
    const batch = await ledger.batch(batchId);
    if (batch?.version === undefined) continue;
    const transform = ofTransform
      ? (await manifestOfBatch(storage, identity, batch, folded))?.transform
      : undefined;
    batches.push({ batch, ...of, ofTransform, rejected: of.rejected + (transform?.rejected ?? 0) });
  }
  return batches.sort((a, b) => a.batch.number - b.batch.number);
}

/** Undefined where nobody knows any more where they lie. */
async function readRejects(
  view: TableView & { readonly engine: Engine },
  options: {
    readonly identity: PipelineIdentity;
    readonly found: BatchWithRejects;
    readonly folded: FoldedReader;
    readonly limit: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<RejectedRecord[] | undefined> {
  const { identity, found, folded, limit, signal } = options;
  const { number, version } = found.batch;
  const path = (await manifestOfBatch(view.storage, identity, found.batch, folded))?.rejects?.path;
  if (path === undefined || view.storage.localPath === undefined) return undefined;
  const files = [{ path: view.storage.localPath(path), partitionValues: {} }];
  const records: RejectedRecord[] = [];
  // Keys are compared here, so that no name of a user becomes SQL; pages keep what is read within bounds.
  for (let from = 0; ; from += PAGE) {
    const { rows } = await view.engine.query(
      {
        sql: `SELECT file, record, byte_offset, length, reason, rule, to_base64(content) FROM rejects ORDER BY file, record LIMIT ${PAGE} OFFSET ${from}`,
        limit: PAGE,
        tables: [{ name: "rejects", schema: REJECT_COLUMNS, partitionColumns: [], files }],
      },
      signal === undefined ? {} : { signal },
    );
    for (const [key, record, byteOffset, length, reason, rule, content] of rows as (string | null)[][]) {
      const isMeant = typeof key === "string" ? isOf(found.keys, key) : found.ofTransform;
      if (!isMeant || records.length >= limit) continue;
      records.push({
        pipeline: declaredNameOf(identity.name),
        ...(typeof key === "string" ? { key, record: Number(record) } : {}),
        ...(byteOffset === null ? {} : { byteOffset: Number(byteOffset) }),
        length: Number(length),
        reason: reason!,
        ...(rule === null || rule === undefined ? {} : { rule }),
        content: Buffer.from(content!, "base64").toString("utf8"),
        batch: number,
        version: version!,
      });
    }
    if (rows.length < PAGE || records.length >= limit) return records;
  }
}

/** True for one of the keys, and for a member of the archive that one of them is. */
function isOf(keys: ReadonlySet<string>, key: string): boolean {
  if (keys.has(key)) return true;
  for (let end = key.lastIndexOf("/"); end > 0; end = key.lastIndexOf("/", end - 1))
    if (keys.has(key.slice(0, end))) return true;
  return false;
}

const PAGE = 1000;
