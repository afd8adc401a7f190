/** Runs contenders in turn, so that whatever the machine does meanwhile meets them all, and takes medians. */
import { spawnSync } from "node:child_process";
import type { Figure } from "./report.ts";
import { measureProcess, type Command, type ProcessRun } from "./measure-process.ts";

export interface Contender {
  readonly name: string;
  readonly command: Command;
  /** Not timed, before each run. */
  readonly before?: () => Promise<void>;
  /** Not timed, after each run. @throws Error when the result is not what it must be: the bench fails then */
  readonly check: (run: ProcessRun) => Promise<void> | void;
  /** Where not the whole process counts: the seconds that the program tells. */
  readonly seconds?: (run: ProcessRun) => number;
}

export interface Standing {
  readonly name: string;
  /** Median. */
  readonly seconds: number;
  /** The highest of all runs. */
  readonly peakBytes: number;
  /** The run whose time is the median, or the one next below. */
  readonly typical: ProcessRun;
}

export interface RaceOptions {
  /** Rounds. */
  readonly repeat: number;
  readonly log: (line: string) => void;
  /** Not timed, right before each run. Default: what was written before is written back, and not in somebody else's time. */
  readonly between?: () => void;
}

function writeBack(): void {
  spawnSync("sync");
}

/** A standing for each contender, in their order. @throws Error of a check, or when a run's exit code is not as it must be */
export async function race(contenders: readonly Contender[], options: RaceOptions): Promise<Standing[]> {
  const runs = contenders.map((): { run: ProcessRun; seconds: number }[] => []);
  for (let round = 0; round < options.repeat; round++) {
    for (const [i, contender] of contenders.entries()) {
      await contender.before?.();
      (options.between ?? writeBack)();
      const run = await measureProcess(contender.command);
      const seconds = contender.seconds?.(run) ?? run.seconds;
      options.log(
        `  ${contender.name}: ${seconds.toFixed(3)} s, ${Math.round(run.peakBytes / 1e6)} MB, ${run.processes} process(es)`,
      );
      await contender.check(run);
      runs[i]!.push({ run, seconds });
    }
  }
  return contenders.map(({ name }, i) => standing(name, runs[i]!));
}

/** Our time as a figure, against a peer's. */
export function timeAgainst(
  what: string,
  ours: Pick<Standing, "seconds">,
  peer: Pick<Standing, "name" | "seconds">,
  bar?: number,
): Figure {
  return {
    what,
    unit: "s",
    ours: ours.seconds,
    peer: { name: peer.name, value: peer.seconds },
    ...(bar === undefined ? {} : { bar }),
  };
}

function standing(name: string, runs: readonly { run: ProcessRun; seconds: number }[]): Standing {
  const sorted = runs.toSorted((a, b) => a.seconds - b.seconds);
  return {
    name,
    seconds: median(runs.map((entry) => entry.seconds)),
    peakBytes: Math.max(...runs.map((entry) => entry.run.peakBytes)),
    typical: sorted[Math.floor((sorted.length - 1) / 2)]!.run,
  };
}

/** The middle value, or the mean of the two in the middle. @throws RangeError for no values */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("no median of nothing");
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("no mean of nothing");
  return values.reduce((total, value) => total + value, 0) / values.length;
}
