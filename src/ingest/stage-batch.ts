/**
 * Stage: the files of a planned batch become data files and a manifest, all durable, none of it visible yet. The generation of
 * every arrival is compared before and after the read: what changed meanwhile brings no row (exactly-once rules, §3.3).
 */
import { faultPoint } from "../base/fault-point.ts";
import { isoInstant } from "../base/clock.ts";
import { LandfallError } from "../base/landfall-error.ts";
import { stopwatch } from "../base/stopwatch.ts";
import { nameDataFile, partitionValuesOf, type NamedFile } from "../delta/name-data-file.ts";
import { serializeSchema } from "../delta/schema-json.ts";
import type { TableState } from "../delta/table-state.ts";
import type {
  KeyInFile,
  StagedFile,
  StageFile,
  StageResult,
  WidenedColumn,
  WrittenFile,
} from "../engine/engine.ts";
import type { ReaderOptions } from "../formats/reader-options.ts";
import type { Arrival } from "../ledger/ledger.ts";
import type { StructType } from "../schema/data-type.ts";
import type { Source } from "../sources/source.ts";
import { checkNotNull } from "./check-not-null.ts";
import { checkThresholds, type Thresholds } from "./check-thresholds.ts";
import type { StagedBatch } from "./commit-batch.ts";
import { serializeManifest, type Manifest, type ManifestArrival } from "./manifest.ts";
import type { StageMilliseconds } from "./events.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { STATE_SCHEMA_VERSION } from "./state-file.ts";
import { manifestKey, rejectsKey } from "./state-keys.ts";
import { mayWiden, notesOfProtocol, tableShape, type NewTable } from "./table-shape.ts";

/** Reads, fits and writes files; the engine's `stage` with everything but the batch bound. */
export type StageFiles = (batch: {
  readonly files: readonly StageFile[];
  /** For columns that tell the batch of a row. */
  readonly batch: { readonly batchId: string; readonly at: number };
  readonly tableSchema: StructType | undefined;
  /** With a transform: what `batch` was in the batch before. */
  readonly batchSchema: StructType | undefined;
  readonly partitionBy: readonly string[];
  /** False where the table is not to have its columns' types changed, whatever the declaration says. */
  readonly mayWiden: boolean;
  readonly signal: AbortSignal | undefined;
}) => Promise<StageResult>;

export interface StageBatchOptions {
  readonly number: number;
  readonly batchId: string;
  readonly arrivals: readonly Arrival[];
  /** The table that the batch is staged on; undefined for one to be created. */
  readonly state: TableState | undefined;
  readonly source: Source;
  readonly stageFiles: StageFiles;
  /** How the files are read, for the manifest; asked once they have been. Default: it says nothing of it. */
  readonly reader?: (() => ReaderOptions) | undefined;
  readonly newTable: NewTable;
  /** With a transform: what `batch` was in the batch before. */
  readonly batchSchema?: StructType | undefined;
  readonly thresholds?: Thresholds;
}

export interface StageOutcome {
  readonly batch: StagedBatch;
  readonly manifest: Manifest;
  readonly notes: readonly string[];
  readonly addedColumns: readonly string[];
  readonly widenedColumns: readonly WidenedColumn[];
  readonly milliseconds: StageMilliseconds;
}

export async function stageBatch(
  context: PipelineContext,
  options: StageBatchOptions,
): Promise<StageOutcome> {
  const read = await readStableFiles(context, options);
  checkThresholds(read.result ?? { files: [] }, options.thresholds ?? {});
  const schema = read.result?.schema;
  const { newId, clock } = context;
  const shape = read.result === undefined ? {} : tableShape(read.result, { newId, clock, ...options });
  const partitionBy = options.state?.partitionColumns ?? options.newTable.partitionBy;
  const configuration = options.state?.metadata.configuration ?? options.newTable.properties;
  const names = { partitionBy, configuration, uuid: options.batchId, now: context.clock.now() };
  if (schema !== undefined && read.result !== undefined) {
    checkNotNull({
      schema,
      partitionBy,
      files: read.result.dataFiles,
      sources: read.result.files.flatMap((file) => (file.written > 0 ? [file.key] : [])),
      table: context.table.storage.location,
    });
  }
  const files = (read.result?.dataFiles ?? []).map((file, ordinal) =>
    nameDataFile({
      file,
      ordinal,
      schema: schema!,
      partitionValues: partitionValuesOf({ file, schema: schema!, partitionBy }),
      dataChange: true,
      ...names,
    }),
  );
  const rejects = read.result?.rejects;
  const manifest = makeManifest(context, options, read, files);
  const { text, sha256 } = serializeManifest(manifest);
  const key = manifestKey(context.name, options.number, options.batchId);
  await context.writeIdentity?.();
  // The manifest first: so every file of a lost attempt is named somewhere, and can be removed.
  await context.table.storage.put(key, text, { ifAbsent: true });
  faultPoint("stage.manifest");
  for (const file of files) {
    context.signal?.throwIfAborted();
    await context.table.storage.putFile(file.key, file.written.path, { ifAbsent: true });
    faultPoint("stage.datafile");
  }
  if (rejects !== undefined) {
    await context.table.storage.putFile(manifest.rejects!.path, rejects.path, { ifAbsent: true });
    faultPoint("stage.rejects");
  }
  faultPoint("stage.after");
  return {
    batch: {
      commit: { number: options.number, batchId: options.batchId, manifest: key, sha256 },
      adds: files.map((file) => file.add),
      rows: sum(manifest.dataFiles.map((file) => file.rows)),
      bytes: sum(manifest.dataFiles.map((file) => file.bytes)),
      base: options.state,
      ...shape,
    },
    manifest,
    notes: [...(read.result?.notes ?? []), ...notesOfProtocol(options.state?.protocol, shape.protocol)],
    addedColumns: addedColumns(options.state?.schema, read.result),
    widenedColumns: read.result?.widened ?? [],
    milliseconds: read.milliseconds,
  };
}

