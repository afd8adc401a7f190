/** Two thousand small files made into large ones, against delta-rs. */
import { mkdir, rm, cp, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Action } from "../src/delta/actions.ts";
import { serializeCommit } from "../src/delta/commit-json.ts";
import { commitKey } from "../src/delta/log-files.ts";
import { type Bench, type BenchOptions, expectCount, lastLine, scaled } from "./bench.ts";
import { kept, warm } from "./data.ts";
import { peer, program } from "./paths.ts";
import { race, timeAgainst, type Contender } from "./race.ts";
import { SCAN_COLUMNS, SCAN_VALUES } from "./scan-columns.ts";
import { tableActions } from "./table-actions.ts";

const FILES = 2000;
const ROWS_OF_FILE = 1000;

export const optimize: Bench = {
  name: "optimize",
  run: async (options) => {
    const files = scaled(options, FILES, 10);
    const made = await smallFilesTable(options, files);
    const contender = (name: string, of: Pick<Contender, "command">, path: string): Contender => ({
      name,
      ...of,
      before: async () => {
        await rm(path, { recursive: true, force: true });
        await cp(made, path, { recursive: true });
        await warm(path);
      },
      check: (run) => {
        if (run.code !== 0) throw new Error(`${name} ended with ${String(run.code)}:\n${run.stderr}`);
        expectCount("files removed", (lastLine(run) as { removed: number }).removed, files);
      },
    });
    const [ours, theirs] = ["landfall", "delta-rs"].map((name) => join(options.work, `optimize-${name}`));
    const [landfall, deltaRs] = await race(
      [
        contender("landfall", { command: program("optimize-process.ts", ours!) }, ours!),
        contender("delta-rs", { command: peer("delta_rs_optimize.py", theirs!) }, theirs!),
      ],
      options,
    );
    const rows = files * ROWS_OF_FILE;
    return {
      name: "optimize",
      work: `${files.toLocaleString("en")} files of ${ROWS_OF_FILE.toLocaleString("en")} rows made into large ones (${rows.toLocaleString("en")} rows of five columns); whole processes.`,
      figures: [
        timeAgainst("time", landfall!, deltaRs!, 1),
        { what: "peak memory, all processes", unit: "MB", ours: landfall!.peakBytes / 1e6, bar: 1200 },
        { what: "peak memory of delta-rs", unit: "MB", ours: deltaRs!.peakBytes / 1e6 },
      ],
      notes: [],
    };
  },
};

function smallFilesTable(options: BenchOptions, files: number): Promise<string> {
  return kept(options.cache, `optimize-${files}`, async (folder) => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await mkdir(join(folder, "_delta_log"));
    const adds: Action[] = [];
    for (let file = 0; file < files; file++) {
      const path = `${file}.parquet`;
      const rows = `range(${file * ROWS_OF_FILE}, ${(file + 1) * ROWS_OF_FILE})`;
      await connection.run(
        `COPY (SELECT ${SCAN_VALUES} FROM ${rows}) TO '${join(folder, path)}' (FORMAT parquet)`,
      );
      const { size } = await stat(join(folder, path));
      const stats = JSON.stringify({ numRecords: ROWS_OF_FILE });
      adds.push({ add: { path, partitionValues: {}, size, modificationTime: 0, dataChange: true, stats } });
    }
    const actions = tableActions({ columns: SCAN_COLUMNS, hasVectors: false });
    await writeFile(join(folder, commitKey(0)), serializeCommit([...actions, ...adds]));
    connection.closeSync();
    instance.closeSync();
  });
}
