/** How long a person waits before anything happens. */
import { type Bench, type BenchOptions, documentOf, expectCount, freshTable } from "./bench.ts";
import { cleanRows } from "./data.ts";
import { measureProcess } from "./measure-process.ts";
import { landfall } from "./paths.ts";
import { race } from "./race.ts";
import type { BenchReport, Figure } from "./report.ts";

/** Short runs are noisy, and cheap. */
const RUNS = 11;

export const start: Bench = { name: "start", run: runStart };

async function runStart(options: BenchOptions): Promise<BenchReport> {
  const figures: Figure[] = [await timed(options, "landfall --version", ["--version"], 150)];
  const notes: string[] = [];
  if (await hasStatus()) {
    const table = freshTable(options, "landfall");
    await table.empty();
    const source = await cleanRows(options.cache, 1000, 10);
    const run = await measureProcess(landfall("ingest", source, table.path, "--json"));
    expectCount("rows written", documentOf(run, { code: 0 }).rows.written, 1000);
    figures.push(await timed(options, "landfall status", ["status", table.path], 400));
  } else {
    notes.push("`landfall status` is not there yet.");
  }
  return { name: start.name, work: "From the command to its end.", figures, notes, runs: RUNS };
}

async function timed(
  options: BenchOptions,
  what: string,
  args: readonly string[],
  bar: number,
): Promise<Figure> {
  const check = (run: { readonly code: number | null; readonly stderr: string }): void => {
    if (run.code !== 0) throw new Error(`${what} ended with ${String(run.code)}:\n${run.stderr}`);
  };
  const [run] = await race([{ name: what, command: landfall(...args), check }], { ...options, repeat: RUNS });
  return { what, unit: "ms", ours: run!.seconds * 1000, bar };
}

async function hasStatus(): Promise<boolean> {
  return /^\s+status\b/m.test((await measureProcess(landfall("--help"))).stdout.split("Commands:")[1] ?? "");
}