interface StableRead {
  /** Undefined when every arrival of the batch was gone. */
  readonly result: StageResult | undefined;
  readonly outcomes: ReadonlyMap<string, StagedFile>;
  /** Arrivals that are gone or have changed, with the reason. */
  readonly gone: ReadonlyMap<Arrival, string>;
  readonly milliseconds: StageMilliseconds;
}

/** Reads until no file changed under the read; each round has fewer files, so it ends. */
async function readStableFiles(context: PipelineContext, options: StageBatchOptions): Promise<StableRead> {
  const gone = new Map<Arrival, string>();
  const at = context.clock.now();
  let called = 0;
  let left = await withoutGone(options.source, options.arrivals, gone);
  while (left.length > 0) {
    const watch = stopwatch<"engine">();
    const result = await options.stageFiles({
      files: left.map((arrival) => ({
        key: arrival.key,
        path: options.source.path(arrival.key),
        size: arrival.size,
        modifiedNs: arrival.modifiedNs,
      })),
      batch: { batchId: options.batchId, at },
      tableSchema: options.state?.schema,
      batchSchema: options.batchSchema,
      partitionBy: options.state?.partitionColumns ?? options.newTable.partitionBy,
      mayWiden: mayWiden(options.state),
      signal: context.signal,
    });
    called += watch.lap("engine");
    faultPoint("stage.read");
    const before = left.length;
    left = withoutUnread(options.source, await withoutGone(options.source, left, gone), result, gone);
    if (left.length === before) {
      checkCounts(result, left);
      const outcomes = new Map(result.files.map((file) => [file.key, file]));
      return { result, outcomes, gone, milliseconds: engineStages(called, result.milliseconds ?? {}) };
    }
  }
  return { result: undefined, outcomes: new Map(), gone, milliseconds: { engine: called } };
}

/** What of the calls the engine does not account for is its start, the messages, and rounds that had to be read again. */
function engineStages(called: number, told: StageMilliseconds): StageMilliseconds {
  const { scan = 0, prepare = 0, write = 0 } = told;
  return { scan, prepare, write, engine: Math.max(0, called - scan - prepare - write) };
}

async function withoutGone(
  source: Source,
  arrivals: readonly Arrival[],
  gone: Map<Arrival, string>,
): Promise<Arrival[]> {
  const left: Arrival[] = [];
  for (const arrival of arrivals) {
    const now = await source.look(arrival.key);
    if (now?.generation === arrival.generation) left.push(arrival);
    else {
      gone.set(
        arrival,
        now === undefined ? "the file is no longer there" : "the file changed before it was read",
      );
    }
  }
  return left;
}

/**
 * A file may go away and come back with the same generation while it is read: what was read has not the bytes that were listed.
 * Or the right to read it was taken away after the plan, which would else look like damage.
 */
function withoutUnread(
  source: Source,
  arrivals: readonly Arrival[],
  result: StageResult,
  gone: Map<Arrival, string>,
): Arrival[] {
  const read = new Map(result.files.map((file) => [file.key, file]));
  return arrivals.filter((arrival) => {
    const file = read.get(arrival.key);
    if (file?.outcome === "quarantined" && !source.readable(arrival.key)) {
      gone.set(arrival, "the right to read the file was taken away");
    } else if (file?.bytes !== arrival.size) {
      gone.set(arrival, "the file was not there as a whole while it was read");
    } else return true;
    return false;
  });
}

