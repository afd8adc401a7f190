/**
 * Compaction: small data files of a partition become one, in a commit of its own that changes no row. It is housekeeping: it does nothing
 * that a batch waits for, gives up where another writer is in its way, and whatever goes wrong in it is a note. It takes files of its own
 * pipeline only: a file with rows of two could be taken out for neither (full refresh).
 */
import { isoInstant } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import { isLandfallError, LandfallError, messageOf } from "../base/landfall-error.ts";
import { stopwatch } from "../base/stopwatch.ts";
import type { AddFile } from "../delta/actions.ts";
import { storageKeyOfPath } from "../delta/add-path.ts";
import { checkWritable } from "../delta/features.ts";
import { nameDataFile, type NamedFile } from "../delta/name-data-file.ts";
import {
  planCompaction,
  type CompactionGroup,
  type CompactionLimits,
  type CompactionPlan,
} from "../delta/plan-compaction.ts";
import { recordsOf } from "../delta/stated-statistics.ts";
import type { TableState } from "../delta/table-state.ts";
import type { CompactRequest, CompactResult, WrittenFile } from "../engine/engine.ts";
import type { StructType } from "../schema/data-type.ts";
import { checkpointIfDue } from "./checkpoint-if-due.ts";
import { compactionCounts } from "./compaction-counts.ts";
import { commitCompaction, type StagedCompaction } from "./commit-compaction.ts";
import {
  serializeCompaction,
  writeCompactionMark,
  type CompactedFile,
  type CompactionRecord,
} from "./compaction-record.ts";
import type { CompactionCounts } from "./events.ts";
import { removeCompaction } from "./lost-compactions.ts";
import { ownDataFile } from "./own-data-file.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { STATE_SCHEMA_VERSION } from "./state-file.ts";
import { compactionKey } from "./state-keys.ts";

/** The engine's `compact` with the scratch folder bound. What it wrote for one id is gone once it is called for the next. */
export type CompactFiles = (
  request: Pick<CompactRequest, "files" | "schema"> & {
    /** Of the compaction. */
    readonly id: string;
    readonly signal: AbortSignal | undefined;
  },
) => Promise<CompactResult>;

export interface CompactionPolicy extends CompactionLimits {
  /** Undefined: as the table's property `delta.autoOptimize.autoCompact` says. */
  readonly autoCompact: boolean | undefined;
}

export interface CompactOptions {
  readonly policy: CompactionPolicy;
  readonly compactFiles: CompactFiles;
  readonly engineInfo: string;
  /** Files are waiting to be read: only what has grown to twice the number is compacted. */
  readonly isBusy: boolean;
}

/**
 * Compacts once: one commit at most, of bounded size. Undefined where nothing came of it.
 *
 * @throws only when the run is aborted
 */
export async function compactOnce(
  context: PipelineContext,
  options: CompactOptions,
): Promise<CompactionCounts | undefined> {
  try {
    const base = await context.table.refresh(context.signal);
    if (base === undefined || !wantsCompaction(options.policy, base)) return undefined;
    checkWritable(base);
    const plan = await planned(context, options);
    if (plan === undefined || plan.groups.length === 0) return undefined;
    return await compactPlanned(context, { ...options, base, plan });
  } catch (error) {
    if (context.signal?.aborted === true || isLandfallError(error, "ABORTED")) throw error;
    context.emit({ type: "note", text: `Small files were not compacted: ${messageOf(error)}` });
    return undefined;
  }
}

/** The declaration's word, else the table's property; Databricks knows `auto` and `legacy` beside `true`. */
export function wantsCompaction(policy: CompactionPolicy, state: Pick<TableState, "metadata">): boolean {
  if (policy.autoCompact !== undefined) return policy.autoCompact;
  const property = state.metadata.configuration["delta.autoOptimize.autoCompact"]?.toLowerCase();
  return property === "true" || property === "auto" || property === "legacy";
}

async function planned(
  context: PipelineContext,
  { policy, isBusy }: CompactOptions,
): Promise<CompactionPlan | undefined> {
  const isOwn = await ownDataFile(context);
  const minNumFiles = isBusy ? policy.minNumFiles * 2 : policy.minNumFiles;
  const plan = await context.table.liveFiles(
    (live) => planCompaction(live, { ...policy, minNumFiles }, isOwn),
    context.signal,
  );
  if (plan !== undefined && plan.withDeletionVectors > 0)
    context.emit({
      type: "note",
      text: "Small files with deletion vectors are left as they are: OPTIMIZE of Spark or Databricks rewrites them.",
    });
  return plan;
}

interface CompactedInput {
  readonly add: AddFile;
  readonly rows: number;
}

interface Compacted {
  readonly inputs: readonly CompactedInput[];
  readonly outputs: readonly NamedFile<WrittenFile>[];
}

