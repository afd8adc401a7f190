/** What a full refresh would do: which data files leave the table, which rows come back, which do not. Changes nothing. */
import { LandfallError } from "../../base/landfall-error.ts";
import { formatCount } from "../../base/units.ts";
import type { AddFile } from "../../delta/actions.ts";
import { checkWritable } from "../../delta/features.ts";
import { readSnapshot, type Snapshot } from "../../delta/snapshot.ts";
import { listCompactions, readCompaction } from "../../ingest/compaction-record.ts";
import type { PipelineContext } from "../../ingest/pipeline-context.ts";
import { readPipelines } from "../../ingest/pipeline-identity.ts";
import { declaredNameOf } from "../../ingest/pipeline-name.ts";
import type { Source } from "../../sources/source.ts";
import { doneBatches } from "../../ingest/done-batches.ts";
import { liveRowsOfAll } from "../../delta/stated-statistics.ts";
import { isKeptOut, keptOutFiles, type KeptOutFiles } from "./kept-out-files.ts";
import { lostRows, type LostRows } from "./lost-rows.ts";
import { ownDataFiles, type OwnDataFiles } from "./own-data-files.ts";

/**
 * Which rows leave the table. `own`: those of this pipeline; refused where nobody can tell whose some are. `unchanged`: those of this
 * pipeline in files that nobody rewrote. `all`: every row.
 */
export type RefreshRows = "own" | "unchanged" | "all";
export const REFRESH_ROWS: readonly RefreshRows[] = ["own", "unchanged", "all"];

export interface FileCount {
  readonly files: number;
  /** By statistics; undefined where a file has none. */
  readonly rows: number | undefined;
}

export interface RefreshPlan {
  /** The table as it was looked at. */
  readonly snapshot: Snapshot;
  readonly removes: readonly AddFile[];
  readonly removed: FileCount;
  /** Of those removed: which hold rows of others, or may. Their pipelines count the files as read. */
  readonly ofOthers: FileCount;
  readonly kept: FileCount;
  readonly lost: LostRows;
  /** What lies in the source now and would be read; `keptOut`: files that a decision or the baseline keeps out, beside these. */
  readonly source: { readonly files: number; readonly bytes: number; readonly keptOut: number };
}

/**
 * To be called after take-in. Undefined while there is no table: nothing was committed that could be started over.
 *
 * @throws LandfallError REFRESH_REFUSED, TABLE_FEATURE_UNSUPPORTED, STATE_CORRUPT
 */
export async function planRefresh(
  context: PipelineContext,
  options: { readonly source: Source; readonly rows: RefreshRows },
): Promise<RefreshPlan | undefined> {
  const { table, ledger, signal } = context;
  const { storage, parquet } = table;
  const snapshot = await readSnapshot({ storage, parquet, ...(signal ? { signal } : {}) });
  if (snapshot === undefined) return undefined;
  checkWritable(snapshot);
  const namedByOthers = async (): Promise<ReadonlySet<string>> => {
    const paths = new Set<string>();
    for (const { pipelineId, name } of await readPipelines(storage))
      if (pipelineId !== context.pipelineId)
        for (const path of await ownPaths({ table, name, signal })) paths.add(path);
    return paths;
  };
  const named = await ownPaths(context);
  const files = await ownDataFiles({ storage, snapshot, named, namedByOthers, signal });
  const removes = removesOf(files, options.rows, context);
  if (removes.length > 0) refuseAppendOnly(snapshot, context);
  const gone = new Set(removes);
  return {
    snapshot,
    removes,
    removed: countOf(removes),
    ofOthers: countOf(options.rows === "all" ? [...files.mixed, ...files.others] : []),
    kept: countOf([...snapshot.adds.values()].filter((add) => !gone.has(add))),
    lost: await lostRows({ ledger, source: options.source, signal }),
    source: await whatLies(options.source, { context, kept: await keptOutFiles(context, options.rows) }),
  };
}

/** Of data files that batches made, and of those that compactions made of nothing else: the records say so also when the log no longer does. */
async function ownPaths({
  table,
  name,
  signal,
}: Pick<PipelineContext, "table" | "name" | "signal">): Promise<ReadonlySet<string>> {
  const { storage } = table;
  const paths = new Set<string>();
  for await (const { manifest } of doneBatches(storage, name))
    for (const { path } of manifest.dataFiles) paths.add(path);
  // The oldest first: a later one takes what an earlier one made.
  for (const id of (await listCompactions(storage, name)).done) {
    signal?.throwIfAborted();
    const { inputs, outputs } = await readCompaction(storage, { pipeline: name, id });
    if (inputs.every(({ path }) => paths.has(path))) for (const { path } of outputs) paths.add(path);
  }
  return paths;
}

function removesOf(
  { own, mixed, others }: OwnDataFiles,
  rows: RefreshRows,
  context: PipelineContext,
): readonly AddFile[] {
  if (rows === "all") return [...own, ...mixed, ...others];
  if (rows === "own" && mixed.length > 0) {
    const count = `${formatCount(mixed.length)} data ${mixed.length === 1 ? "file" : "files"}`;
    throw new LandfallError("REFRESH_REFUSED", {
      message: `${count} of ${context.table.storage.location} may hold rows of "${declaredNameOf(context.name)}" among others: another program, or a compaction of files of several pipelines, rewrote them.`,
      hint:
        "Choose: --refresh-rows all takes every row out of the table, those of others too; --refresh-rows unchanged leaves what was rewritten, " +
        "once you have deleted this pipeline's rows there yourself; or ingest into a new table.",
      table: context.table.storage.location,
    });
  }
  return own;
}

function refuseAppendOnly({ metadata }: Snapshot, context: PipelineContext): void {
  if (metadata.configuration["delta.appendOnly"]?.toLowerCase() !== "true") return;
  throw new LandfallError("REFRESH_REFUSED", {
    message: `${context.table.storage.location} is append-only (delta.appendOnly): no row may be taken out of it.`,
    hint: "Ingest into a new table, or take the property off this one first (ALTER TABLE … UNSET TBLPROPERTIES in Spark).",
    table: context.table.storage.location,
  });
}

function countOf(adds: readonly AddFile[]): FileCount {
  return { files: adds.length, rows: liveRowsOfAll(adds) };
}

async function whatLies(
  source: Source,
  { context, kept }: { readonly context: PipelineContext; readonly kept: KeptOutFiles },
): Promise<RefreshPlan["source"]> {
  const { ledger, signal } = context;
  let files = 0;
  let bytes = 0;
  let keptOut = 0;
  for await (const { objects } of source.list(signal === undefined ? {} : { signal })) {
    for (const object of objects) {
      if (await isKeptOut(object, { kept, ledger })) {
        keptOut += 1;
        continue;
      }
      files += 1;
      bytes += object.size;
    }
  }
  return { files, bytes, keptOut };
}
