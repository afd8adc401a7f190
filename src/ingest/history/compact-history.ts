/**
 * Keeps the number of the history's files small: every sixteen versions those below a megabyte become one. So it has some thirty files at
 * most beside one for each megabyte. What no version needs any more is removed after a week.
 */
import { appendFile, mkdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject, parseJson } from "../../base/lossless-json.ts";
import { uuidv7 } from "../../base/uuid.ts";
import type { AddFile } from "../../delta/actions.ts";
import { storageKeyOfPath } from "../../delta/add-path.ts";
import { tryCommit } from "../../delta/commit.ts";
import { dataFilePlace } from "../../delta/data-file.ts";
import { LOG_FOLDER } from "../../delta/log-files.ts";
import { removeOf } from "../../delta/remove-of.ts";
import { readSnapshot, type Snapshot } from "../../delta/snapshot.ts";
import type { TableHandle } from "../open-table.ts";
import type { PipelineContext } from "../pipeline-context.ts";
import { HISTORY_SCHEMA, historyStatistics } from "./history-columns.ts";

const EVERY = 16;
const SMALL = 1024 ** 2;
/** As Delta keeps what a reader of an older version may still read. */
const KEPT_MS = 7 * 86_400_000;

export interface CompactOptions {
  readonly table: TableHandle;
  readonly engineInfo: string;
  /** That was just made. */
  readonly version: number;
}

/** Beside another writer it does nothing, and the next time does it. */
export async function compactHistory(context: PipelineContext, options: CompactOptions): Promise<void> {
  const { table, version } = options;
  if (version === 0 || version % EVERY !== 0) return;
  const { storage, parquet } = table;
  const snapshot = await readSnapshot({ storage, parquet });
  if (snapshot === undefined) return;
  const small = [...snapshot.adds.values()].filter(({ size }) => size < SMALL);
  if (small.length >= EVERY) await rewrite(context, { ...options, snapshot, small });
  await removeUnneeded(context, table, snapshot);
}

async function rewrite(
  context: PipelineContext,
  options: CompactOptions & { readonly snapshot: Snapshot; readonly small: readonly AddFile[] },
): Promise<void> {
  const { table, snapshot, small } = options;
  const { storage, parquet } = table;
  const now = context.clock.now();
  const folder = join(parquet.scratchFolder, `history-${uuidv7()}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    const merged = await mergeFiles(context, table, { small, folder });
    if (merged === undefined) return;
    const txnId = context.newId();
    const place = {
      index: 0,
      uuid: txnId,
      codec: "zstd",
      partitionColumns: [],
      partitionValues: {},
    } as const;
    const { key, path } = dataFilePlace(place);
    const { size } = await stat(merged.parquetPath);
    await storage.putFile(key, merged.parquetPath, { ifAbsent: true });
    const removes = small.map((old) => ({ remove: removeOf(old, { now, dataChange: false }) }));
    const stats = historyStatistics(merged);
    const add = { path, partitionValues: {}, size, modificationTime: now, dataChange: false, stats };
    await tryCommit({
      storage,
      version: snapshot.version + 1,
      actions: [
        {
          commitInfo: {
            timestamp: now,
            operation: "OPTIMIZE",
            operationParameters: { predicate: "[]" },
            isBlindAppend: false,
            engineInfo: options.engineInfo,
            txnId,
          },
        },
        ...removes,
        { add },
      ],
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface MergedFile {
  readonly parquetPath: string;
  readonly rows: number;
  readonly first: number;
  readonly last: number;
}

/** Undefined where a file lies elsewhere, or says less of itself than Landfall's own do. */
async function mergeFiles(
  context: PipelineContext,
  { storage, parquet }: TableHandle,
  of: { readonly small: readonly AddFile[]; readonly folder: string },
): Promise<MergedFile | undefined> {
  const { signal } = context;
  const call = signal ? { signal } : {};
  const known = of.small.map((add) => ({ key: storageKeyOfPath(add.path), ...batchesOf(add) }));
  const files = known.flatMap(({ key, first, last, rows }) =>
    key === undefined || first === undefined || last === undefined || rows === undefined
      ? []
      : [{ key, first, last, rows }],
  );
  if (storage.localPath === undefined || files.length < known.length) return undefined;
  const jsonPath = join(of.folder, "rows.json");
  for (const { key } of files.toSorted((a, b) => a.first - b.first)) {
    const piece = join(of.folder, "piece.json");
    await parquet.port.toJsonLines({ parquetPath: storage.localPath(key), jsonPath: piece, ...call });
    await appendFile(jsonPath, await readFile(piece), { mode: 0o600 });
  }
  const parquetPath = join(of.folder, "rows.parquet");
  await parquet.port.fromJsonLines({ jsonPath, parquetPath, columns: HISTORY_SCHEMA, ...call });
  return {
    parquetPath,
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
    first: Math.min(...files.map(({ first }) => first)),
    last: Math.max(...files.map(({ last }) => last)),
  };
}

function batchesOf({ stats }: AddFile): Partial<Omit<MergedFile, "parquetPath">> {
  const said = stats === undefined ? undefined : parseJson(stats);
  if (!isJsonObject(said)) return {};
  const { numRecords: rows, minValues, maxValues } = said;
  const first = isJsonObject(minValues) ? minValues["batch"] : undefined;
  const last = isJsonObject(maxValues) ? maxValues["batch"] : undefined;
  if (typeof rows !== "number" || typeof first !== "number" || typeof last !== "number") return {};
  return { rows, first, last };
}

/** What was merged long ago, and what a process left that died before its commit. */
async function removeUnneeded(
  context: PipelineContext,
  { storage }: TableHandle,
  snapshot: Snapshot,
): Promise<void> {
  const live = new Set([...snapshot.adds.values()].map(({ path }) => storageKeyOfPath(path)));
  const before = BigInt(context.clock.now() - KEPT_MS) * 1_000_000n;
  for await (const { key, modifiedNs } of storage.list()) {
    if (key.startsWith(LOG_FOLDER) || !/^part-[^/]*\.parquet$/.test(key) || live.has(key)) continue;
    if (BigInt(modifiedNs) < before) await storage.delete(key);
  }
}
