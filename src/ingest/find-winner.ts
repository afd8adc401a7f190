/** Which batchId won a number: the done mark, else the log; in neither, an error and never a guess (exactly-once rules, §2). */
import { LandfallError } from "../base/landfall-error.ts";
import { readCommit } from "../delta/log-storage.ts";
import { isFolded, listBatchNames, type BatchNames } from "./batch-names.ts";
import { foldedReader, type FoldedReader } from "./folded-batches.ts";
import { readDoneMark } from "./done-batches.ts";
import { ownCommitOf } from "./own-commit.ts";
import type { PipelineContext } from "./pipeline-context.ts";

export interface Winner {
  readonly number: number;
  readonly batchId: string;
  /** The table version of its commit. */
  readonly version: number;
  /** SHA-256 of its manifest. */
  readonly sha256: string;
  /** True when its done mark was seen, or the batch has been folded. */
  readonly done: boolean;
  /** The manifest's text, where it came with the rest. */
  readonly manifestText?: string;
}

interface WinnersRange {
  readonly from: number;
  readonly to: number;
  readonly latestVersion: number;
}

/**
 * The winners of the numbers from..to, ascending, each read when it is asked for: of a million files that were read no more than one
 * file of folded batches is in memory.
 *
 * @throws LandfallError HISTORY_LOST when a number is in neither place
 */
export async function* findWinners(context: PipelineContext, range: WinnersRange): AsyncGenerator<Winner> {
  const { storage } = context.table;
  const names = await listBatchNames(storage, context.name);
  const logged = await winnersInLog(context, range, names);
  const folded = foldedReader(storage, context.name);
  const lost: number[] = [];
  for (let number = range.from; number <= range.to; number++) {
    const winner =
      logged.get(number) ??
      (await winnerByDoneMark(context, names.done.get(number)?.[0], number)) ??
      (await winnerInFolded(folded, number)) ??
      (await winnerSince(context, number));
    if (winner === undefined) lost.push(number);
    // What comes behind a number that is lost is of no use, but all that are lost are to be named.
    else if (lost.length === 0) yield winner;
  }
  if (lost.length > 0) throw historyLost(context, lost);
}

/** Of the numbers that the names say nothing about. */
async function winnersInLog(
  context: PipelineContext,
  { from, to, latestVersion }: WinnersRange,
  { done, folded }: BatchNames,
): Promise<ReadonlyMap<number, Winner>> {
  const winners = new Map<number, Winner>();
  const missing = new Set<number>();
  for (let number = from; number <= to; number++)
    if (!done.has(number) && !isFolded(folded, number)) missing.add(number);
  if (missing.size === 0) return winners;
  // A number's commit comes after the commit of the number before it, wherever that is known.
  const known = await context.ledger.lastTakenIn();
  const start = known?.version === undefined || known.number >= Math.min(...missing) ? 0 : known.version + 1;
  for (let version = latestVersion; version >= start && missing.size > 0; version--) {
    const commit = await readCommit({ storage: context.table.storage, version });
    // Older history has been cleaned up: what is not found by now is not in the log.
    if (commit === undefined) break;
    const own = ownCommitOf(commit.actions, context.appId);
    if (own === undefined || !missing.delete(own.number)) continue;
    const { number, batchId, sha256 } = own;
    winners.set(number, { number, batchId, version, sha256, done: false });
  }
  return winners;
}

async function winnerByDoneMark(
  { name, table }: PipelineContext,
  batchId: string | undefined,
  number: number,
): Promise<Winner | undefined> {
  const mark =
    batchId === undefined ? undefined : await readDoneMark(table.storage, name, { number, batchId });
  return mark && { ...mark, done: true };
}

async function winnerInFolded(folded: FoldedReader, number: number): Promise<Winner | undefined> {
  const batch = await folded.find(number);
  if (batch === undefined) return undefined;
  const { manifest: manifestText, ...winner } = batch;
  return { ...winner, manifestText, done: true };
}

/** Another process may have written the mark after we listed them, and the log been cleaned up behind it; or have folded it, too. */
async function winnerSince(context: PipelineContext, number: number): Promise<Winner | undefined> {
  const { storage } = context.table;
  const { done } = await listBatchNames(storage, context.name);
  return (
    (await winnerByDoneMark(context, done.get(number)?.[0], number)) ??
    (await winnerInFolded(foldedReader(storage, context.name), number))
  );
}

/** The winner of one number. @throws LandfallError HISTORY_LOST */
export async function findWinner(
  context: PipelineContext,
  options: { readonly number: number; readonly latestVersion: number },
): Promise<Winner> {
  const { number, latestVersion } = options;
  for await (const winner of findWinners(context, { from: number, to: number, latestVersion })) return winner;
  throw historyLost(context, [number]);
}

function historyLost(context: PipelineContext, numbers: readonly number[]): LandfallError {
  return new LandfallError("HISTORY_LOST", {
    message: `The table's txn says that batch ${numbers.join(", ")} of "${context.name}" committed, but neither a done mark nor the Delta log says what it held.`,
    hint:
      "The log was cleaned up by another program before Landfall took the batch in, or files of _landfall were removed. " +
      "Restore them from a backup; or start over under a new name (--pipeline) with an empty table; or, if the files of that batch " +
      "are known to be in the table, begin a new pipeline with includeExistingFiles: false.",
    pipeline: context.name,
    batch: numbers[0]!,
    table: context.table.storage.location,
  });
}
