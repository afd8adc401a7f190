/** One large file must neither take more memory than many, nor one thread only; a compressed one not much more time. */
import {
  type Bench,
  type BenchOptions,
  MEMORY_BAR_MB,
  documentOf,
  expectCount,
  freshTable,
  scaled,
} from "./bench.ts";
import { cleanRows, gzippedRows, warm } from "./data.ts";
import { landfall } from "./paths.ts";
import { type Contender, race } from "./race.ts";
import { ROW_BYTES } from "./telemetry.ts";

const LARGE_BYTES = 5e9;
const GZIP_ROWS = 2_000_000;

export const oneFile: Bench = {
  name: "one-file",
  run: async (options) => {
    const rows = scaled(options, Math.ceil(LARGE_BYTES / ROW_BYTES));
    const source = await cleanRows(options.cache, rows, 1);
    await warm(source);
    const [run] = await race([ours(options, "landfall", source, rows)], options);
    const document = documentOf(run!.typical, { code: 0 });
    return {
      name: "one-file",
      work: `One NDJSON file of ${(document.bytes / 1e9).toFixed(2)} GB into a new table.`,
      figures: [
        {
          what: "peak memory, all processes",
          unit: "MB",
          ours: run!.peakBytes / 1e6,
          bar: MEMORY_BAR_MB,
        },
        { what: "time", unit: "s", ours: run!.seconds },
      ],
      stages: document.stages,
      notes: [`${Math.round(document.bytes / run!.seconds / 1e6)} MB a second.`],
    };
  },
};

export const gzip: Bench = {
  name: "gzip",
  run: async (options) => {
    const rows = scaled(options, GZIP_ROWS);
    const plain = await cleanRows(options.cache, rows, 1);
    const gzipped = await gzippedRows(options.cache, rows);
    await warm(plain);
    await warm(gzipped);
    const [zippedRun, plainRun] = await race(
      [ours(options, "landfall, gzip", gzipped, rows), ours(options, "landfall, plain", plain, rows)],
      options,
    );
    return {
      name: "gzip",
      work: `${rows.toLocaleString("en")} rows in one gzip file, against the same rows in one plain file.`,
      figures: [
        {
          what: "time",
          unit: "s",
          ours: zippedRun!.seconds,
          peer: { name: "plain", value: plainRun!.seconds },
          bar: 2,
        },
        {
          what: "peak memory, all processes",
          unit: "MB",
          ours: zippedRun!.peakBytes / 1e6,
          bar: MEMORY_BAR_MB,
        },
      ],
      stages: documentOf(zippedRun!.typical, { code: 0 }).stages,
      notes: ["Half the rate is twice the time: the bar is on the ratio."],
    };
  },
};

function ours(options: BenchOptions, name: string, source: string, rows: number): Contender {
  const table = freshTable(options, "landfall");
  return {
    name,
    command: landfall("ingest", source, table.path, "--json"),
    before: table.empty,
    check: (run) => expectCount("rows written", documentOf(run, { code: 0 }).rows.written, rows),
  };
}
