/**
 * Measures Landfall against its peers: `npm run bench -- [--only NAME]… [--repeat 3] [--scale 1] [--spark] [--write]`.
 *
 * Whole processes on both sides, in turn; medians. Landfall is the package as it is published, built first. `--write` puts the figures into docs/benchmarks.md. Inputs are made once and
 * kept in $LANDFALL_BENCH (default: landfall-bench in the temporary folder; about 13 GB at full size). Exit code 1 when a result
 * is wrong; a bar that is missed is told and changes nothing.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../src/base/landfall-error.ts";
import { append } from "./append.ts";
import type { Bench, BenchOptions } from "./bench.ts";
import { avro, copiedParquet, parquet, xml } from "./other-formats.ts";
import { commits } from "./commits.ts";
import { csv } from "./csv.ts";
import { badRows, expectations } from "./judged-rows.ts";
import { knownFiles } from "./known-files.ts";
import { deletionVectors } from "./deletion-vectors.ts";
import { gzip, oneFile } from "./large-files.ts";
import { describeMachine } from "./machine.ts";
import { merge, merges } from "./merge.ts";
import { optimize } from "./optimize.ts";
import { benchFolder } from "./package-folder.ts";
import { BENCHMARKS_PAGE, buildLandfall } from "./paths.ts";
import { countCheckpoint, openCheckpoint, openCommits } from "./open-table.ts";
import { isMet, section, withSection, type Setting } from "./report.ts";
import { rebuild } from "./rebuild.ts";
import { scan } from "./scan.ts";
import { smallFiles } from "./small-files.ts";
import { start } from "./start.ts";
import { tableCheckpoint, tableCommits } from "./table-commits.ts";
import { watch } from "./watch.ts";

const BENCHES: readonly Bench[] = [
  append,
  csv,
  parquet,
  copiedParquet,
  avro,
  xml,
  badRows,
  expectations,
  oneFile,
  gzip,
  smallFiles,
  knownFiles,
  rebuild,
  commits,
  start,
  watch,
  openCommits,
  openCheckpoint,
  countCheckpoint,
  scan,
  deletionVectors,
  merge,
  merges,
  tableCommits,
  tableCheckpoint,
  optimize,
];

interface Asked {
  readonly benches: readonly Bench[];
  readonly repeat: number;
  readonly scale: number;
  readonly spark: boolean;
  readonly write: boolean;
}

/** @throws Error that says what is wrong with the arguments */
function readArguments(): Asked {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true, default: [] },
      repeat: { type: "string", default: "3" },
      scale: { type: "string", default: "1" },
      spark: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  const names = BENCHES.map((bench) => bench.name);
  const unknown = values.only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`no bench ${unknown}; there are ${names.join(", ")}`);
  const benches = BENCHES.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  const repeat = Number(values.repeat);
  const scale = Number(values.scale);
  if (!Number.isInteger(repeat) || repeat < 1) throw new Error("--repeat takes a whole number from 1");
  if (!(scale > 0)) throw new Error("--scale takes a number above 0");
  if (values.write && (scale !== 1 || repeat < 3))
    throw new Error("--write wants full sizes and at least three runs of each");
  return { benches, repeat, scale, spark: values.spark, write: values.write };
}

async function main(): Promise<void> {
  const asked = readArguments();
  const cache = benchFolder();
  mkdirSync(cache, { recursive: true });
  await buildLandfall();
  let missed = 0;
  for (const bench of asked.benches) {
    const setting: Setting = { machine: describeMachine(cache), repeat: asked.repeat, scale: asked.scale };
    const work = join(cache, `work-${process.pid}`);
    mkdirSync(work);
    const log = (line: string): void => void process.stderr.write(`${line}\n`);
    log(`${bench.name}:`);
    try {
      const options: BenchOptions = { ...asked, cache, work, log };
      const report = await bench.run(options);
      const text = section(report, setting);
      process.stdout.write(`${text}\n`);
      if (asked.write) writePage(bench.name, text);
      missed += report.figures.filter((figure) => isMet(figure) === false).length;
    } catch (error) {
      process.stdout.write(`## ${bench.name}\n\nFAILED: ${messageOf(error)}\n\n`);
      process.exitCode = 1;
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  if (asked.scale === 1)
    process.stdout.write(`${missed === 0 ? "Every bar is met." : `${missed} bar(s) missed.`}\n`);
}

function writePage(name: string, text: string): void {
  const page = existsSync(BENCHMARKS_PAGE) ? readFileSync(BENCHMARKS_PAGE, "utf8") : "";
  writeFileSync(BENCHMARKS_PAGE, withSection(page, name, text));
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 2;
}
