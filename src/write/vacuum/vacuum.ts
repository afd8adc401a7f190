/**
 * `table vacuum`: takes away the files that neither the newest version nor one within the retention needs. What goes is decided from a
 * whole read of the log, again for every newer version, and told in two commits around the deletion, as Spark does.
 */
import type { OptionKinds } from "../../base/check-options.ts";
import { bytesOf } from "../../base/bytes-of.ts";
import { faultPoint } from "../../base/fault-point.ts";
import { LandfallError } from "../../base/landfall-error.ts";
import { parseDuration } from "../../base/units.ts";
import { NOTHING_READ } from "../../delta/conflicts/read-set.ts";
import { columnMappingOf } from "../../delta/column-mapping.ts";
import { deletedFileRetention } from "../../delta/deleted-file-retention.ts";
import { checkWritable, HONOURED_BY_LOG } from "../../delta/features.ts";
import { readCommit } from "../../delta/log-storage.ts";
import type { TableState } from "../../delta/table-state.ts";
import { physicalNameOf } from "../../schema/physical-column.ts";
import { listAll, type ObjectInfo, type Storage } from "../../storage/storage.ts";
import type { TableParts } from "../../table/table-access.ts";
import { commitWrite } from "../commit-write.ts";
import type { WriteContext } from "../write-context.ts";
import type { WritePlan } from "../write-plan.ts";
import { removeEmptyFolders, type VacuumedFolders } from "./empty-folders.ts";
import { keysOf, namedFiles } from "./named-files.ts";
import { hiddenNames, planVacuum } from "./plan-vacuum.ts";

export interface VacuumOptions {
  /** Files that were taken out of the table since then stay, such as `30 days`. Default: the table's `delta.deletedFileRetentionDuration`, a week. */
  readonly retention?: string | undefined;
  /** False allows a retention below the table's: readers and writers at work then may lose files under their hands. Default: true. */
  readonly retentionCheck?: boolean | undefined;
  /** `lite` looks only at files that the log still names, without listing the folder: what crashed writers left stays. Default: `full`. */
  readonly mode?: "full" | "lite" | undefined;
  /** Tells what would go, and changes nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const VACUUM_OPTIONS: OptionKinds<VacuumOptions> = {
  retention: "text",
  retentionCheck: "flag",
  mode: ["full", "lite"],
  dryRun: "flag",
  signal: "signal",
};

export interface Vacuumed {
  /** Of the commit `VACUUM END`; undefined where nothing was to go, and after a dry run. */
  readonly version?: number;
  readonly dryRun: boolean;
  /** Milliseconds that files were kept for. */
  readonly retention: number;
  /** What went, or would go: below the table's folder, ascending. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** Empty folders that went. */
  readonly folders: number;
}

/** Keys of one deletion. */
const AT_ONCE = 1000;

/**
 * @throws LandfallError USAGE for a retention below the table's, TABLE_FEATURE_UNSUPPORTED, TABLE_LOG_CORRUPT: then nothing was deleted. Storage
 *   errors in the middle: run it again
 */
