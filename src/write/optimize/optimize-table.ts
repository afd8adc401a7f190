/**
 * `optimize`: small files become large ones, rows that are marked as deleted go, and rows can be put in the order of a Z-curve. Rows stay what
 * they are. It goes group by group, in several commits, so that what is done stays done when it is stopped.
 */
import type { OptionKinds } from "../../base/check-options.ts";
import { bytesOf } from "../../base/bytes-of.ts";
import { groupsOfBytes } from "../../base/groups-of-bytes.ts";
import { LandfallError } from "../../base/landfall-error.ts";
import { parseBytes } from "../../base/units.ts";
import type { AddFile } from "../../delta/actions.ts";
import { HONOURED_BY_ROWS, HONOURED_BY_RULES } from "../../delta/features.ts";
import { columnsToRead, filesToRead } from "../../delta/files-to-read.ts";
import { localRoot } from "../../delta/locate-file.ts";
import { prunedTable } from "../../delta/plan-scan.ts";
import { removeOf } from "../../delta/remove-of.ts";
import { fileKey } from "../../delta/snapshot.ts";
import { liveRowsOfAll } from "../../delta/stated-statistics.ts";
import type { TableState } from "../../delta/table-state.ts";
import { findTableColumn } from "../../schema/find-table-column.ts";
import { quoteName } from "../../engine/sql.ts";
import { planFiles } from "../../table/plan-files.ts";
import type { TableParts } from "../../table/table-access.ts";
import { commitWrite, type PlanningWith } from "../commit-write.ts";
import { removingWritten } from "../removing-written.ts";
import { metricTexts } from "../rows/metric-texts.ts";
import { stageRows } from "../stage-rows.ts";
import type { WriteContext } from "../write-context.ts";
import type { WritePlan } from "../write-plan.ts";
import { clusteredSql } from "./clustered-sql.ts";
import { MAX_DELETED_SHARE, planBinPacking, planClustering, type OptimizeGroup } from "./plan-optimize.ts";

