/** A thousand batches of one small file each, in one process: what a commit costs, and whether it stays so. */
import { join } from "node:path";
import { type Bench, type BenchOptions, expectCount, freshTable, lastLine, scaled } from "./bench.ts";
import type { BatchTimes } from "./commits-process.ts";
import { cleanRows, warm } from "./data.ts";
import { mean, median, race } from "./race.ts";
import type { BenchReport } from "./report.ts";

const BATCHES = 1000;
const ROWS_A_FILE = 100;

export const commits: Bench = { name: "commits", run: runCommits };

async function runCommits(options: BenchOptions): Promise<BenchReport> {
  const batches = scaled(options, BATCHES, 20);
  const source = await cleanRows(options.cache, batches * ROWS_A_FILE, batches);
  await warm(source);
  const table = freshTable(options, "landfall");
  const runs: CommitCosts[] = [];
  const [run] = await race(
    [
      {
        name: "landfall",
        command: {
          program: process.execPath,
          args: [join(import.meta.dirname, "commits-process.ts"), source, table.path],
        },
        before: table.empty,
        check: (run) => {
          if (run.code !== 0) throw new Error(`ended with ${String(run.code)}:\n${run.stderr}`);
          const times = lastLine(run) as BatchTimes[];
          expectCount("batches", times.length, batches);
          runs.push(commitCosts(times));
        },
      },
    ],
    options,
  );
  const middle = (cost: keyof CommitCosts): number => median(runs.map((costs) => costs[cost]));
  return {
    name: commits.name,
    work: `${batches.toLocaleString("en")} batches of one file of ${ROWS_A_FILE} rows, in one process.`,
    figures: [
      { what: "staged to settled, mean", unit: "ms", ours: middle("mean"), bar: 25 },
      { what: "its last tenth against its first", unit: "×", ours: middle("growth"), bar: 1.3 },
      { what: "a whole batch, mean", unit: "ms", ours: middle("batch"), bar: 80 },
      { what: "peak memory, all processes", unit: "MB", ours: run!.peakBytes / 1e6 },
    ],
    notes: [
      "Staged to settled: commit, read-back, ledger, done mark, every fsync, and Delta's checkpoint where one was due.",
      "A whole batch: from one settled batch to the next, take-in, plan and checkpoint included. The first batch starts the engine and does not count.",
    ],
  };
}

export interface CommitCosts {
  /** Milliseconds from staged to settled, checkpoints included. */
  readonly mean: number;
  /** The mean of the last tenth over that of the first. */
  readonly growth: number;
  /** Milliseconds from one settled batch to the next. */
  readonly batch: number;
}

/** @throws RangeError for fewer than two batches */
export function commitCosts(times: readonly BatchTimes[]): CommitCosts {
  const costs = times.map((batch) => batch.settled - batch.staged + batch.checkpoint);
  const tenth = Math.max(1, Math.floor(costs.length / 10));
  const steps = times.slice(1).map((batch, i) => batch.settled - times[i]!.settled);
  return {
    mean: mean(costs),
    growth: mean(costs.slice(-tenth)) / mean(costs.slice(0, tenth)),
    batch: mean(steps),
  };
}