export async function vacuum(context: WriteContext, options: VacuumOptions = {}): Promise<Vacuumed> {
  const { dryRun = false } = options;
  const asked = retentionAsked(options.retention);
  let drafted: Draft | undefined;
  const draft = async (state: TableState, parts: TableParts, signal: AbortSignal): Promise<Draft> =>
    (drafted = await draftOf({ context, options, asked, state, parts, signal }));
  if (dryRun) {
    const { plan, retention } = await context.access.ask(options.signal, async (parts, signal) =>
      draft(await context.newest(parts, signal), parts, signal),
    );
    return { dryRun, retention, ...totalsOf(plan), folders: 0 };
  }
  const started = await commitWrite(context, {
    signal: options.signal,
    honoured: HONOURED_BY_LOG,
    plan: async (state, { parts, signal }) => {
      const { plan, retention, ofTable } = await draft(state, parts, signal);
      if (plan.length === 0) return undefined;
      const isChecked = options.retentionCheck !== false;
      return commitOf("VACUUM START", {
        parameters: {
          retentionCheckEnabled: isChecked,
          defaultRetentionMillis: ofTable,
          ...(asked === undefined ? {} : { specifiedRetentionMillis: retention }),
        },
        metrics: { numFilesToDelete: plan.length, sizeOfDataToDelete: totalsOf(plan).bytes },
      });
    },
  });
  const { retention, plan, state } = drafted!;
  if (started === undefined) {
    // Of a vacuum that was cut off some may be left, which have aged by now.
    const { removed } = await context.access.ask(options.signal, ({ storage }, signal) =>
      removeEmptyFolders({ storage, ...drafted!, deleted: [], signal }),
    );
    return { dryRun, retention, files: [], bytes: 0, folders: removed };
  }
  faultPoint("vacuum.started");
  const progress: Progress = { files: 0, folders: { seen: 0, removed: 0 } };
  try {
    const deleted = await context.access.ask(options.signal, async (parts, signal) => {
      const added = await addedSince(state.version, { context, parts, signal });
      const files = plan.filter(({ key }) => !added.has(key));
      await deleteFiles(totalsOf(files).files, { parts, signal, draft: drafted!, progress });
      return files;
    });
    const ended = await end(context, "COMPLETED", progress);
    return {
      version: ended.version,
      dryRun,
      retention,
      ...totalsOf(deleted),
      folders: progress.folders.removed,
    };
  } catch (error) {
    if (options.signal?.aborted !== true) await end(context, "FAILED", progress).catch(() => undefined);
    throw error;
  }
}

function totalsOf(files: readonly ObjectInfo[]): Pick<Vacuumed, "files" | "bytes"> {
  return { files: files.map(({ key }) => key), bytes: bytesOf(files) };
}

interface Draft {
  readonly state: TableState;
  readonly plan: readonly ObjectInfo[];
  /** Milliseconds. */
  readonly retention: number;
  readonly ofTable: number;
  readonly cutoff: number;
  readonly isHidden: (key: string) => boolean;
}

async function draftOf(options: {
  readonly context: WriteContext;
  readonly options: VacuumOptions;
  readonly asked: number | undefined;
  readonly state: TableState;
  readonly parts: TableParts;
  readonly signal: AbortSignal;
}): Promise<Draft> {
  const { context, asked, state, parts, signal } = options;
  const { mode = "full", retentionCheck = true } = options.options;
  const { storage } = parts;
  // PROTOCOL.md, "Vacuum Protocol Check": whoever cannot write the table does not know which of its files are needed.
  checkWritable(state, HONOURED_BY_LOG);
  const ofTable = deletedFileRetention(state.metadata.configuration);
  const retention = asked ?? ofTable;
  demandRetention({ retention, ofTable, isChecked: retentionCheck, table: storage.location });
  const cutoff = context.clock.now() - retention;
  const isLite = mode === "lite";
  // Listed before the log is read: what is committed meanwhile is then in the log.
  const listed = isLite ? undefined : await listAll(storage, { signal });
  const newest = await context.newest(parts, signal);
  const known = await namedFiles({ parts, state: newest, cutoff, allCommits: isLite, signal });
  const objects = listed ?? (await present(storage, known.expired, signal));
  const partitionNames = partitionNamesOf(newest);
  const plan = planVacuum({ ...known, objects, partitionNames, cutoff });
  return { state: newest, plan, retention, ofTable, cutoff, isHidden: hiddenNames(partitionNames) };
}

function retentionAsked(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const retention = /^0\s*[a-z]*$/i.test(text.trim()) ? 0 : parseDuration(text);
  if (retention !== undefined) return retention;
  throw new LandfallError("USAGE", {
    message: `retention: ${JSON.stringify(text)} is not understood.`,
    hint: "Write it such as `30 days` or `12h`.",
  });
}

