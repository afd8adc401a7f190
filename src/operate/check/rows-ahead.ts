/** What a run would make of the files, told by a sample of them that is staged and thrown away. Only reads but for scratch. */
import { bytesOf } from "../../base/bytes-of.ts";
import { join } from "node:path";
import { displayKey } from "../../base/path-bytes.ts";
import { stopwatch } from "../../base/stopwatch.ts";
import { uuidv7 } from "../../base/uuid.ts";
import type { Pipeline } from "../../declaration/declaration.ts";
import { createTableActions } from "../../delta/create-table.ts";
import { checkWritable } from "../../delta/features.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { Engine, StageResult, WidenedColumn } from "../../engine/engine.ts";
import type { FileFormat } from "../../formats/format-options.ts";
import { checkNotNull } from "../../ingest/check-not-null.ts";
import { checkPartitioning } from "../../ingest/check-partitioning.ts";
import { checkThresholds } from "../../ingest/check-thresholds.ts";
import { lastBatchSchema } from "../../ingest/last-batch-schema.ts";
import type { PipelineContext } from "../../ingest/pipeline-context.ts";
import { stageRequest } from "../../ingest/stage-request.ts";
import { mayWiden } from "../../ingest/table-shape.ts";
import type { Arrival } from "../../ledger/ledger.ts";
import type { StructField } from "../../schema/data-type.ts";
import type { Source } from "../../sources/source.ts";
import { sampleFiles, type Sample, type SampleLimits } from "../sample-files.ts";

export interface RowsAhead {
  readonly sample: {
    readonly files: number;
    /** Of the files as they lie there. */
    readonly bytes: number;
    /** Keys of files of which the beginning only was read. */
    readonly cut: readonly string[];
    /** Keys of files that are too large for a sample. */
    readonly tooLarge: readonly string[];
    readonly read: number;
    readonly written: number;
    readonly rescued: number;
    readonly rejected: number;
    readonly quarantined: readonly { readonly key: string; readonly reason: string }[];
  };
  /** Of a new table all columns, else those that it lacks. */
  readonly columns: readonly StructField[];
  /** Dotted keys that would become columns or fields of an existing table. */
  readonly addedKeys: readonly string[];
  /** Columns of an existing table that would get a wider type. */
  readonly widened: readonly WidenedColumn[];
  /** How long the engine would take for all files; undefined where nothing was read. */
  readonly seconds: number | undefined;
  readonly notes: readonly string[];
}

export interface RowsAheadOptions {
  readonly pipeline: Pipeline;
  readonly arrivals: readonly Arrival[];
  /** That they would be read in. */
  readonly batches: number;
  readonly state: TableState | undefined;
  readonly source: Source;
  readonly format: FileFormat;
  readonly engine: Engine;
  readonly scratchFolder: string;
  readonly limits?: SampleLimits;
}

/** Whether the table may be appended to as the declaration says. @throws LandfallError TABLE_FEATURE_UNSUPPORTED, TABLE_SCHEMA_CONFLICT */
export function checkTable(options: {
  readonly pipeline: Pipeline;
  readonly state: TableState;
  readonly table: string;
}): void {
  const { pipeline, state, table } = options;
  checkWritable(state);
  checkPartitioning({ partitionBy: pipeline.table.partitionBy, state, table });
}

/**
 * @throws LandfallError of staging: NEW_COLUMNS, EXPECT_INVALID, TRANSFORM_INVALID, TOO_MANY_REJECTED, TABLE_SCHEMA_CONFLICT, …
 */
