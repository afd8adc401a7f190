/** Tables that the real command line makes, for other implementations to judge. */
import assert from "node:assert/strict";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { corporaFolder } from "../support/corpora.ts";
import type { PromisedTable } from "../support/promised-table.ts";
import { ingest } from "../support/run-landfall.ts";
import { copiedParquetTable, copiedSparkTable } from "./copied-parquet-table.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples/files");

/** The vehicles of the examples, a folder a run: new columns come, values are rescued, lines rejected, a file is quarantined. */
export async function vehiclesTable(folder: string): Promise<PromisedTable> {
  const source = join(folder, "vehicles");
  const table = join(folder, "vehicles-table");
  // What was not meant to be quarantined.
  const sound = {
    "2026-03-01": ["v01.ndjson", "v02.ndjson", "v03.ndjson", "v04.ndjson"],
    "2026-03-02": ["v01.ndjson", "v02.ndjson", "v07.ndjson", "v05.ndjson.gz"],
  };
  const steps: PromisedTable["steps"][number][] = [];
  for (const [day, files] of Object.entries(sound)) {
    cpSync(join(EXAMPLES, "vehicles", day), join(source, day), { recursive: true, preserveTimestamps: true });
    const hints = "recorded_at TIMESTAMP, odometer_km DOUBLE, charge_cycles BIGINT";
    const { versions } = await ingest([source, table, "--hints", hints], { codes: [0, 1] });
    assert.equal(versions.length, 1);
    steps.push({ version: versions[0]!, added: files.map((file) => join(source, day, file)) });
  }
  const hints = { recorded_at: "timestamp", odometer_km: "double", charge_cycles: "long" };
  return { table, format: "json", steps, hints };
}

/** Keys and values that are easy to get wrong, partitioned by one of them. `flags` must change no row. */
export async function nastyTable(folder: string, ...flags: readonly string[]): Promise<PromisedTable> {
  const source = join(folder, "nasty");
  const table = join(folder, "nasty-table");
  mkdirSync(source, { recursive: true });
  const regions = [
    "a",
    "A/A",
    "bar+%21",
    "50 % * ?",
    "é",
    "日本",
    "x=y",
    "..",
    null,
    " lead",
    "[z]{w}",
    'it\'s "q"',
    "🚗",
  ];
  const lines = regions.flatMap((region, i) => [
    {
      id: i * 2,
      region,
      "spaced key": i,
      "semi;colon": `v${i}`,
      n: { "in,ner": i, list: [{ a: i }, null, {}] },
      big: "9007199254740993",
    },
    {
      id: i * 2 + 1,
      region,
      at: `2024-02-29T23:59:59.12345${i % 10}Z`,
      d: "1900-01-01",
      ok: i % 2 === 0,
      x: i / 8,
    },
  ]);
  const text = lines
    .map((line) => JSON.stringify(line).replace('"9007199254740993"', "9007199254740993"))
    .join("\r\n");
  writeFileSync(join(source, "one.json"), `\ufeff${text}`);
  const first = await ingest([source, table, "--partition-by", "region", ...flags]);
  // Second batch: integers that DOUBLE holds, a key in another case (rescued), a column that was never there, null partitions.
  const more = [
    `{"id":100,"region":"a","x":3,"ID":"other case","late":{"deep":[1.5]}}`,
    `{"id":101,"x":1e2,"a.b":1}`,
    `{}`,
    `{"id":102,"x":0.1}`,
  ];
  writeFileSync(join(source, "two.json"), more.join("\n"));
  const second = await ingest([source, table, ...flags]);
  return {
    table,
    format: "json",
    steps: [
      { version: first.versions[0]!, added: [join(source, "one.json")] },
      { version: second.versions[0]!, added: [join(source, "two.json")] },
    ],
    renamed: { "spaced key": "spaced_key", "semi;colon": "semi_colon", "in,ner": "in_ner" },
  };
}

/** Files with rows for each of some nasty partitions, and a last version in which they are compacted. */
export async function compactedTable(folder: string): Promise<PromisedTable> {
  const pieces = join(folder, "small-pieces");
  mkdirSync(pieces, { recursive: true });
  const regions = ["A/A", "bar+%21", "é", null, "🚗"];
  const files = [0, 1, 2, 3, 4].map((i) => {
    const lines = regions.map((region, at) =>
      JSON.stringify({
        id: i * 10 + at,
        region,
        at: `2024-02-29T23:59:59.12345${i}Z`,
        n: { list: [{ a: i }, null, {}] },
        ...(i > 2 ? { late: [i] } : {}),
        x: i % 2 === 0 ? i / 8 : `text ${i}`,
      }),
    );
    const path = join(pieces, `${i}.json`);
    writeFileSync(path, lines.join("\n"));
    return path;
  });
  const flags = ["--partition-by", "region", "--auto-compact", "true", "--auto-compact-min-num-files", "3"];
  const made = await arrivingTable(folder, { name: "small", format: "json", files, flags });
  const version = made.steps.at(-1)!.version + 1;
  assert.ok(
    readdirSync(join(made.table, "_delta_log")).includes(`${String(version).padStart(20, "0")}.json`),
  );
  return { ...made, steps: [...made.steps, { version, added: [] }] };
}

