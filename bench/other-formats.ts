/** Parquet against DuckDB's own copy of it; Avro and XML, which pass through JavaScript, by the megabyte. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { link, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { avroFile } from "../test/support/avro-file.ts";
import { seededRandom } from "../examples/generate/random.ts";
import { rawDuckdb } from "./append.ts";
import { type Bench, type BenchOptions, documentOf, MEMORY_BAR_MB, scaled } from "./bench.ts";
import { cleanRows, kept, warm } from "./data.ts";
import { ingestContender } from "./ingest-contender.ts";
import { measureProcess } from "./measure-process.ts";
import { peer } from "./paths.ts";
import { type Contender, race, timeAgainst } from "./race.ts";
import type { BenchReport } from "./report.ts";
import { type Station, stationValues } from "./stations.ts";

const PARQUET_ROWS = 2_000_000;
const PARQUET_FILES = 20;
/** Files of a size that is copied. */
const LARGE_PARQUET_FILES = 2;
const RECORDS = 500_000;
const BLOCK = 5000;
const SEED = 20_260_303;
const AVRO_MB_A_SECOND = 20;
const XML_MB_A_SECOND = 8;

export const parquet: Bench = {
  name: "parquet",
  run: async (options) => {
    const rows = scaled(options, PARQUET_ROWS, PARQUET_FILES);
    const source = await parquetRows(options.cache, rows, PARQUET_FILES);
    await warm(source);
    const [run, duckdb] = await race(
      [ingestContender(options, { source, rows }), rawDuckdb("duckdb-parquet.ts", options, source, rows)],
      options,
    );
    return {
      name: "parquet",
      work: `${rows.toLocaleString("en")} nested rows in ${PARQUET_FILES} Parquet files into a new table.`,
      figures: [
        timeAgainst("time", run!, duckdb!, 1 / 0.7),
        { what: "peak memory, all processes", unit: "MB", ours: run!.peakBytes / 1e6, bar: MEMORY_BAR_MB },
      ],
      stages: documentOf(run!.typical, { code: 0 }).stages,
      notes: [
        "The peer copies Parquet to Parquet and knows nothing of tables. No file is large enough to be copied whole.",
      ],
    };
  },
};

export const copiedParquet: Bench = {
  name: "parquet, copied",
  run: async (options) => {
    const rows = scaled(options, PARQUET_ROWS, LARGE_PARQUET_FILES);
    const source = await parquetRows(options.cache, rows, LARGE_PARQUET_FILES);
    await warm(source);
    const copies = new Set<number>();
    const ours = ingestContender(options, { source, rows });
    const counting: Contender = {
      ...ours,
      check: async (run) => {
        await ours.check(run);
        copies.add(await sameSizes(source, documentOf(run, { code: 0 }).table));
      },
    };
    const [run, duckdb] = await race(
      [counting, rawDuckdb("duckdb-parquet.ts", options, source, rows)],
      options,
    );
    // Smaller ones are too small to be copied.
    if (options.scale >= 1 && (copies.size !== 1 || !copies.has(LARGE_PARQUET_FILES)))
      throw new Error(`of ${LARGE_PARQUET_FILES} files ${[...copies].join(" and ")} were copied`);
    return {
      name: "parquet, copied",
      work: `${rows.toLocaleString("en")} nested rows in ${LARGE_PARQUET_FILES} Parquet files into a new table, whose data files they become as they are.`,
      figures: [
        timeAgainst("time", run!, duckdb!),
        { what: "peak memory, all processes", unit: "MB", ours: run!.peakBytes / 1e6 },
      ],
      stages: documentOf(run!.typical, { code: 0 }).stages,
      notes: [
        `The peer reads and writes anew. Data files that are copies: ${[...copies].join(", ")} of ${LARGE_PARQUET_FILES}. Every value is read for the statistics.`,
      ],
    };
  },
};

/** How many Parquet files of the table are as large as one of the source. */
async function sameSizes(source: string, table: string): Promise<number> {
  const sizesOf = async (folder: string): Promise<number[]> => {
    const names = (await readdir(folder)).filter((name) => name.endsWith(".parquet"));
    return Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  };
  const wanted = new Set(await sizesOf(source));
  return (await sizesOf(table)).filter((size) => wanted.has(size)).length;
}

export const avro: Bench = {
  name: "avro",
  run: (options) =>
    byTheMegabyte(options, { name: "avro", make: avroStations, atLeast: AVRO_MB_A_SECOND, flags: [] }),
};

export const xml: Bench = {
  name: "xml",
  run: (options) =>
    byTheMegabyte(options, {
      name: "xml",
      make: xmlStations,
      atLeast: XML_MB_A_SECOND,
      flags: ["--xml-row-tag", "reading"],
    }),
};

