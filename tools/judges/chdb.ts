/**
 * The judge chdb (ClickHouse in process, its Delta reader is delta-kernel-rs): reads Delta tables. One JSON request a line on
 * stdin, one JSON answer a line on stdout; requests and its blind spots: tools/judges/README.md.
 */
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { type ChdbType, canonicalValue, parseChdbType, quoteText, selectExpression } from "./chdb-values.ts";

interface Request {
  readonly op: string;
  readonly table: string;
  readonly version?: number | null;
  readonly columns?: readonly string[];
  /** The table's Delta type of each column, where the caller knows it: chdb shows neither binary nor timestamp_ntz. */
  readonly types?: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly meta: readonly { readonly name: string; readonly type: string }[];
  readonly data: readonly (readonly unknown[])[];
}

const SETTINGS = [
  "output_format_json_quote_64bit_integers=1",
  "output_format_json_quote_decimals=1",
  "output_format_json_quote_denormals=1",
  "output_format_json_named_tuples_as_objects=1",
  "output_format_json_map_as_array_of_tuples=1",
  "date_time_output_format='iso'",
  "date_time_overflow_behavior='throw'",
  "session_timezone='UTC'",
];

const require = createRequire(join(process.env["LANDFALL_JUDGES"] ?? "", "npm", "package.json"));
const chdb = require("chdb") as { query(sql: string, format: string): string };

// chdb reads local files below its working folder only.
process.chdir("/");

function run(sql: string, settings: readonly string[] = []): Answer {
  try {
    return JSON.parse(
      chdb.query(`${sql} SETTINGS ${[...SETTINGS, ...settings].join(", ")}`, "JSONCompact"),
    ) as Answer;
  } catch (error) {
    // What a failed query had begun to print stands in front of the next query's answer.
    chdb.query("SELECT 1", "Null");
    throw error;
  }
}

function source(request: Request): { readonly from: string; readonly settings: readonly string[] } {
  const version = request.version ?? undefined;
  return {
    from: `deltaLakeLocal(${quoteText(resolve("/", request.table))})`,
    settings: version === undefined ? [] : [`delta_lake_snapshot_version=${version}`],
  };
}

function describe(request: Request): { readonly name: string; readonly type: ChdbType }[] {
  const { from, settings } = source(request);
  const columns = run(`DESCRIBE ${from}`, settings).data.map((row) => ({
    name: String(row[0]),
    type: parseChdbType(String(row[1])),
  }));
  const { columns: wanted } = request;
  if (wanted === undefined) return columns;
  return wanted.map((name) => {
    const column = columns.find((candidate) => candidate.name === name);
    if (column === undefined) throw new Error(`${request.table} has no column ${name}`);
    return column;
  });
}

function read(request: Request): unknown {
  const { from, settings } = source(request);
  const columns = describe(request);
  const types = columns.map(({ name }) => request.types?.[name]);
  const expressions = columns.map(({ name, type }, index) =>
    selectExpression(`\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``, type, types[index]),
  );
  const { data } = run(`SELECT ${expressions.join(", ")} FROM ${from}`, settings);
  const rows = data.map((row) =>
    Object.fromEntries(
      columns.map(({ name, type }, index) => [name, canonicalValue(row[index], type, types[index])]),
    ),
  );
  return {
    schema: columns.map(({ name, type }, index) => ({ name, type: types[index] ?? type.text })),
    rows,
    version: request.version ?? null,
  };
}

function count(request: Request): unknown {
  const { from, settings } = source(request);
  return { count: Number(run(`SELECT count() FROM ${from}`, settings).data[0]?.[0]) };
}

function answer(request: Request): unknown {
  if (request.op === "read") return read(request);
  if (request.op === "count") return count(request);
  throw new Error(`no op ${request.op}; there are read, count`);
}

// JSON.rawJSON stands in Node 24 and not yet in TypeScript's library.
const { rawJSON } = JSON as unknown as { rawJSON: (this: void, text: string) => unknown };

for await (const line of createInterface({ input: process.stdin })) {
  let text: string;
  try {
    text = JSON.stringify(answer(JSON.parse(line) as Request), (_key, value: unknown) =>
      // JSON.stringify would lose the sign.
      Object.is(value, -0) ? rawJSON("-0.0") : value,
    );
  } catch (error) {
    text = JSON.stringify({ error: error instanceof Error ? error.message : String(error), kind: "chdb" });
  }
  process.stdout.write(`${text}\n`);
}
