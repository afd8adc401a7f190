/** Many files of one row, the same again with nothing new, and again with one of them overwritten. */
import { readFile, writeFile } from "node:fs/promises";
import { deltaRs } from "./append.ts";
import { type Bench, type BenchOptions, documentOf, expectCount, freshTable, scaled } from "./bench.ts";
import { smallFilePath, smallFiles as makeSmallFiles, warm } from "./data.ts";
import { type ProcessRun, measureProcess } from "./measure-process.ts";
import { landfall } from "./paths.ts";
import { race, timeAgainst } from "./race.ts";
import type { BenchReport } from "./report.ts";

const FILES = 20_000;

export const smallFiles: Bench = { name: "small-files", run: runSmallFiles };

async function runSmallFiles(options: BenchOptions): Promise<BenchReport> {
  const files = scaled(options, FILES, 10);
  const source = await makeSmallFiles(options.cache, files);
  await warm(source);
  const table = freshTable(options, "landfall");
  const command = landfall("ingest", source, table.path, "--json");
  const [first, peerRun] = await race(
    [
      {
        name: "landfall",
        command,
        before: table.empty,
        check: (run) => expectCount("rows written", documentOf(run, { code: 0 }).rows.written, files),
      },
      deltaRs(options, source, files),
    ],
    options,
  );
  const [again] = await race([{ name: "landfall, nothing new", command, check: checkIdle }], options);
  await noticesOverwrite(smallFilePath(source, Math.floor(files / 2)), () => measureProcess(command));
  return {
    name: smallFiles.name,
    work: `${files.toLocaleString("en")} files of one row into a new table, their pages in memory; then the same again.`,
    figures: [
      timeAgainst("time", first!, peerRun!, 0.25),
      { what: "time, nothing new", unit: "s", ours: again!.seconds, bar: 0.5 },
      { what: "peak memory, all processes", unit: "MB", ours: first!.peakBytes / 1e6 },
    ],
    stages: documentOf(first!.typical, { code: 0 }).stages,
    notes: [
      "With nothing new the engine is not started: the program says so, and no second process is seen. delta-rs does not know what it has read.",
      "One file of them was overwritten afterwards: the run that follows counts it as skipped and ends with exit code 1, or the bench fails.",
    ],
  };
}

/** @throws Error when anything was read, or the engine was started */
function checkIdle(run: ProcessRun): void {
  const document = documentOf(run, { code: 0 });
  expectCount("batches", document.batches, 0);
  if (document.engineStarted) throw new Error("the engine was started for nothing");
  expectCount("processes", run.processes, 1);
}

/** Overwrites a file, runs, and puts its content back. @throws Error when the change went unnoticed */
async function noticesOverwrite(path: string, run: () => Promise<ProcessRun>): Promise<void> {
  const before = await readFile(path);
  try {
    await writeFile(path, before.toString("utf8").replace('"id":"', '"id":"overwritten-'));
    const document = documentOf(await run(), { code: 1 });
    expectCount("skipped files", document.files.skipped, 1);
    expectCount("committed files", document.files.committed, 0);
  } finally {
    await writeFile(path, before);
  }
}
