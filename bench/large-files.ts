/** One large file must neither take more memory than many, nor one thread only; a compressed one not much more time. */
import { type Bench, MEMORY_BAR_MB, documentOf, scaled } from "./bench.ts";
import { cleanRows, gzippedRows, warm } from "./data.ts";
import { ingestContender } from "./ingest-contender.ts";
import { race, timeAgainst } from "./race.ts";
import { ROW_BYTES } from "./telemetry.ts";

const LARGE_BYTES = 5e9;
const GZIP_ROWS = 2_000_000;

export const oneFile: Bench = {
  name: "one-file",
  run: async (options) => {
    const rows = scaled(options, Math.ceil(LARGE_BYTES / ROW_BYTES));
    const source = await cleanRows(options.cache, rows, 1);
    await warm(source);
    const [run] = await race([ingestContender(options, { source, rows })], options);
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
      [
        ingestContender(options, { name: "landfall, gzip", source: gzipped, rows }),
        ingestContender(options, { name: "landfall, plain", source: plain, rows }),
      ],
      options,
    );
    return {
      name: "gzip",
      work: `${rows.toLocaleString("en")} rows in one gzip file, against the same rows in one plain file.`,
      figures: [
        timeAgainst("time", zippedRun!, { ...plainRun!, name: "plain" }, 2),
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
