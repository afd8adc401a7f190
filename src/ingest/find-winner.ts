/** Which batchId won a number: the done mark, else the log; in neither, an error and never a guess (exactly-once rules, §2). */
import { LandfallError } from "../base/landfall-error.ts";
import { readCommit } from "../delta/log-storage.ts";
import { foldedDoneMark, readFoldedBatches } from "./folded-batches.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { ownCommitOf } from "./own-commit.ts";
import { parseDoneMark } from "./manifest.ts";
import { batchesFolder, parseBatchName } from "./state-keys.ts";

export interface Winner {
  readonly number: number;
  readonly batchId: string;
  /** The table version of its commit. */
  readonly version: number;
  /** SHA-256 of its manifest. */
  readonly sha256: string;
  /** True when its done mark was seen. */
  readonly done: boolean;
}

/**
 * The winners of the numbers from..to, ascending.
 *
 * @throws LandfallError HISTORY_LOST when a number is in neither place
 */
export async function findWinners(
  context: PipelineContext,
  range: { readonly from: number; readonly to: number; readonly latestVersion: number },
): Promise<Winner[]> {
  const winners = new Map<number, Winner>();
  for (const winner of await winnersByDoneMark(context, range)) winners.set(winner.number, winner);
  if (winners.size <= range.to - range.from) {
    for (const batch of await readFoldedBatches(context.table.storage, context.name, range)) {
      winners.set(batch.number, { ...foldedDoneMark(batch), done: true });
    }
  }
  const missing = new Set<number>();
  for (let number = range.from; number <= range.to; number++) if (!winners.has(number)) missing.add(number);
  if (missing.size > 0) {
    // A number's commit comes after the commit of the number before it, wherever that is known.
    const known = await context.ledger.lastTakenIn();
    const start =
      known?.version === undefined || known.number >= Math.min(...missing) ? 0 : known.version + 1;
    for (let version = range.latestVersion; version >= start && missing.size > 0; version--) {
      const commit = await readCommit({ storage: context.table.storage, version });
      // Older history has been cleaned up: what is not found by now is not in the log.
      if (commit === undefined) break;
      const own = ownCommitOf(commit.actions, context.appId);
      if (own === undefined || !missing.delete(own.number)) continue;
      winners.set(own.number, {
        number: own.number,
        batchId: own.batchId,
        version,
        sha256: own.sha256,
        done: false,
      });
    }
  }
  if (missing.size > 0) {
    // Another process may have written the mark after we listed them, and the log been cleaned up behind it.
    for (const winner of await winnersByDoneMark(context, range)) {
      if (missing.delete(winner.number)) winners.set(winner.number, winner);
    }
  }
  if (missing.size > 0) throw historyLost(context, [...missing]);
  return [...winners.values()].sort((a, b) => a.number - b.number);
}

async function winnersByDoneMark(
  context: PipelineContext,
  range: { readonly from: number; readonly to: number },
): Promise<Winner[]> {
  const { storage } = context.table;
  const winners: Winner[] = [];
  for await (const object of storage.list({ prefix: batchesFolder(context.name) })) {
    const name = parseBatchName(object.key);
    if (name?.kind !== "done" || name.number < range.from || name.number > range.to) continue;
    const mark = parseDoneMark(await storage.get(object.key), `${storage.location}/${object.key}`);
    winners.push({
      number: mark.number,
      batchId: mark.batchId,
      version: mark.version,
      sha256: mark.sha256,
      done: true,
    });
  }
  return winners;
}

function historyLost(context: PipelineContext, numbers: readonly number[]): LandfallError {
  return new LandfallError("HISTORY_LOST", {
    message: `The table's txn says that batch ${numbers.join(", ")} of "${context.name}" committed, but neither a done mark nor the Delta log says what it held.`,
    hint:
      "The log was cleaned up by another program before Landfall took the batch in, or files of _landfall were removed. " +
      "Restore them from a backup; or start over under a new name (--name) with an empty table; or, if the files of that batch " +
      "are known to be in the table, begin a new pipeline with includeExistingFiles: false.",
    pipeline: context.name,
    batch: numbers[0]!,
    table: context.table.storage.location,
  });
}
