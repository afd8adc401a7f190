/** One round of a pipeline: take in, recover, list, and batch after batch until nothing is left. */
import { faultPoint } from "../base/fault-point.ts";
import { LandfallError } from "../base/landfall-error.ts";
import { stopwatch } from "../base/stopwatch.ts";
import { displayKey } from "../base/path-bytes.ts";
import type { ReadOrder } from "../declaration/shapes/source-shape.ts";
import type { TableState } from "../delta/table-state.ts";
import type { ReaderOptions } from "../formats/reader-options.ts";
import type { Candidate } from "../ledger/ledger.ts";
import type { SkipRule } from "../ledger/states.ts";
import type { Source } from "../sources/source.ts";
import type { BackfillAllowance } from "./backfill-allowance.ts";
import { applyBaseline, ensureBaseline, readBaseline } from "./baseline.ts";
import { lastDoneOf, listBatchNames } from "./batch-names.ts";
import { checkPartitioning } from "./check-partitioning.ts";
import type { Thresholds } from "./check-thresholds.ts";
import { checkpointIfDue } from "./checkpoint-if-due.ts";
import { Compactions, type CompactionsOptions } from "./compactions.ts";
import { compareOverwritten } from "./compare-overwritten.ts";
import { discover, lookAt, type Waiting } from "./discover.ts";
import type { BatchCounts, CompactionCounts, TidyCounts } from "./events.ts";
import { foldBatches } from "./fold-batches.ts";
import { foldVacates } from "./fold-vacates.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { FOLD_LIMITS, isFoldDue, type FoldLimits } from "./plan-fold.ts";
import { refuseForeignArrivals } from "./foreign-arrivals.ts";
import type { HistoryPublisher } from "./history/publish-history.ts";
import { removeCutOffWrites, removeLostAttempts, unmarkedNumbers } from "./lost-attempts.ts";
import { nextBatch, type NextBatch } from "./next-batch.ts";
import { isAdopted, type OnOverwrite, type OverwrittenArrival, type PlanLimits } from "./plan-batch.ts";
import { voidOpenBatches } from "./recover.ts";
import { runBatch } from "./run-batch.ts";
import type { StageFiles } from "./stage-batch.ts";
import type { NewTable } from "./table-shape.ts";
import { takeIn } from "./take-in.ts";
import { takeInDecisions } from "./take-in-decisions.ts";
import { emptyHoldingFolder, tidy } from "./tidy.ts";
import { addTidied, NOTHING_TIDIED } from "./tidy-held.ts";
import type { TidyPolicy } from "./tidy-places.ts";

export interface RunOptions extends CompactionsOptions {
  readonly source: Source;
  readonly stageFiles: StageFiles;
  /** How the files are read, for the manifests. Default: they say nothing of it. */
  readonly reader?: (() => ReaderOptions) | undefined;
  /** The declaration has a transform. Default: false. */
  readonly transforms?: boolean;
  /** Told once there is something to read: what takes time to start may be started. */
  readonly onWork?: () => void;
  readonly newTable: NewTable;
  readonly onOverwrite: OnOverwrite;
  readonly includeExistingFiles: boolean;
  readonly limits: PlanLimits;
  /** Default: oldest. */
  readonly order?: ReadOrder;
  /** Default: there is no old stock that is read by parts. */
  readonly backfill?: BackfillAllowance | undefined;
  readonly thresholds?: Thresholds;
  /** What becomes of files once they are settled. Default: they stay. */
  readonly tidy?: TidyPolicy;
  /** How many done batches become one file of state. Default: 1,000, or 16 MB of manifests. */
  readonly fold?: FoldLimits | undefined;
  /** Publishes what became of files as a table. Default: nobody does. */
  readonly history?: HistoryPublisher | undefined;
}

/** What decides which files a run takes, and when. */
export type PlanOptions = Pick<
  RunOptions,
  "source" | "onOverwrite" | "includeExistingFiles" | "limits" | "order" | "backfill"
>;