/** Records in = written + rejected, for each file and against what the writer says (exactly-once rules, §3.3). */
function checkCounts(result: StageResult, arrivals: readonly Arrival[]): void {
  const { transformed } = result;
  const passed = sum(result.files.map((file) => file.written));
  const isWhole = transformed === undefined || transformed.rowsIn === passed;
  const written = transformed === undefined ? passed : transformed.rowsOut - transformed.rejected;
  const inFiles = sum(result.dataFiles.map((file) => file.rows));
  const open = result.files.find(
    (file) => file.outcome === "committed" && file.read !== file.written + file.rejected,
  );
  if (open === undefined && isWhole && written === inFiles && result.files.length === arrivals.length) return;
  throw new LandfallError("COUNTS_DO_NOT_CLOSE", {
    message: open
      ? `${open.key}: ${open.read} records went in, ${open.written} were written and ${open.rejected} rejected.`
      : isWhole
        ? `${written} rows of ${result.files.length} files should have been written, the data files hold ${inFiles}.`
        : `${passed} rows of ${result.files.length} files should have gone into the transform, ${transformed.rowsIn} did.`,
    hint: "Nothing was committed. This is a fault of Landfall: please report it with the file.",
    ...(open ? { file: open.key } : {}),
  });
}

function makeManifest(
  context: PipelineContext,
  options: StageBatchOptions,
  read: StableRead,
  files: readonly NamedFile<WrittenFile>[],
): Manifest {
  const rejects = read.result?.rejects;
  return {
    schemaVersion: STATE_SCHEMA_VERSION,
    pipelineId: context.pipelineId,
    pipeline: context.name,
    number: options.number,
    batchId: options.batchId,
    stagedAt: isoInstant(context.clock.now()),
    ...(options.reader === undefined || read.result === undefined ? {} : { reader: options.reader() }),
    arrivals: options.arrivals.map((arrival) => manifestArrival(arrival, read)),
    dataFiles: files.map(({ add, written }) => ({ path: add.path, rows: written.rows, bytes: add.size })),
    ...(rejects === undefined
      ? {}
      : { rejects: { path: rejectsKey(context.name, options.number, options.batchId), rows: rejects.rows } }),
    ...transformOf(options, read.result),
    ...listed("addedColumns", read.result?.added),
    ...listed("ignoredKeys", read.result?.ignored),
    ...widenedIn(read.result),
  };
}

/** Carried on where nothing could be read, so that the next batch knows the columns of `batch`. */
function transformOf(
  { batchSchema: before }: StageBatchOptions,
  result: StageResult | undefined,
): Pick<Manifest, "transform"> {
  const found = result?.transformed;
  const batchSchema = found?.batchSchema ?? (result === undefined ? before : undefined);
  if (batchSchema === undefined) return {};
  const { rowsIn = 0, rowsOut = 0, rejected = 0 } = found ?? {};
  return { transform: { rowsIn, rowsOut, rejected, batchSchema: serializeSchema(batchSchema) } };
}

function listed<Name extends "addedColumns" | "ignoredKeys">(
  name: Name,
  keys: readonly KeyInFile[] | undefined,
): Partial<Record<Name, KeyInFile[]>> {
  return keys === undefined || keys.length === 0 ? {} : ({ [name]: [...keys] } as Record<Name, KeyInFile[]>);
}

function widenedIn(result: StageResult | undefined): Pick<Manifest, "widenedColumns"> {
  return result?.widened === undefined
    ? {}
    : { widenedColumns: result.widened.map((column) => ({ ...column })) };
}

function manifestArrival(arrival: Arrival, read: StableRead): ManifestArrival {
  const { key, generation, size, modifiedNs } = arrival;
  const id = { key, generation, size, modifiedNs };
  const nothing = { bytes: 0, crc32: 0, read: 0, written: 0, rescued: 0, rejected: 0 };
  const goneReason = read.gone.get(arrival);
  if (goneReason !== undefined)
    return { ...id, outcome: "skipped", rule: "gone", reason: goneReason, ...nothing };
  const staged = read.outcomes.get(key)!;
  const { outcome, reason, bytes, crc32, read: records, written, rescued, rejected } = staged;
  const { ignored, corrupt = 0 } = staged;
  const some = { ...(ignored === undefined ? {} : { ignored }), ...(corrupt === 0 ? {} : { corrupt }) };
  const counts = { bytes, crc32, read: records, written, rescued, rejected, ...some };
  return { ...id, outcome, ...(reason === undefined ? {} : { reason }), ...counts };
}

/** A dot behind the first key, which may stand in backticks. */
const NESTED_PATH = /^(?:`(?:[^`]|``)*`|[^.`]+)\./;

/** Of an existing table: keys that became columns, and columns that Landfall itself added. */
function addedColumns(before: StructType | undefined, result: StageResult | undefined): string[] {
  if (before === undefined || result === undefined) return [];
  const known = new Set(before.fields.map((field) => field.name));
  const columns = result.schema.fields.filter((field) => !known.has(field.name)).map((field) => field.name);
  // With a transform these are keys of what it reads, and not of the table.
  const paths = result.transformed === undefined ? (result.added ?? []).map(({ path }) => path) : [];
  const nested = paths.filter((path) => NESTED_PATH.test(path));
  return [...new Set([...columns, ...nested])];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
