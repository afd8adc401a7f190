/** Tables that the real command line makes, for other implementations to judge. */
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { corporaFolder } from "../support/corpora.ts";
import { ingest } from "../support/run-landfall.ts";

export interface IngestedTable {
  readonly name: string;
  readonly table: string;
  readonly format: "json" | "csv" | "parquet";
  /** All input files that were not meant to be quarantined. */
  readonly inputs: readonly string[];
  readonly versions: readonly number[];
  readonly renamed?: Readonly<Record<string, string>>;
}

const EXAMPLES = join(import.meta.dirname, "../../examples/files");

/** The vehicles of the examples, a folder a run: new columns come, values are rescued, lines rejected, a file is quarantined. */
export async function vehiclesTable(folder: string): Promise<IngestedTable> {
  const source = join(folder, "vehicles");
  const table = join(folder, "vehicles-table");
  const versions: number[] = [];
  for (const day of ["2026-03-01", "2026-03-02"]) {
    cpSync(join(EXAMPLES, "vehicles", day), join(source, day), { recursive: true, preserveTimestamps: true });
    const hints = "recorded_at TIMESTAMP, odometer_km DOUBLE, charge_cycles BIGINT";
    versions.push(...(await ingest([source, table, "--hints", hints], { codes: [0, 1] })).versions);
  }
  const files = ["01/v01", "01/v02", "01/v03", "01/v04", "02/v01", "02/v02", "02/v07"].map(
    (file) => `2026-03-${file}.ndjson`,
  );
  const inputs = [...files, "2026-03-02/v05.ndjson.gz"].map((file) => join(source, file));
  return { name: "vehicles", table, format: "json", inputs, versions };
}

/** Keys and values that are easy to get wrong, partitioned by one of them. */
export async function nastyTable(folder: string): Promise<IngestedTable> {
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
  const first = await ingest([source, table, "--partition-by", "region"]);
  // Second batch: integers that DOUBLE holds, a key in another case (rescued), a column that was never there, null partitions.
  const more = [
    `{"id":100,"region":"a","x":3,"ID":"other case","late":{"deep":[1.5]}}`,
    `{"id":101,"x":1e2,"a.b":1}`,
    `{}`,
    `{"id":102,"x":0.1}`,
  ];
  writeFileSync(join(source, "two.json"), more.join("\n"));
  const second = await ingest([source, table]);
  return {
    name: "nasty",
    table,
    format: "json",
    inputs: ["one.json", "two.json"].map((file) => join(source, file)),
    versions: [...first.versions, ...second.versions],
    renamed: { "spaced key": "spaced_key", "semi;colon": "semi_colon", "in,ner": "in_ner" },
  };
}

/** A real file of the corpora, an array of deeply nested events, rewritten one record a line. */
export async function corpusTable(folder: string, file: string): Promise<IngestedTable> {
  const source = join(folder, `${file}-in`);
  const table = join(folder, `${file}-table`);
  mkdirSync(source, { recursive: true });
  const records = JSON.parse(readFileSync(join(corporaFolder(), "files", file), "utf8")) as unknown[];
  const input = join(source, file);
  writeFileSync(input, `${records.map((record) => JSON.stringify(record)).join("\n")}\n`);
  const { versions } = await ingest([source, table]);
  return { name: file, table, format: "json", inputs: [input], versions };
}

/** A folder of the examples as it is. */
export async function exampleTable(folder: string, name: "station" | "trips"): Promise<IngestedTable> {
  const source = join(EXAMPLES, name);
  const table = join(folder, `${name}-table`);
  const format = name === "station" ? "csv" : "parquet";
  const hints = name === "station" ? ["--hints", "observed_at TIMESTAMP, temperature_c DOUBLE"] : [];
  const { versions } = await ingest([source, table, ...hints]);
  return { name, table, format, inputs: readdirSync(source).map((file) => join(source, file)), versions };
}

/** A real CSV file of the corpora. */
export async function corpusCsvTable(folder: string, file: string): Promise<IngestedTable> {
  const table = join(folder, `${file}-table`);
  const input = join(corporaFolder(), "files", file);
  const { versions } = await ingest([input, table]);
  return { name: file, table, format: "csv", inputs: [input], versions };
}