function demandRetention(options: {
  readonly retention: number;
  readonly ofTable: number;
  readonly isChecked: boolean;
  readonly table: string;
}): void {
  const { retention, ofTable, isChecked, table } = options;
  if (!Number.isFinite(retention)) {
    throw new LandfallError("USAGE", {
      message: `The property delta.deletedFileRetentionDuration of ${table} is not understood, so that nobody knows how long files are to stay.`,
      hint: "Set it such as `interval 7 days`, or say the retention.",
      table,
    });
  }
  if (!isChecked || retention >= ofTable) return;
  throw new LandfallError("USAGE", {
    message: `A retention of ${hours(retention)} is below that of the table ${table}${Number.isFinite(ofTable) ? ` (${hours(ofTable)})` : ""}: files would go that older versions need, and perhaps such as a reader or writer is working with now.`,
    hint: "Where you know that nobody works on the table or needs its older versions, say --force (retentionCheck: false).",
    table,
  });
}

function hours(milliseconds: number): string {
  return `${Math.round(milliseconds / 36_000) / 100} hours`;
}

function partitionNamesOf(state: TableState): string[] {
  const mapping = columnMappingOf(state);
  return state.schema.fields
    .filter(({ name }) => state.partitionColumns.includes(name))
    .flatMap((field) => [field.name, physicalNameOf(field, mapping)]);
}

async function present(
  storage: Storage,
  keys: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  const all = [...keys];
  for (let start = 0; start < all.length; start += 64) {
    signal.throwIfAborted();
    const group = await Promise.all(all.slice(start, start + 64).map((key) => storage.head(key)));
    found.push(...group.filter((info) => info !== undefined));
  }
  return found;
}

/** A restore may have brought files back between the plan and its commit. */
async function addedSince(
  version: number,
  using: { readonly context: WriteContext; readonly parts: TableParts; readonly signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  const { context, parts, signal } = using;
  const { storage } = parts;
  const newest = await context.newest(parts, signal);
  const added = new Set<string>();
  for (let next = version + 1; next <= newest.version; next++) {
    const commit = await readCommit({ storage, version: next });
    for (const action of commit?.actions ?? [])
      if ("add" in action) for (const key of keysOf(storage, action.add)) added.add(key);
  }
  return added;
}

interface Progress {
  files: number;
  folders: VacuumedFolders;
}

async function deleteFiles(
  keys: readonly string[],
  using: {
    readonly parts: TableParts;
    readonly signal: AbortSignal;
    readonly draft: Draft;
    readonly progress: Progress;
  },
): Promise<void> {
  const { parts, signal, draft, progress } = using;
  const { storage } = parts;
  for (let start = 0; start < keys.length; start += AT_ONCE) {
    signal.throwIfAborted();
    const group = keys.slice(start, start + AT_ONCE);
    await storage.delete(group);
    progress.files += group.length;
    faultPoint("vacuum.deleted");
  }
  const { isHidden, cutoff } = draft;
  progress.folders = await removeEmptyFolders({ storage, isHidden, deleted: keys, cutoff, signal });
  faultPoint("vacuum.folders");
}

async function end(
  context: WriteContext,
  status: "COMPLETED" | "FAILED",
  { files, folders }: Readonly<Progress>,
): Promise<{ readonly version: number }> {
  const plan = commitOf("VACUUM END", {
    parameters: { status },
    metrics: { numDeletedFiles: files, numVacuumedDirectories: folders.seen },
  });
  // Never undefined: the plan is never.
  return (await commitWrite(context, { honoured: HONOURED_BY_LOG, plan: () => Promise.resolve(plan) }))!;
}

/** It says what was done, and does nothing to the table. */
function commitOf(
  operation: string,
  said: {
    readonly parameters: WritePlan["operationParameters"];
    readonly metrics: Readonly<Record<string, number>>;
  },
): WritePlan {
  const metrics = Object.entries(said.metrics).map(([name, count]) => [name, String(count)]);
  return {
    actions: [],
    reads: NOTHING_READ,
    operation,
    operationParameters: said.parameters,
    operationMetrics: Object.fromEntries(metrics) as Record<string, string>,
    written: [],
  };
}
