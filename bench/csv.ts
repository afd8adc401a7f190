/** A million rows of weather stations in CSV into a new table, against DuckDB's typed read of the same files. */
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { rawDuckdb } from "./append.ts";
import { seededRandom } from "../examples/generate/random.ts";
import { type Bench, MEMORY_BAR_MB, documentOf, scaled } from "./bench.ts";
import { kept, warm } from "./data.ts";
import { ingestContender } from "./ingest-contender.ts";
import { race, timeAgainst } from "./race.ts";
import { stationHeader, stationRow } from "./stations.ts";

const ROWS = 1_000_000;
const SEED = 20_260_302;
/** Rows that are written together. */
const CHUNK_ROWS = 5000;

export const csv: Bench = {
  name: "csv",
  run: async (options) => {
    const rows = scaled(options, ROWS);
    const source = await stationRows(options.cache, rows);
    await warm(source);
    const [run, duckdb] = await race(
      [ingestContender(options, { source, rows }), rawDuckdb("duckdb-csv.ts", options, source, rows)],
      options,
    );
    return {
      name: "csv",
      work: `${rows.toLocaleString("en")} rows of 12 columns in one CSV file into a new table: types found, every value checked.`,
      figures: [
        timeAgainst("time", run!, duckdb!, 1 / 0.65),
        { what: "peak memory, all processes", unit: "MB", ours: run!.peakBytes / 1e6, bar: MEMORY_BAR_MB },
      ],
      stages: documentOf(run!.typical, { code: 0 }).stages,
      notes: ["The peer is given the schema and checks nothing: of 1.5 in a column of integers it makes 2."],
    };
  },
};

function stationRows(cache: string, rows: number): Promise<string> {
  return kept(cache, `stations-${rows}`, async (folder) => {
    const random = seededRandom(SEED);
    const file = createWriteStream(join(folder, "stations.csv"));
    file.write(`${stationHeader}\n`);
    for (let row = 0; row < rows;) {
      const lines: string[] = [];
      for (; row < rows && lines.length < CHUNK_ROWS; row++) lines.push(stationRow(random, row));
      if (!file.write(`${lines.join("\n")}\n`)) await once(file, "drain");
    }
    file.end();
    await finished(file);
  });
}
