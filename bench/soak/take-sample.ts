/** What a pipeline that keeps running holds at one moment: of the machine's memory, of descriptors, and on disk. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Measure } from "./judge-growth.ts";

const MB = 1024 ** 2;

/** What the verdict speaks of. Files that compaction has replaced stay until a VACUUM, so the table's folder is told and not judged. */
export const MEASURES: readonly Measure[] = [
  { name: "program memory", unit: "bytes", bound: "flat", slack: 16 * MB },
  { name: "engine memory", unit: "bytes", bound: "flat", slack: 32 * MB },
  { name: "open descriptors", unit: "count", bound: "flat", slack: 4 },
  { name: "scratch files", unit: "count", bound: "flat", slack: 8 },
  { name: "log files", unit: "count", bound: "flat", slack: 40 },
  { name: "log bytes", unit: "bytes", bound: "flat", slack: 128 * 1024 },
  { name: "ledger bytes", unit: "bytes", bound: "perFile", slack: 1024 },
  { name: "state files", unit: "count", bound: "perFile", slack: 2.5 },
];

export interface SoakPlaces {
  readonly pid: number;
  readonly table: string;
  readonly pipeline: string;
}

export function takeSample({ pid, table, pipeline }: SoakPlaces): Readonly<Record<string, number>> {
  const state = join(table, "_landfall", pipeline);
  const log = filesBelow(join(table, "_delta_log"));
  const ledger = ["", "-wal"].map((end) => sizeOf(join(state, `ledger.db${end}`)));
  return {
    "program memory": residentBytes(pid),
    "engine memory": childrenOf(pid).reduce((sum, child) => sum + residentBytes(child), 0),
    "open descriptors": entriesIn(`/proc/${pid}/fd`).length,
    "scratch files": filesBelow(join(state, "spill")).length,
    "log files": log.length,
    "log bytes": sum(log),
    "ledger bytes": sum(ledger),
    "state files": ["batches", "compactions", "vacated"].flatMap((name) => entriesIn(join(state, name)))
      .length,
    "data files": entriesIn(table).filter((name) => name.endsWith(".parquet")).length,
  };
}

function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readIfThere(`/proc/${pid}/status`))?.[1];
  return Number(kib ?? 0) * 1024;
}

function childrenOf(pid: number): number[] {
  return readIfThere(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

/** Sizes. */
function filesBelow(folder: string): number[] {
  return entriesIn(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? filesBelow(path) : [sizeOf(path)];
  });
}

// What is looked at lives: anything may be gone between two looks.
function entriesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function readIfThere(path: string): string {
  try {
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  } catch {
    return "";
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