export interface OptimizeOptions {
  /** Only files that may hold a row for which this condition is true. Default: all. */
  readonly where?: string | undefined;
  /** Columns by whose values rows are put together: a scan with conditions on them then opens fewer files. Default: none, rows stay in order. */
  readonly zOrderBy?: readonly string[] | undefined;
  /** What a file should have, such as `256m`. Default: the table's property `delta.targetFileSize`, else `256m`. */
  readonly targetFileSize?: string | undefined;
  /** Says which files would be written anew, and changes nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const OPTIMIZE_OPTIONS: OptionKinds<OptimizeOptions> = {
  where: "text",
  zOrderBy: "texts",
  targetFileSize: "text",
  dryRun: "flag",
  signal: "signal",
};

/** What became of the files. Of a dry run what would go; what would come is not known before it is written, and 0. */
export interface Optimized {
  readonly commits: number;
  readonly filesRemoved: number;
  readonly filesAdded: number;
  readonly bytesRemoved: number;
  readonly bytesAdded: number;
}

const TARGET_FILE_SIZE = "256m";
/** Bytes of the files that one commit replaces, about: what is lost at most when it is stopped. */
const COMMIT_BYTES = 1024 ** 3;
/** Features that moved rows honour: rules held when the rows were written. */
const HONOURED: ReadonlySet<string> = new Set([...HONOURED_BY_ROWS, ...HONOURED_BY_RULES]);
const MAX_COLUMNS = 12;

/** @throws LandfallError QUERY_INVALID for a condition or a column that may not be; USAGE; as `commitWrite` */
export async function optimizeTable(
  context: WriteContext,
  options: OptimizeOptions = {},
): Promise<Optimized> {
  const total = { commits: 0, filesRemoved: 0, filesAdded: 0, bytesRemoved: 0, bytesAdded: 0 };
  for (const groups of await plannedGroups(context, options)) {
    if (options.dryRun === true) {
      const files = groups.flatMap((group) => group.files);
      total.commits++;
      total.filesRemoved += files.length;
      total.bytesRemoved += bytesOf(files);
      continue;
    }
    const committed = await commitWrite(context, {
      honoured: HONOURED,
      signal: options.signal,
      plan: (state, using) => planGroups(context, { ...options, ...using, state, groups }),
    });
    if (committed === undefined) continue;
    const { metrics } = committed;
    total.commits++;
    total.filesRemoved += metrics["numRemovedFiles"]!;
    total.filesAdded += metrics["numAddedFiles"]!;
    total.bytesRemoved += metrics["numRemovedBytes"]!;
    total.bytesAdded += metrics["numAddedBytes"]!;
  }
  return total;
}

/** What each commit is to replace. */
function plannedGroups(context: WriteContext, options: OptimizeOptions): Promise<OptimizeGroup[][]> {
  const { where, zOrderBy, targetFileSize: asked } = options;
  return context.access.ask(options.signal, async (parts, signal) => {
    // Starts while the log is read.
    if (options.dryRun !== true) parts.engine.warm();
    const state = await context.newest(parts, signal);
    const targetFileSize = targetSize(state, asked);
    checkColumns(state, zOrderBy ?? []);
    const { files } = await planFiles(parts, { state, where, signal });
    const groups =
      zOrderBy === undefined || zOrderBy.length === 0
        ? planBinPacking(files, { targetFileSize, maxDeletedShare: MAX_DELETED_SHARE })
        : planClustering(files);
    return groupsOfBytes(groups, { leastBytes: COMMIT_BYTES, bytesOf: (group) => bytesOf(group.files) });
  });
}

interface PlanGroups extends Omit<OptimizeOptions, "signal">, PlanningWith {
  readonly state: TableState;
  readonly groups: readonly OptimizeGroup[];
}

/** Of the files of each group those that still stand as they were. */
async function planGroups(context: WriteContext, options: PlanGroups): Promise<WritePlan | undefined> {
  const { parts, state, groups, where, zOrderBy = [], signal } = options;
  const { files: live } = await planFiles(parts, { state, where, signal });
  const root = localRoot(parts.storage);
  const standing = new Map(live.map((add) => [fileKey(add, root), add]));
  const removed: AddFile[] = [];
  const added: AddFile[] = [];
  const written: string[] = [];
  for (const group of groups) {
    const files = group.files.flatMap((add) => standing.get(fileKey(add, root)) ?? []);
    if (files.length === 0 || (files.length === 1 && group.files.length > 1)) continue;
    await removingWritten(parts.storage, written, async () => {
      const staged = await rewritten(context, { ...options, files });
      written.push(...staged.keys);
      added.push(...staged.adds);
      checkRows(parts, files, staged.rows);
    });
    removed.push(...files);
  }
  if (removed.length === 0) return undefined;
  const now = context.clock.now();
  return {
    actions: [
      ...removed.map((add) => ({ remove: removeOf(add, { now, dataChange: false }) })),
      ...added.map((add) => ({ add })),
    ],
    reads: { rows: "none", files: removed.map(({ path }) => path) },
    operation: "OPTIMIZE",
    operationParameters: {
      predicate: JSON.stringify(where === undefined ? [] : [where]),
      zOrderBy: JSON.stringify(zOrderBy),
      clusterBy: "[]",
      auto: "false",
    },
    operationMetrics: metricsOf(removed, added),
    movesRows: true,
    written,
  };
}

async function rewritten(
  context: WriteContext,
  options: PlanGroups & { readonly files: readonly AddFile[] },
): Promise<Awaited<ReturnType<typeof stageRows>>> {
  const { parts, state, files: adds, zOrderBy = [], targetFileSize, signal } = options;
  const { storage, allowOutside } = parts;
  const columns = columnsToRead(state);
  const files = await filesToRead({ storage, columns, adds, allowOutside, signal });
  return stageRows({
    parts,
    state,
    tables: { t: { ...columns, files, isOnlyRead: zOrderBy.length === 0 } },
    sql: zOrderBy.length === 0 ? "SELECT * FROM t" : clusteredSql("t", zOrderBy.map(quoteName)),
    now: context.clock.now(),
    dataChange: false,
    targetFileBytes: targetSize(state, targetFileSize),
    inOrder: zOrderBy.length > 0,
    signal,
  });
}

/** Rows in the log = rows that were written. @throws LandfallError COUNTS_DO_NOT_CLOSE */
function checkRows({ storage }: TableParts, files: readonly AddFile[], rows: number): void {
  const stated = liveRowsOfAll(files);
  if (stated === undefined || stated === rows) return;
  throw new LandfallError("COUNTS_DO_NOT_CLOSE", {
    message: `By the log, ${files.length} files of ${storage.location} hold ${stated} rows; ${rows} were read of them.`,
    hint: "Nothing was changed; `landfall table check --data` says what is wrong with the table.",
    table: storage.location,
  });
}

function metricsOf(removed: readonly AddFile[], added: readonly AddFile[]): Record<string, string> {
  const sizes = added.map(({ size }) => size).sort((a, b) => a - b);
  const at = (share: number): number => sizes[Math.floor((sizes.length - 1) * share)] ?? 0;
  return metricTexts({
    numRemovedFiles: removed.length,
    numRemovedBytes: bytesOf(removed),
    numAddedFiles: added.length,
    numAddedBytes: bytesOf(added),
    numDeletionVectorsRemoved: removed.filter(({ deletionVector }) => deletionVector !== undefined).length,
    minFileSize: at(0),
    p25FileSize: at(0.25),
    p50FileSize: at(0.5),
    p75FileSize: at(0.75),
    maxFileSize: at(1),
  });
}

/** @throws LandfallError USAGE */
function targetSize({ metadata }: TableState, asked: string | undefined): number {
  const text = asked ?? metadata.configuration["delta.targetFileSize"] ?? TARGET_FILE_SIZE;
  const bytes = parseBytes(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new LandfallError("USAGE", {
    message: `targetFileSize: ${JSON.stringify(text)} is not understood.`,
    hint: 'Write it such as "256m".',
  });
}

/** @throws LandfallError QUERY_INVALID for one that cannot order rows within a partition, and for too many */
function checkColumns(state: TableState, names: readonly string[]): void {
  for (const [i, name] of names.entries()) {
    const why = i < MAX_COLUMNS ? whyNoOrder(state, name) : `it is one of more than ${MAX_COLUMNS}`;
    if (why !== undefined)
      throw new LandfallError("QUERY_INVALID", {
        message: `zOrderBy: rows cannot be put in order by ${name}: ${why}.`,
        hint: "Name a few plain columns that queries have conditions on.",
      });
  }
}

function whyNoOrder(state: TableState, name: string): string | undefined {
  const column = findTableColumn(prunedTable(state), [name]);
  if (column === undefined) return "the table has no plain column of that name";
  if (column.isPartition) return "it is a partition column, of one value in each file already";
  return column.type === "variant" ? "its values have no order" : undefined;
}