/** A real file of the corpora, an array of records, rewritten one record a line, in `pieces` files that arrive one after another. */
export function corpusTable(folder: string, file: string, pieces: number): Promise<PromisedTable> {
  const records = JSON.parse(readFileSync(join(corporaFolder(), "files", file), "utf8")) as unknown[];
  const lines = records.map((record) => JSON.stringify(record));
  return arrivingTable(folder, { name: file, format: "json", files: cut(folder, { file, lines, pieces }) });
}

/** A real CSV file of the corpora, in `pieces` files with its header. */
export function corpusCsvTable(folder: string, file: string, pieces: number): Promise<PromisedTable> {
  return csvTable(folder, { path: join(corporaFolder(), "files", file), pieces });
}

/** A station's day of the examples: CSV with quoted fields and empty ones. */
export function stationTable(folder: string): Promise<PromisedTable> {
  const path = join(EXAMPLES, "station/zh-014-2026-03-01.csv");
  const hints = { observed_at: "timestamp", temperature_c: "double" };
  return csvTable(folder, {
    path,
    pieces: 4,
    flags: ["--hints", "observed_at TIMESTAMP, temperature_c DOUBLE"],
    hints,
  });
}

/** The trips of the examples as they are: Parquet with decimals, instants and lists. */
export function tripsTable(folder: string): Promise<PromisedTable> {
  const source = join(EXAMPLES, "trips");
  const files = readdirSync(source).map((file) => join(source, file));
  return arrivingTable(folder, { name: "trips", format: "parquet", files });
}

const ZONE = "America/St_Johns";

/** Where each row came from, broken records as rows, and partitions by the day and hour of a time in a zone that is not UTC. */
export function originTable(folder: string): Promise<PromisedTable> {
  const pieces = join(folder, "origin-pieces");
  mkdirSync(pieces, { recursive: true });
  const contents = {
    // Days begin in the zone at 02:30 or 03:30 in UTC; its clocks change on 2024-03-10 and 2024-11-03.
    "first day.json": [
      '{"id":1,"at":"2024-01-02T03:29:59.999999Z"}',
      '{"id":2,"at":"2024-01-02T03:30:00Z"}',
      "",
      '{"id":3,"at":"2024-01-02T23:10:00"}',
      '{"id":4,',
      '{"id":5,"at":"yesterday"}',
    ].join("\r\n"),
    "b%é.json": [
      '{"at":"2024-03-10T05:29:59Z","id":6}',
      '{"at":"2024-03-10T05:30:00Z","id":7}',
      '{"at":"2024-11-03T04:15:00Z","id":8}',
      '{"at":"2024-11-03T05:15:00Z","id":9}',
      Buffer.from("broken \xff\xfe", "latin1"),
      '{"at":"2024-07-01T00:00:00+05:45","id":10}',
      '{"id":11}',
    ],
    "c.json":
      '{"id":12,"at":"1969-12-31T23:59:59.5","late":true}\nnull\n{"id":13,"at":"0001-01-01T12:00:00Z"}\n',
  };
  const files = Object.entries(contents).map(([name, content]) => {
    const lines = Array.isArray(content) ? content : [content];
    const path = join(pieces, name);
    writeFileSync(path, Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from("\n")])));
    return path;
  });
  const origins = [
    ["file_path", "string"],
    ["file_name", "string"],
    ["file_size", "long"],
    ["file_modification_time", "timestamp"],
    ["record_number", "long"],
  ] as const;
  const computed = { of: "at", timeZone: ZONE };
  const filled = [
    ...origins.map(([is, type]) => ({ column: is, is, type })),
    { column: "at", is: "instant", type: "timestamp", ...computed },
    { column: "at_date", is: "date", type: "date", ...computed },
    { column: "local_hour", is: "hour", type: "integer", ...computed },
  ];
  return arrivingTable(folder, {
    name: "origin",
    format: "json",
    files,
    hints: { at: "timestamp" },
    corruptColumn: "broken",
    filled,
    flags: [
      "--time-zone",
      ZONE,
      "--hints",
      "at TIMESTAMP",
      "--provenance",
      origins.map(([is]) => is).join(","),
      "--partition-by",
      "date(at),hour(at) AS local_hour",
      "--json-column-name-of-corrupt-record",
      "broken",
    ],
  });
}

/** Parquet files that Spark wrote, one after another, of three kinds: the later ones bring columns, lists among them. */
export function sparkParquetTable(folder: string): Promise<PromisedTable> {
  const golden = join(corporaFolder(), "delta/golden");
  const tables = [
    "snapshot-data3",
    "kernel-timestamp-timestamp_micros",
    "data-reader-array-primitives",
    // INT96
    "data-reader-date-types-utc",
    "data-reader-date-types-America",
  ];
  const files = tables.flatMap((name) => {
    const parts = join(golden, name, "delta");
    const names = readdirSync(parts, { recursive: true, encoding: "utf8" }).sort();
    return names
      .filter((file) => file.endsWith(".parquet") && !file.includes("_delta_log"))
      .map((file) => join(parts, file));
  });
  return arrivingTable(folder, { name: "spark-parquet", format: "parquet", files });
}