export interface RunResult {
  readonly batches: readonly {
    readonly number: number;
    readonly version: number;
    readonly counts: BatchCounts;
  }[];
  /** Arrivals that this run saw for the first time, or again after they were gone. */
  readonly discovered: number;
  /** Judged at plan in this run, by rule. */
  readonly skipped: Readonly<Partial<Record<SkipRule, number>>>;
  /** Still being written at the end: left for the next run. */
  readonly waiting: number;
  /** Places and files of the source that could not be read; what they hold waits for the next run. */
  readonly unreadable: number;
  /** Batches that take-in found and this ledger did not know. */
  readonly takenIn: number;
  readonly tidied: TidyCounts;
  readonly compacted: CompactionCounts;
}

/** What a run has come to so far. */
export class Run {
  readonly #context: PipelineContext;
  readonly #options: RunOptions;
  readonly #batches: { number: number; version: number; counts: BatchCounts }[] = [];
  readonly #skipped: Partial<Record<SkipRule, number>> = {};
  readonly #unreadableKeys = new Set<string>();
  /** By key the generation that has been compared with an adopted file, and has other bytes. */
  readonly #newContent = new Map<string, string>();
  /** Numbers with attempts that came to nothing. */
  readonly #lost = new Set<number>();
  #foldDue = false;
  /** That stood in files of their own when they were listed last. */
  #vacateRecords = 0;
  #takenIn = 0;
  #tidied = NOTHING_TIDIED;
  #discovered = 0;
  #unreadable = 0;
  readonly compactions: Compactions;

  /** @param before the round before this one: what it left undone goes on */
  constructor(context: PipelineContext, options: RunOptions, before?: Run) {
    this.#context = context;
    this.#options = options;
    this.compactions = new Compactions(context, options, before?.compactions);
  }