async function compactPlanned(
  context: PipelineContext,
  options: CompactOptions & { readonly base: TableState; readonly plan: CompactionPlan },
): Promise<CompactionCounts | undefined> {
  const { base, plan, engineInfo } = options;
  const watch = stopwatch<"compact">();
  const id = context.newId();
  const inputs: CompactedInput[] = [];
  const outputs: NamedFile<WrittenFile>[] = [];
  for (const group of plan.groups) {
    const done = await compactGroup(context, { ...options, group, id, ordinal: outputs.length });
    inputs.push(...done.inputs);
    outputs.push(...done.outputs);
  }
  if (inputs.length === 0) return undefined;
  const done: Compacted = { inputs, outputs };
  const record = recordOf(context, { id, base, done });
  const { text, sha256 } = serializeCompaction(record);
  await context.table.storage.put(compactionKey(context.name, id), text, { ifAbsent: true });
  faultPoint("compact.record");
  await putOutputs(context, record, done.outputs);
  const staged: StagedCompaction = {
    id,
    sha256,
    base,
    inputs: done.inputs.map(({ add }) => add),
    outputs: done.outputs.map(({ add }) => add),
  };
  const outcome = await commitCompaction(context, staged, { engineInfo });
  if (outcome.outcome === "void") {
    await removeCompaction(context, record);
    context.emit({ type: "compaction.void", reason: outcome.reason });
    return undefined;
  }
  const { version } = outcome;
  const milliseconds = watch.lap("compact");
  await writeCompactionMark(context.table.storage, context.name, { id, version, sha256, milliseconds });
  faultPoint("compact.marked");
  const counts = compactionCounts(record, milliseconds);
  context.emit({ type: "compaction.committed", version, ...counts });
  await checkpointIfDue(context, version);
  return counts;
}

/** What was put is removed again where the rest cannot be: nothing has been tried to commit yet. */
async function putOutputs(
  context: PipelineContext,
  record: CompactionRecord,
  outputs: readonly NamedFile<WrittenFile>[],
): Promise<void> {
  try {
    for (const { key, written } of outputs) {
      context.signal?.throwIfAborted();
      await context.table.storage.putFile(key, written.path, { ifAbsent: true });
      faultPoint("compact.datafile");
    }
  } catch (error) {
    await removeCompaction(context, record);
    throw error;
  }
}

/** Nothing at all where fewer files would not come of it. @throws LandfallError COUNTS_DO_NOT_CLOSE besides the engine's errors */
async function compactGroup(
  context: PipelineContext,
  options: CompactOptions & {
    readonly base: TableState;
    readonly group: CompactionGroup;
    readonly id: string;
    readonly ordinal: number;
  },
): Promise<Compacted> {
  const { base, group, compactFiles } = options;
  const { storage } = context.table;
  if (storage.localPath === undefined) return { inputs: [], outputs: [] };
  const paths = group.files.map((add) => storage.localPath!(storageKeyOfPath(add.path)!));
  const schema: StructType = {
    type: "struct",
    fields: base.schema.fields.filter(({ name }) => !base.partitionColumns.includes(name)),
  };
  const { read, written } = await compactFiles({
    id: options.id,
    files: paths,
    schema,
    signal: context.signal,
  });
  const inputs = group.files.flatMap((add, i) => {
    const rows = read[i];
    return typeof rows === "number" ? [{ add, rows }] : [];
  });
  tellLeft(context, read);
  if (inputs.length < 2 || written.length >= inputs.length) return { inputs: [], outputs: [] };
  checkRows({ inputs, written, table: storage.location });
  const outputs = written.map((file, i) =>
    nameDataFile({
      file,
      ordinal: options.ordinal + i,
      schema: base.schema,
      partitionBy: base.partitionColumns,
      partitionValues: group.partitionValues,
      configuration: base.metadata.configuration,
      uuid: options.id,
      now: context.clock.now(),
      dataChange: false,
    }),
  );
  return { inputs, outputs };
}

function tellLeft(context: PipelineContext, read: CompactResult["read"]): void {
  const reasons = new Set(read.filter((one) => typeof one === "string"));
  for (const reason of reasons)
    context.emit({ type: "note", text: `Small files of other writers are not compacted: ${reason}.` });
}

/** Rows in the log = rows in the footers = rows that were written. */
function checkRows(options: {
  readonly inputs: Compacted["inputs"];
  readonly written: CompactResult["written"];
  readonly table: string;
}): void {
  const { inputs, written, table } = options;
  const wrong = inputs.find(({ add, rows }) => (recordsOf(add) ?? rows) !== rows);
  const before = inputs.reduce((sum, { rows }) => sum + rows, 0);
  const after = written.reduce((sum, { rows }) => sum + rows, 0);
  if (wrong === undefined && before === after) return;
  throw new LandfallError("COUNTS_DO_NOT_CLOSE", {
    message:
      wrong === undefined
        ? `${before} rows were read, and ${after} written.`
        : `${wrong.add.path} holds ${wrong.rows} rows, and the log says ${recordsOf(wrong.add)}.`,
    hint: "Nothing was changed; `landfall verify --data` says what is wrong with the table.",
    table,
  });
}

function recordOf(
  context: PipelineContext,
  { id, base, done }: { readonly id: string; readonly base: TableState; readonly done: Compacted },
): CompactionRecord {
  const file = (add: AddFile, rows: number): CompactedFile => ({ path: add.path, rows, bytes: add.size });
  return {
    schemaVersion: STATE_SCHEMA_VERSION,
    pipelineId: context.pipelineId,
    pipeline: context.name,
    id,
    at: isoInstant(context.clock.now()),
    version: base.version,
    inputs: done.inputs.map(({ add, rows }) => file(add, rows)),
    outputs: done.outputs.map(({ add, written }) => file(add, written.rows)),
  };
}
