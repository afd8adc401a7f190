/** A pipeline that keeps running: how long until a file that was closed stands in the table, and what waiting costs. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../examples/generate/random.ts";
import { residentBytes } from "../src/engine/resident-bytes.ts";
import { type Bench, type BenchOptions, expectCount, freshTable, scaled } from "./bench.ts";
import { landfall } from "./paths.ts";
import type { BenchReport } from "./report.ts";

const FILES = 200;
/** Arrivals are as far apart as up to twice this. */
const APART_MS = 150;
const IDLE_FILES = 20_000;
/** The engine's process is ended after 30 s without work. */
const UNTIL_IDLE_MS = 35_000;
const IDLE_MS = 60_000;
const SEED = 20_261_121;

export const watch: Bench = { name: "watch", run: runWatch };

async function runWatch(options: BenchOptions): Promise<BenchReport> {
  const files = scaled(options, FILES, 10);
  const table = freshTable(options, "landfall");
  await table.empty();
  const source = join(options.work, "arrivals");
  mkdirSync(source);
  const idleFiles = scaled(options, IDLE_FILES, 10);
  for (let i = 0; i < idleFiles; i++) {
    const folder = join(source, `old-${i % 100}`);
    if (i < 100) mkdirSync(folder);
    writeFileSync(join(folder, `${i}.json`), `{"n":${i},"closed":0}\n`);
  }
  const { program, args } = landfall("ingest", source, table.path, "--watch");
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const written = writtenRows(child);
  try {
    await written(idleFiles);
    const random = seededRandom(SEED);
    for (let i = 0; i < files; i++) {
      await sleep(random.between(0, 2 * APART_MS, 0));
      const hidden = join(source, `.${i}`);
      writeFileSync(hidden, `{"n":${idleFiles + i},"closed":${Date.now()}}\n`);
      renameSync(hidden, join(source, `${i}.json`));
    }
    await written(idleFiles + files);
    const waits = waitsIn(table.path).sort((a, b) => a - b);
    expectCount("commits that were measured", Math.min(1, waits.length), 1);
    await sleep(UNTIL_IDLE_MS * Math.min(1, options.scale));
    const idle = await idleCost(child.pid!, IDLE_MS * Math.min(1, options.scale));
    return {
      name: watch.name,
      work: `${files} files of one row, ${APART_MS} ms apart on average, renamed into a source of ${idleFiles.toLocaleString("en")} files that is watched; then a minute of nothing.`,
      figures: [
        { what: "closed to visible, median", unit: "ms", ours: at(waits, 0.5) },
        { what: "closed to visible, 95 of 100", unit: "ms", ours: at(waits, 0.95), bar: 2000 },
        { what: "idle: processor time in a second", unit: "ms", ours: idle.cpuMsPerSecond, bar: 10 },
        {
          what: "idle: resident memory of all processes",
          unit: "MB",
          ours: idle.residentBytes / 1e6,
          bar: 150,
        },
      ],
      notes: [
        "Of each commit the file that waited longest counts. A file is taken when it has rested for 500 ms, as with every trigger.",
      ],
      runs: 1,
    };
  } finally {
    child.kill("SIGINT");
    await exit;
  }
}

/** Counts the rows that the program says it wrote. The promise resolves when they are as many in all. */
function writtenRows(child: ChildProcess): (rows: number) => Promise<void> {
  let written = 0;
  let text = "";
  let tell = (): void => {};
  child.stdout!.on("data", (chunk: Buffer) => {
    text += String(chunk);
    const lines = text.split("\n");
    text = lines.pop()!;
    for (const line of lines)
      written += Number(/rows ([\d,]+) written/.exec(line)?.[1]?.replaceAll(",", "") ?? 0);
    tell();
  });
  const isWritten = (rows: number): boolean => written >= rows;
  return async (rows) => {
    while (!isWritten(rows)) await new Promise<void>((resolve) => (tell = resolve));
  };
}

/** Of each commit with measured files: from the first that was closed to the commit's name; milliseconds. */
function waitsIn(table: string): number[] {
  const log = join(table, "_delta_log");
  return readdirSync(log)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const actions = readFileSync(join(log, name), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, { stats?: string }>);
      // When the commit got its name, which is when readers see it: what it says of itself was written before.
      const at = statSync(join(log, name)).ctimeMs;
      return actions.flatMap(({ add }) => {
        if (add?.stats === undefined) return [];
        const { closed } = (JSON.parse(add.stats) as { minValues: { closed: number } }).minValues;
        return closed === 0 ? [] : [at - closed];
      });
    });
}

/** Of the program and every process that it started. */
async function idleCost(
  pid: number,
  milliseconds: number,
): Promise<{ readonly cpuMsPerSecond: number; readonly residentBytes: number }> {
  if (!existsSync(`/proc/${pid}/stat`)) return { cpuMsPerSecond: 0, residentBytes: 0 };
  const before = sum(processesOf(pid).map(ticksOf));
  await sleep(milliseconds);
  const pids = processesOf(pid);
  const ticks = Math.max(0, sum(pids.map(ticksOf)) - before);
  return { cpuMsPerSecond: (ticks * 10 * 1000) / milliseconds, residentBytes: sum(pids.map(residentBytes)) };
}

function processesOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  return [pid, ...children.map(Number)];
}

/** Processor time in hundredths of a second (proc(5): utime and stime). */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