async function byTheMegabyte(
  options: BenchOptions,
  format: {
    readonly name: string;
    readonly make: (folder: string, rows: number) => Promise<void>;
    /** Megabytes a second: the bar. */
    readonly atLeast: number;
    readonly flags: readonly string[];
  },
): Promise<BenchReport> {
  const { name, atLeast, flags } = format;
  const rows = scaled(options, RECORDS, BLOCK);
  const source = await kept(options.cache, `${name}-${rows}`, (folder) => format.make(folder, rows));
  await warm(source);
  const [run] = await race([ingestContender(options, { source, rows, flags })], options);
  const document = documentOf(run!.typical, { code: 0 });
  const megabytes = document.bytes / 1e6;
  return {
    name,
    work: `${rows.toLocaleString("en")} records of 12 fields in one file of ${Math.round(megabytes)} MB into a new table.`,
    figures: [
      { what: "time", unit: "s", ours: run!.seconds, bar: megabytes / atLeast },
      { what: "peak memory, all processes", unit: "MB", ours: run!.peakBytes / 1e6, bar: MEMORY_BAR_MB },
    ],
    stages: document.stages,
    notes: [`${(megabytes / run!.seconds).toFixed(1)} MB a second; the bar is ${atLeast}.`],
  };
}

/** Each of the clean files as a Parquet file, by raw DuckDB. */
async function parquetRows(cache: string, rows: number, files: number): Promise<string> {
  const plain = await cleanRows(cache, rows, files);
  const name = files === PARQUET_FILES ? `rows-${rows}-parquet` : `rows-${rows}-in-${files}-parquet`;
  return kept(cache, name, async (folder) => {
    const threads = String(availableParallelism());
    for (const name of await readdir(plain)) {
      // It reads folders.
      const alone = `${folder}.alone`;
      await mkdir(alone);
      await link(join(plain, name), join(alone, name));
      const output = join(folder, name.replace(/ndjson$/, "parquet"));
      const run = await measureProcess(peer("duckdb-append.ts", alone, output, threads));
      await rm(alone, { recursive: true });
      if (run.code !== 0) throw new Error(`DuckDB could not write Parquet:\n${run.stderr}`);
    }
  });
}

const AVRO_SCHEMA = {
  type: "record",
  name: "reading",
  fields: [
    { name: "station", type: "string" },
    { name: "recorded_at", type: { type: "long", logicalType: "timestamp-millis" } },
    ...["temperature", "humidity", "pressure", "wind_speed"].map((name) => ({ name, type: "double" })),
    { name: "wind_direction", type: "int" },
    ...["rain", "battery"].map((name) => ({ name, type: "double" })),
    { name: "status", type: ["null", "string"] },
    { name: "heated", type: "boolean" },
    { name: "sequence", type: "long" },
  ],
};

async function avroStations(folder: string, rows: number): Promise<void> {
  const random = seededRandom(SEED);
  const blocks: Record<string, unknown>[][] = [];
  for (let row = 0; row < rows; row++) {
    if (row % BLOCK === 0) blocks.push([]);
    const { recordedAt, status, sequence, ...others } = stationValues(random, row);
    blocks.at(-1)!.push({
      station: others.station,
      recorded_at: BigInt(recordedAt),
      temperature: Number(others.temperature),
      humidity: Number(others.humidity),
      pressure: Number(others.pressure),
      wind_speed: Number(others.windSpeed),
      wind_direction: others.windDirection,
      rain: Number(others.rain),
      battery: Number(others.battery),
      status: status === "" ? null : { string: status },
      heated: others.heated,
      sequence: BigInt(sequence),
    });
  }
  await writeFile(join(folder, "stations.avro"), avroFile(AVRO_SCHEMA as never, { rows: blocks }));
}

async function xmlStations(folder: string, rows: number): Promise<void> {
  const random = seededRandom(SEED);
  const file = createWriteStream(join(folder, "stations.xml"));
  file.write('<?xml version="1.0" encoding="UTF-8"?>\n<readings>\n');
  for (let row = 0; row < rows;) {
    let text = "";
    for (let i = 0; i < BLOCK && row < rows; i++, row++) text += xmlReading(stationValues(random, row));
    if (!file.write(text)) await once(file, "drain");
  }
  file.end("</readings>\n");
  await finished(file);
}

function xmlReading(reading: Station): string {
  return `<reading station="${reading.station}" sequence="${reading.sequence}"><recorded_at>${new Date(reading.recordedAt).toISOString()}</recorded_at><temperature>${reading.temperature}</temperature><humidity>${reading.humidity}</humidity><pressure>${reading.pressure}</pressure><wind_speed>${reading.windSpeed}</wind_speed><wind_direction>${reading.windDirection}</wind_direction><rain>${reading.rain}</rain><battery>${reading.battery}</battery><status>${reading.status}</status><heated>${reading.heated}</heated></reading>\n`;
}
