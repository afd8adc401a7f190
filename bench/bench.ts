/** What a bench is given, and how one is declared. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunDocument } from "../src/operate/run-report.ts";
import type { ProcessRun } from "./measure-process.ts";
import type { BenchReport } from "./report.ts";

export interface BenchOptions {
  /** Inputs that are kept. */
  readonly cache: string;
  /** A folder for what a bench writes; on the same file system, and gone when it ends. */
  readonly work: string;
  /** Of every size; 1 for the sizes that the bars are for. */
  readonly scale: number;
  /** Runs of each contender. */
  readonly repeat: number;
  /** True to run Spark too, where it is a peer. */
  readonly spark: boolean;
  readonly log: (line: string) => void;
}

export interface Bench {
  readonly name: string;
  /** @throws Error when a result is wrong: speed does not count then */
  readonly run: (options: BenchOptions) => Promise<BenchReport>;
}

/** Peak memory that every bench of large inputs may take; MB. */
export const MEMORY_BAR_MB = 900;

/** A size at this scale, at least `least`. */
export function scaled(options: BenchOptions, size: number, least = 1): number {
  return Math.max(least, Math.round(size * options.scale));
}

/** A step that empties a folder below the work folder, and its path: a table is written anew in each run. */
export function freshTable(
  options: BenchOptions,
  name: string,
): { readonly path: string; readonly empty: () => Promise<void> } {
  const path = join(options.work, name);
  return {
    path,
    empty: async () => {
      await rm(path, { recursive: true, force: true });
      await mkdir(path, { recursive: true });
    },
  };
}

/** The document of `landfall ingest --json`. @throws Error with what it wrote when it did not end as it should */
export function documentOf(run: ProcessRun, expected: { readonly code: number }): RunDocument {
  if (run.code !== expected.code) {
    throw new Error(
      `ended with ${String(run.code)}, expected was ${expected.code}:\n${run.stderr}${run.stdout}`,
    );
  }
  return JSON.parse(run.stdout) as RunDocument;
}

/** @throws Error naming what was counted */
export function expectCount(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: ${found}, expected were ${expected}`);
}

/** A check of a peer that prints `{"rows":N}`. */
export function printsRows(expected: number): (run: ProcessRun) => void {
  return (run) => {
    if (run.code !== 0) throw new Error(`the peer ended with ${String(run.code)}:\n${run.stderr}`);
    expectCount("rows of the peer", (lastLine(run) as { rows: number }).rows, expected);
  };
}

/** What a peer printed last, as JSON. */
export function lastLine(run: ProcessRun): unknown {
  return JSON.parse(run.stdout.trim().split("\n").at(-1) ?? "");
}
