/** A table's rows in JavaScript: column batches out of the engine's process, against what the node API gives in the same process. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { type Bench, printsRows, scaled } from "./bench.ts";
import { kept, warm } from "./data.ts";
import { peer } from "./paths.ts";
import { race, timeAgainst } from "./race.ts";
import { SCAN_VALUES } from "./scan-columns.ts";

const ROWS = 20_000_000;
const FILES = 8;

/** 0.6 of the peer's rows a second. */
const BAR = 1 / 0.6;

export const scan: Bench = {
  name: "scan",
  run: async (options) => {
    const rows = scaled(options, ROWS, FILES);
    const source = await parquetFiles(options.cache, rows);
    await warm(source);
    const threads = String(availableParallelism());
    const check = printsRows(rows);
    const ours = {
      program: process.execPath,
      args: [join(import.meta.dirname, "scan-process.ts"), source, threads],
    };
    const [batches, values, chunks] = await race(
      [
        { name: "landfall", command: ours, check },
        { name: "node API, values", command: peer("duckdb-chunks.ts", source, threads, "values"), check },
        {
          name: "node API, fetchChunk alone",
          command: peer("duckdb-chunks.ts", source, threads, "chunks"),
          check,
        },
      ],
      options,
    );
    return {
      name: "scan",
      work: `${rows.toLocaleString("en")} rows of five columns in ${FILES} Parquet files into column batches; whole processes.`,
      figures: [
        timeAgainst("time, against columns of values", batches!, values!, BAR),
        timeAgainst("time, against chunks of which nothing is read", batches!, chunks!),
        { what: "peak memory, all processes", unit: "MB", ours: batches!.peakBytes / 1e6 },
      ],
      notes: ["The node API computes in the process that reads; ours in one of its own, which may die."],
    };
  },
};

function parquetFiles(cache: string, rows: number): Promise<string> {
  return kept(cache, `scan-${rows}`, async (folder) => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    for (let i = 0; i < FILES; i++) {
      const [from, to] = [Math.floor((i * rows) / FILES), Math.floor(((i + 1) * rows) / FILES)];
      await connection.run(
        `COPY (SELECT ${SCAN_VALUES} FROM range(${from}, ${to})) TO '${join(folder, `${i}.parquet`)}' (FORMAT parquet)`,
      );
    }
    connection.closeSync();
    instance.closeSync();
  });
}
