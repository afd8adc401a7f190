/**
 * The history as a Delta table (`table.history`): a row for what became of each file of each batch, from the manifests of committed
 * batches and from nothing else. How far it has come is a `txn` of its own in that very table, so each batch is in it once, whoever dies
 * where; a table that was removed is written anew from the first batch on. It holds up nothing: a failure is a warning, and a later round
 * goes on from where it stands.
 */
import { appendFile, mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isLandfallError, LandfallError, messageOf } from "../../base/landfall-error.ts";
import { stopwatch } from "../../base/stopwatch.ts";
import { uuidv7 } from "../../base/uuid.ts";
import type { Action, AddFile } from "../../delta/actions.ts";
import { shouldCheckpoint } from "../../delta/checkpoint.ts";
import { readBack, tryCommit } from "../../delta/commit.ts";
import { createTableActions } from "../../delta/create-table.ts";
import { dataFilePlace } from "../../delta/data-file.ts";
import type { TableState } from "../../delta/table-state.ts";
import { findWinners, type Winner } from "../find-winner.ts";
import { foldedReader } from "../folded-batches.ts";
import type { TableHandle } from "../open-table.ts";
import type { PipelineContext } from "../pipeline-context.ts";
import { readManifest } from "../settle-batch.ts";
import { checkHistoryTable } from "./check-history-table.ts";
import { compactHistory } from "./compact-history.ts";
import { HISTORY_SCHEMA, historyLines, historyStatistics } from "./history-columns.ts";

export interface HistoryPublisher {
  /**
   * Brings the table up to the last batch that the ledger has taken in. `atMostEvery`: not so soon after the last time, in milliseconds,
   * unless a hundred batches wait.
   *
   * @throws only when the run is aborted
   */
  publish(context: PipelineContext, options?: { readonly atMostEvery?: number }): Promise<void>;
}

/** Arrivals that go into one file and one commit, but for those of the last batch. */
const ROWS = 500_000;
const MANY_BATCHES = 100;
const MAX_ATTEMPTS = 10;

export function historyPublisher(options: {
  readonly table: TableHandle;
  /** `Landfall/<version>` */
  readonly engineInfo: string;
}): HistoryPublisher {
  let published: number | undefined;
  let lastAt = -Infinity;
  return {
    async publish(context, { atMostEvery = 0 } = {}) {
      const { clock, signal, ledger } = context;
      try {
        const last = (await ledger.lastTakenIn())?.number ?? 0;
        const waiting = last - (published ?? 0);
        if (waiting <= 0) return;
        const isSoon = clock.now() - lastAt < atMostEvery;
        if (published !== undefined && isSoon && waiting < MANY_BATCHES) return;
        lastAt = clock.now();
        published = await bringUp(context, { ...options, last });
      } catch (error) {
        signal?.throwIfAborted();
        if (isLandfallError(error, "ABORTED")) throw error;
        context.emit({ type: "history.failed", reason: messageOf(error) });
      }
    },
  };
}

interface BringUpOptions {
  readonly table: TableHandle;
  readonly engineInfo: string;
  /** The last batch that is to be in it. */
  readonly last: number;
}

/** Answers the last batch that is in it. */
async function bringUp(context: PipelineContext, options: BringUpOptions): Promise<number> {
  const { table, last } = options;
  const appId = historyAppId(context);
  const watch = stopwatch<"history">();
  let state = await table.refresh(context.signal);
  checkHistoryTable(state, table.storage.location);
  let done = publishedNumber(state, appId);
  if (done >= last) return done;
  const latestVersion = context.table.known()?.version ?? 0;
  const winners = findWinners(context, { from: done + 1, to: last, latestVersion });
  const from = done;
  let rows = 0;
  while (done < last) {
    const group = await writeGroup(context, table, winners);
    try {
      const outcome = await commitGroup(context, { ...options, group, appId, done });
      // Somebody else publishes the same batches: what is in the table by now is in it.
      if (outcome === "overtaken") return publishedNumber(await table.refresh(context.signal), appId);
    } finally {
      await rm(group.folder, { recursive: true, force: true });
    }
    rows += group.rows;
    done = group.last;
  }
  context.emit({
    type: "history.published",
    batches: last - from,
    rows,
    milliseconds: watch.lap("history"),
  });
  state = await table.refresh(context.signal);
  await keepSmall(context, options, state);
  return done;
}

function publishedNumber(state: TableState | undefined, appId: string): number {
  return Number(state?.txns.get(appId)?.version ?? 0);
}

/** Told from the pipeline's own, which the table of its rows has. */
export function historyAppId({ pipelineId }: Pick<PipelineContext, "pipelineId">): string {
  return `landfall-history-${pipelineId}`;
}

interface Group {
  /** Holds the file, and is removed afterwards. */
  readonly folder: string;
  /** Undefined for batches without a file. */
  readonly parquetPath: string | undefined;
  readonly rows: number;
  readonly first: Winner;
  readonly last: number;
}