interface CsvTable {
  readonly path: string;
  readonly pieces: number;
  readonly flags?: readonly string[];
  readonly hints?: Readonly<Record<string, string>>;
}

function csvTable(folder: string, { path, pieces, flags, hints }: CsvTable): Promise<PromisedTable> {
  const file = basename(path);
  const [header = "", ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const files = cut(folder, { file, header, lines, pieces });
  return arrivingTable(folder, {
    name: file,
    format: "csv",
    files,
    ...(flags ? { flags } : {}),
    ...(hints ? { hints } : {}),
  });
}

/** Writes the lines into so many files, in order; none of the files it is used for has a line end inside quotes. */
function cut(
  folder: string,
  options: {
    readonly file: string;
    readonly header?: string;
    readonly lines: readonly string[];
    readonly pieces: number;
  },
): string[] {
  const { file, header, lines, pieces } = options;
  const pieceFolder = join(folder, `${file}-pieces`);
  mkdirSync(pieceFolder, { recursive: true });
  const size = Math.ceil(lines.length / pieces);
  return Array.from({ length: pieces }, (_none, piece) => {
    const part = lines.slice(piece * size, (piece + 1) * size);
    const path = join(pieceFolder, file);
    const own = `${path.slice(0, path.lastIndexOf("."))}-${piece}${path.slice(path.lastIndexOf("."))}`;
    writeFileSync(own, [...(header === undefined ? [] : [header]), ...part, ""].join("\n"));
    return own;
  });
}

/** A table with a version for each file, in their order, and a checkpoint every third version. */
async function arrivingTable(
  folder: string,
  options: {
    readonly name: string;
    readonly format: PromisedTable["format"];
    readonly files: readonly string[];
    readonly flags?: readonly string[];
  } & Pick<PromisedTable, "hints" | "corruptColumn" | "filled">,
): Promise<PromisedTable> {
  const { name, format, files, flags = [], ...promised } = options;
  const source = join(folder, `${name}-in`);
  const table = join(folder, `${name}-table`);
  mkdirSync(source, { recursive: true });
  const arrived = files.map((file, index) => {
    const path = join(source, `${String(index).padStart(2, "0")}-${basename(file)}`);
    copyFileSync(file, path);
    utimesSync(path, FIRST_ARRIVAL + index, FIRST_ARRIVAL + index);
    return path;
  });
  const oneByOne = ["--max-files-per-trigger", "1", "--properties", "delta.checkpointInterval=3"];
  const { versions } = await ingest([source, table, "--format", format, ...oneByOne, ...flags]);
  assert.equal(versions.length, files.length);
  const steps = versions.map((version, index) => ({ version, added: [arrived[index]!] }));
  return { table, format, steps, ...promised };
}

/** Seconds since 1970, in the past: no file has to be waited for. */
const FIRST_ARRIVAL = 1_760_000_000;

export interface JudgedTable {
  readonly what: string;
  readonly needsCorpora: boolean;
  readonly make: (folder: string) => Promise<PromisedTable>;
}

/** What the judges without a JVM read at every version, and Spark at the latest and at some. */
export const JUDGED_TABLES: readonly JudgedTable[] = [
  {
    what: "vehicles with new columns, rescued and rejected records",
    needsCorpora: false,
    make: vehiclesTable,
  },
  {
    what: "nasty keys, values and partitions",
    needsCorpora: false,
    make: (folder) => nastyTable(folder),
  },
  {
    what: "the same through a transform that takes every column",
    needsCorpora: false,
    make: (folder) => nastyTable(folder, "--transform", "SELECT * FROM batch"),
  },
  {
    what: "GitHub events of the corpora",
    needsCorpora: true,
    make: (folder) => corpusTable(folder, "github_events.json", 1),
  },
  {
    what: "flights of the corpora",
    needsCorpora: true,
    make: (folder) => corpusTable(folder, "flights-20k.json", 5),
  },
  { what: "a station's CSV with quoted fields", needsCorpora: false, make: stationTable },
  {
    what: "weather normals of the corpora, CSV",
    needsCorpora: true,
    make: (folder) => corpusCsvTable(folder, "seattle-weather-hourly-normals.csv", 5),
  },
  {
    what: "machine temperatures of the corpora, CSV",
    needsCorpora: true,
    make: (folder) => corpusCsvTable(folder, "machine_temperature_system_failure.csv", 1),
  },
  {
    what: "origins of rows, and partitions computed in a zone",
    needsCorpora: false,
    make: originTable,
  },
  { what: "small files in partitions, compacted", needsCorpora: false, make: compactedTable },
  { what: "trips from Parquet", needsCorpora: false, make: tripsTable },
  {
    what: "Parquet of Arrow copied whole beside what is written, columns in any order",
    needsCorpora: false,
    make: copiedParquetTable,
  },
  { what: "Parquet that Spark wrote, copied whole", needsCorpora: true, make: copiedSparkTable },
  { what: "Parquet that Spark wrote, with new columns", needsCorpora: true, make: sparkParquetTable },
];
