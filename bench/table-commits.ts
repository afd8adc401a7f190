/** Ten thousand commits of one file each by `landfall/delta`, checkpoints included; and the checkpoint of a million files. */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { type Bench, expectCount, freshTable, lastLine, scaled } from "./bench.ts";
import { CHECKPOINT_ADDS, tableOfCheckpoint } from "./open-table.ts";
import { program } from "./paths.ts";
import { mean, race } from "./race.ts";

const COMMITS = 10_000;

export const tableCommits: Bench = {
  name: "table-commits",
  run: async (options) => {
    const commits = scaled(options, COMMITS, 100);
    const table = freshTable(options, "commits");
    const runs: (readonly number[])[] = [];
    const [run] = await race(
      [
        {
          name: "landfall",
          command: {
            program: process.execPath,
            args: [join(import.meta.dirname, "table-commits-process.ts"), table.path, String(commits)],
          },
          before: table.empty,
          check: (ended) => {
            if (ended.code !== 0) throw new Error(`ended with ${String(ended.code)}:\n${ended.stderr}`);
            const times = lastLine(ended) as number[];
            expectCount("commits", times.length, commits);
            runs.push(times);
          },
        },
      ],
      { ...options, repeat: 1 },
    );
    const [times] = runs as [readonly number[]];
    return {
      name: "table-commits",
      work: `${commits.toLocaleString("en")} commits of one file each, one after the other in one process; a checkpoint with every tenth.`,
      runs: 1,
      figures: [
        { what: "a commit, mean", unit: "ms", ours: mean(times), bar: 15 },
        {
          what: "a commit, 99 of 100",
          unit: "ms",
          ours: percentile(times, 0.99),
          bar: 250,
        },
        {
          what: "without a checkpoint, the last tenth against the first",
          unit: "×",
          ours: growth(times),
        },
        { what: "peak memory, all processes", unit: "MB", ours: run!.peakBytes / 1e6 },
      ],
      notes: [
        "The newest version is looked for, the commit written, synced and read back; a checkpoint counts with its commit.",
      ],
    };
  },
};

export const tableCheckpoint: Bench = {
  name: "table-checkpoint",
  run: async (options) => {
    const adds = scaled(options, CHECKPOINT_ADDS, 100);
    const made = await tableOfCheckpoint(options, adds);
    const table = freshTable(options, "checkpoint");
    const [run] = await race(
      [
        {
          name: "landfall",
          command: program("table-checkpoint-process.ts", table.path),
          before: async () => {
            await table.empty();
            await cp(made, table.path, { recursive: true });
          },
          check: (ended) => {
            if (ended.code !== 0) throw new Error(`ended with ${String(ended.code)}:\n${ended.stderr}`);
            expectCount("files", (lastLine(ended) as { adds: number }).adds, adds);
          },
        },
      ],
      options,
    );
    return {
      name: "table-checkpoint",
      work: `The checkpoint of a table with ${adds.toLocaleString("en")} files, which is read from the one before; the whole process.`,
      figures: [
        { what: "time", unit: "s", ours: run!.seconds, bar: 10 },
        { what: "peak memory, all processes", unit: "MB", ours: run!.peakBytes / 1e6, bar: 1500 },
      ],
      notes: [],
    };
  },
};

function percentile(times: readonly number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.ceil(times.length * share) - 1]!;
}

/** Of nine commits in ten: the others write a checkpoint, which holds all files. */
function growth(times: readonly number[]): number {
  const tenth = Math.floor(times.length / 10);
  return percentile(times.slice(-tenth), 0.5) / percentile(times.slice(0, tenth), 0.5);
}