export async function rowsAhead(context: PipelineContext, options: RowsAheadOptions): Promise<RowsAhead> {
  const { pipeline, arrivals, state, source, format, engine, scratchFolder, limits } = options;
  const { signal } = context;
  const sample = await sampleFiles({
    files: arrivals.map(({ key, size, modifiedNs }) => ({ key, path: source.path(key), size, modifiedNs })),
    format,
    scratchFolder,
    ...(limits === undefined ? {} : { limits }),
    signal,
  });
  if (sample.files.length === 0) return nothingRead(sample);
  const partitionBy = state?.partitionColumns ?? pipeline.table.partitionBy;
  const batch = {
    files: sample.files,
    batch: { batchId: uuidv7(), at: context.clock.now() },
    tableSchema: state?.schema,
    batchSchema:
      pipeline.transform === undefined
        ? undefined
        : await lastBatchSchema(context, await context.ledger.lastTakenIn()),
    partitionBy,
    mayWiden: mayWiden(state),
    signal,
  };
  const request = stageRequest({ pipeline, format, batch, scratchFolder: join(scratchFolder, uuidv7()) });
  const watch = stopwatch<"stage">();
  // The engine's start is no part of what each file takes.
  const staged = await engine.stage(request, signal === undefined ? {} : { signal });
  const took = watch.lap("stage");
  checkThresholds(staged, pipeline.limits);
  const table = context.table.storage.location;
  const sources = staged.files.flatMap((file) => (file.written > 0 ? [file.key] : []));
  checkNotNull({ schema: staged.schema, partitionBy, files: staged.dataFiles, sources, table });
  if (state === undefined) checkNewTable(pipeline, staged, context);
  return {
    sample: {
      ...countsOf(staged),
      files: sample.files.length,
      bytes: sample.bytes,
      cut: sample.cut,
      tooLarge: sample.tooLarge,
    },
    columns: newColumns(staged, state),
    addedKeys: state === undefined ? [] : addedKeys(staged),
    widened: staged.widened ?? [],
    seconds: secondsFor({ staged, took, sample, arrivals, batches: options.batches }),
    notes: staged.notes,
  };
}

function nothingRead({ cut, tooLarge }: Sample): RowsAhead {
  const nothing = { read: 0, written: 0, rescued: 0, rejected: 0, quarantined: [] };
  return {
    sample: { files: 0, bytes: 0, cut, tooLarge, ...nothing },
    columns: [],
    addedKeys: [],
    widened: [],
    seconds: undefined,
    notes: [],
  };
}

function checkNewTable(pipeline: Pipeline, staged: StageResult, context: PipelineContext): void {
  if (staged.schema.fields.length === 0) return;
  createTableActions({
    id: context.newId(),
    schema: staged.schema,
    partitionColumns: pipeline.table.partitionBy,
    configuration: pipeline.table.properties,
    createdTime: context.clock.now(),
  });
}

function countsOf({ files, transformed }: StageResult) {
  const sum = (of: (file: StageResult["files"][number]) => number): number =>
    files.reduce((total, file) => total + of(file), 0);
  return {
    read: sum((file) => file.read),
    written: sum((file) => file.written),
    rescued: sum((file) => file.rescued),
    rejected: sum((file) => file.rejected) + (transformed?.rejected ?? 0),
    quarantined: files
      .filter((file) => file.outcome === "quarantined")
      .map(({ key, reason }) => ({ key: displayKey(key), reason: reason ?? "" })),
  };
}

function newColumns({ schema }: StageResult, state: TableState | undefined): StructField[] {
  const known = new Set(state?.schema.fields.map((field) => field.name));
  return schema.fields.filter((field) => !known.has(field.name));
}

/** With a transform they are keys of what it reads, and not of the table. */
function addedKeys({ added, transformed }: StageResult): string[] {
  return transformed === undefined ? (added ?? []).map(({ path }) => path) : [];
}

/** Milliseconds that the engine takes for a batch whatever is in it: statements, files to write. Measured; it does not grow with the files. */
const EACH_BATCH = 120;

/** As the sample's files went, by number and by bytes, whichever says more. */
function secondsFor(options: {
  readonly staged: StageResult;
  readonly took: number;
  readonly sample: Sample;
  readonly arrivals: readonly Arrival[];
  readonly batches: number;
}): number {
  const { staged, took, sample, arrivals, batches } = options;
  const { scan, prepare, write } = { scan: 0, prepare: 0, write: 0, ...staged.milliseconds };
  const engine = scan + prepare + write;
  const all = bytesOf(arrivals);
  const times = Math.max(1, arrivals.length / sample.files.length, all / Math.max(1, sample.bytes));
  // The rest of the call is the engine's start, which comes once.
  const once = Math.max(0, took - engine);
  return (once + EACH_BATCH * batches + Math.max(0, engine - EACH_BATCH) * times) / 1000;
}