  async recover(): Promise<void> {
    await this.#takeIn();
    await takeInDecisions(this.#context);
    await voidOpenBatches(this.#context);
    await this.#findLostAttempts();
    await this.compactions.recover();
    // Also where nothing is tidied any more: what is held lies nowhere else.
    const { source, tidy: policy = {} } = this.#options;
    this.#tidied = addTidied(this.#tidied, await emptyHoldingFolder(this.#context, { source, policy }));
    const isNew = (await this.#context.ledger.lastTakenIn()) === undefined;
    if (isNew && this.#options.includeExistingFiles) {
      const { table, pipelineId, name, signal } = this.#context;
      const pipeline = { pipelineId, name };
      await refuseForeignArrivals({ storage: table.storage, pipeline, source: this.#options.source, signal });
    }
  }

  /** Last, so that it holds up no file that is still to be read. */
  async tidy(): Promise<void> {
    const { source, tidy: policy } = this.#options;
    const watch = stopwatch<"tidy">();
    if (policy !== undefined)
      this.#tidied = addTidied(this.#tidied, await tidy(this.#context, { source, policy }));
    // What failed is told by itself, and in a long run again and again.
    const { failed: _failed, ...done } = this.#tidied;
    if (Object.values(done).every((count) => count === 0)) return;
    this.#context.emit({ type: "tidy.done", ...this.#tidied, milliseconds: watch.lap("tidy") });
  }

  /**
   * Behind everything else, so that nothing waits for it. Looks when the names at the start say so, and whenever enough batches have
   * been committed since: else there is nothing to fold. Answers whether the next round is to look, too.
   */
  async fold(options: { readonly isLeft: boolean }): Promise<boolean> {
    const { fold: limits = FOLD_LIMITS } = this.#options;
    const areVacatesLeft =
      this.#vacateRecords >= limits.batches && (await foldVacates(this.#context, limits));
    const isDue = this.#batches.some(({ number }) => (number - 1) % limits.batches === 0);
    if (!isDue && !this.#foldDue && !options.isLeft) return areVacatesLeft;
    return (await foldBatches(this.#context, limits)) || areVacatesLeft;
  }

  /** Behind everything else: it holds up no file. */
  async publishHistory(options?: { readonly atMostEvery: number }): Promise<void> {
    await this.#options.history?.publish(this.#context, options);
  }

  /** What a person decided since the last look; true where files are to be read again. */
  async takeInDecisions(): Promise<boolean> {
    return (await takeInDecisions(this.#context)) > 0;
  }

  /** Of a first run that has nothing to read: it was none that was refused, and the pipeline is known from now on. */
  async writeIdentity(): Promise<void> {
    await this.#context.writeIdentity?.();
  }

  async baseline(): Promise<void> {
    const { table, name, ledger, clock, signal } = this.#context;
    const { source, includeExistingFiles } = this.#options;
    if (!includeExistingFiles) await this.writeIdentity();
    const baseline = includeExistingFiles
      ? await readBaseline(table.storage, name)
      : await ensureBaseline({ storage: table.storage, pipeline: name, source, clock, signal });
    if (baseline !== undefined) await applyBaseline({ baseline, ledger, at: clock.now() });
  }

  /** A full listing; answers what was too young to be taken. */
  async list(): Promise<readonly Waiting[]> {
    const listing = await discover(this.#context, this.#options.source);
    this.#discovered += listing.discovered;
    this.#unreadable += listing.unreadable;
    return listing.waiting;
  }

  /** Looks at what waits and at single names; answers what is still too young, and whether there is anything to take. */
  async look(
    names: Parameters<typeof lookAt>[2],
  ): Promise<{ readonly waiting: readonly Waiting[]; readonly found: boolean }> {
    const again = await lookAt(this.#context, this.#options.source, names);
    this.#discovered += again.discovered;
    return { waiting: again.waiting, found: again.discovered > 0 };
  }

  /** One after the other until nothing is left; true after a part of an old stock, so that what arrived meanwhile can be looked for. */
  async batches(): Promise<boolean> {
    const context = this.#context;
    for (;;) {
      context.signal?.throwIfAborted();
      const taken = await this.#takeIn();
      this.#checkTable(taken.state);
      await this.#removeLostAttempts();
      const next = await this.#next();
      if (next === undefined) return false;
      this.#options.onWork?.();
      const outcome = await runBatch(context, {
        ...this.#options,
        arrivals: next.arrivals,
        state: taken.state,
      });
      if (outcome.outcome !== "committed") {
        if (outcome.outcome === "void") this.#lost.add(outcome.number);
        continue;
      }
      this.#batches.push(outcome);
      if (await checkpointIfDue(context, outcome.version)) await this.compactions.afterCheckpoint();
      if (next.isBackfill) return true;
    }
  }

  async #takeIn(): ReturnType<typeof takeIn> {
    const taken = await takeIn(this.#context);
    this.#takenIn += taken.batches;
    this.#vacateRecords = taken.vacateRecords;
    return taken;
  }

  /** Each time: another host may have made the table meanwhile. */
  #checkTable(state: TableState | undefined): void {
    if (state === undefined) return;
    const table = this.#context.table.storage.location;
    checkPartitioning({ partitionBy: this.#options.newTable.partitionBy, state, table });
  }

  /** Whoever made them, and whether or not this ledger knows of them: the manifests tell. */
  async #findLostAttempts(): Promise<void> {
    await removeCutOffWrites(this.#context);
    const names = await listBatchNames(this.#context.table.storage, this.#context.name);
    const lastDone = lastDoneOf(names);
    let last = (await this.#context.ledger.lastTakenIn())?.number ?? 0;
    if (lastDone > last) {
      // Another host may have committed it since we looked.
      await this.#takeIn();
      last = (await this.#context.ledger.lastTakenIn())?.number ?? 0;
      if (lastDone > last) throw goneBack(this.#context, { lastDone, last });
    }
    for (const number of unmarkedNumbers(names)) this.#lost.add(number);
    this.#foldDue = isFoldDue(names, { lastTakenIn: last, limits: this.#options.fold ?? FOLD_LIMITS });
    await this.#removeLostAttempts();
  }

  /** Of the numbers that are committed by now. */
  async #removeLostAttempts(): Promise<void> {
    if (this.#lost.size === 0) return;
    const last = (await this.#context.ledger.lastTakenIn())?.number ?? 0;
    for (const number of [...this.#lost].filter((lost) => lost <= last)) {
      await removeLostAttempts(this.#context, number);
      this.#lost.delete(number);
    }
  }

  async #next(): Promise<NextBatch | undefined> {
    const { limits, onOverwrite, source, order = "oldest", backfill } = this.#options;
    return nextBatch(this.#context, {
      limits,
      onOverwrite,
      order,
      backfill,
      together: source.together,
      isReadable: (candidate) => this.#isReadable(candidate),
      unreadable: () => this.#unreadableKeys.size,
      isNewContent: ({ key, generation }) => this.#newContent.get(key) === generation,
      judge: (overwritten) => this.#judgeOverwritten(overwritten),
    });
  }

  /** A file that this user may not read stays discovered: a later run takes it when the right is there. */
  #isReadable(candidate: Candidate): boolean {
    if (this.#unreadableKeys.has(candidate.key)) return false;
    if (this.#options.source.readable(candidate.key)) return true;
    this.#unreadableKeys.add(candidate.key);
    this.#unreadable += 1;
    this.#context.emit({
      type: "source.unreadable",
      path: displayKey(candidate.key),
      reason: "permission denied",
    });
    return false;
  }

  async #judgeOverwritten(overwritten: readonly OverwrittenArrival[]): Promise<void> {
    const { ledger, clock, signal } = this.#context;
    const judged: { key: string; generation: string; rule: SkipRule }[] = [];
    for (const { arrival, standing } of overwritten) {
      const { key, generation } = arrival;
      const read = standing.outcome ?? { bytes: standing.size, crc32: -1 };
      const rule = await compareOverwritten({ path: this.#options.source.path(key), read, signal });
      if (rule !== "touched" && isAdopted(standing)) {
        this.#newContent.set(key, generation);
        continue;
      }
      if (this.#options.onOverwrite === "fail" && rule !== "touched") throw overwriteForbidden(key, rule);
      judged.push({ key, generation, rule });
    }
    if (judged.length === 0) return;
    await ledger.skip(judged, clock.now());
    faultPoint("skip.known");
    for (const skip of judged) {
      this.#skipped[skip.rule] = (this.#skipped[skip.rule] ?? 0) + 1;
      this.#context.emit({ type: "arrival.skipped", ...skip });
    }
  }

  result(waiting: number): RunResult {
    return {
      batches: this.#batches,
      discovered: this.#discovered,
      skipped: this.#skipped,
      waiting,
      unreadable: this.#unreadable,
      takenIn: this.#takenIn,
      tidied: this.#tidied,
      compacted: this.compactions.counts,
    };
  }
}

function overwriteForbidden(key: string, rule: string): LandfallError {
  return new LandfallError("OVERWRITE_FORBIDDEN", {
    message: `${displayKey(key)} was ${rule} after it had been ingested, and onOverwrite is "fail".`,
    hint: "Put the file back, or choose onOverwrite: ignore (keep the rows that stand) or append (read it as more rows).",
    file: key,
  });
}

/** Done marks of batches that the table does not have: its log was taken away or put back to an earlier state. */
function goneBack(
  context: PipelineContext,
  { lastDone, last }: { readonly lastDone: number; readonly last: number },
): LandfallError {
  const table = context.table.storage.location;
  return new LandfallError("TABLE_CHANGED_IDENTITY", {
    message: `${table} is not the table that the state of "${context.name}" knows: batch ${lastDone} was committed once, and its txn says batch ${last}.`,
    hint:
      "If the table was dropped or put back on purpose, remove the pipeline's state " +
      `(${table}/_landfall/${context.name}, and the ledger in its --state folder where it has one) to read every file again into it; else put the log back from a backup.`,
    pipeline: context.name,
    table,
  });
}