/** As many of the batches as one file takes. @param winners there is one more at least */
async function writeGroup(
  context: PipelineContext,
  { parquet }: TableHandle,
  winners: AsyncGenerator<Winner>,
): Promise<Group> {
  const { signal } = context;
  const folded = foldedReader(context.table.storage, context.name);
  const folder = join(parquet.scratchFolder, `history-${uuidv7()}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    const jsonPath = join(folder, "rows.json");
    let rows = 0;
    let first: Winner | undefined;
    let last = 0;
    while (rows < ROWS) {
      signal?.throwIfAborted();
      const next = await winners.next();
      if (next.done === true) break;
      const winner = next.value;
      const manifest = await readManifest(context, winner, folded);
      await appendFile(jsonPath, historyLines({ manifest, version: winner.version }), { mode: 0o600 });
      rows += manifest.arrivals.length;
      first ??= winner;
      last = winner.number;
    }
    const parquetPath = rows === 0 ? undefined : join(folder, "rows.parquet");
    if (parquetPath !== undefined) {
      await parquet.port.fromJsonLines({
        jsonPath,
        parquetPath,
        columns: HISTORY_SCHEMA,
        ...(signal ? { signal } : {}),
      });
    }
    return { folder, parquetPath, rows, first: first!, last };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function commitGroup(
  context: PipelineContext,
  options: BringUpOptions & { readonly group: Group; readonly appId: string; readonly done: number },
): Promise<"committed" | "overtaken"> {
  const { table, group, appId, done } = options;
  const txnId = context.newId();
  const add = await putFile(context, table, group, txnId);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const state = await table.refresh(context.signal);
    checkHistoryTable(state, table.storage.location);
    // At every snapshot that it is tried on, or two processes would publish one batch.
    if (publishedNumber(state, appId) !== done) return "overtaken";
    const version = (state?.version ?? -1) + 1;
    const actions = [...headOf(context, { ...options, txnId, isNew: state === undefined }), ...add];
    const tried = await tryCommit({ storage: table.storage, version, actions });
    if (tried.outcome === "taken") continue;
    if ((await readBack({ storage: table.storage, version, txnId })) === "ours") return "committed";
  }
  throw new LandfallError("CONFLICTS_UNENDED", {
    message: `The history could not be added to ${table.storage.location}: other writers committed first, at each of ${MAX_ATTEMPTS} attempts.`,
    hint: "Nothing is lost: a later round tries again.",
    table: table.storage.location,
  });
}

function headOf(
  context: PipelineContext,
  options: BringUpOptions & {
    readonly group: Group;
    readonly appId: string;
    readonly txnId: string;
    readonly isNew: boolean;
  },
): Action[] {
  const { group, appId, txnId, isNew } = options;
  const now = context.clock.now();
  return [
    {
      commitInfo: {
        timestamp: now,
        operation: "WRITE",
        operationParameters: { mode: '"Append"', partitionBy: '"[]"' },
        isBlindAppend: true,
        operationMetrics: { numOutputRows: String(group.rows) },
        engineInfo: options.engineInfo,
        txnId,
      },
    },
    ...(isNew
      ? createTableActions({
          id: context.newId(),
          schema: HISTORY_SCHEMA,
          createdTime: now,
          description: "What became of each file of each batch, by Landfall",
        })
      : []),
    { txn: { appId, version: group.last, lastUpdated: now } },
  ];
}

/** None for batches without a file. */
async function putFile(
  context: PipelineContext,
  { storage }: TableHandle,
  group: Group,
  uuid: string,
): Promise<{ readonly add: AddFile }[]> {
  const { parquetPath, rows } = group;
  if (parquetPath === undefined) return [];
  const { size } = await stat(parquetPath);
  const place = { index: 0, uuid, codec: "zstd", partitionColumns: [], partitionValues: {} } as const;
  const { key, path } = dataFilePlace(place);
  await storage.putFile(key, parquetPath, { ifAbsent: true });
  const stats = historyStatistics({ rows, first: group.first.number, last: group.last });
  const modificationTime = context.clock.now();
  return [{ add: { path, partitionValues: {}, size, modificationTime, dataChange: true, stats } }];
}

async function keepSmall(
  context: PipelineContext,
  { table, engineInfo }: BringUpOptions,
  state: TableState | undefined,
): Promise<void> {
  if (state === undefined) return;
  await compactHistory(context, { table, engineInfo, version: state.version });
  const now = await table.refresh(context.signal);
  if (now === undefined) return;
  const { version, metadata } = now;
  for (let at = state.version; at <= version; at++) {
    if (!shouldCheckpoint({ version: at, configuration: metadata.configuration })) continue;
    await table.checkpoint(at, context.clock.now());
    await cleanUp(context, table);
  }
}

/** How far it has come stands in the table's state, so that no commit is needed for it. What fails is a note: the log is as readable as before. */
async function cleanUp(context: PipelineContext, table: TableHandle): Promise<void> {
  const { clock, signal } = context;
  try {
    await table.cleanUpLog({ now: clock.now(), signal, mayRemove: async () => true });
  } catch (error) {
    signal?.throwIfAborted();
    context.emit({ type: "note", text: `The log of the history was not cleaned up: ${messageOf(error)}` });
  }
}
