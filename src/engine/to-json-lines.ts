/** The rows of a Parquet file as lines of JSON: how checkpoints are read. */
import type { DuckDBType } from "@duckdb/node-api";
import type { AddTotals } from "../schema/add-filter.ts";
import { addFilterSql, fieldType } from "./add-filter-sql.ts";
import type { Duckdb } from "./duckdb.ts";
import type { Engine } from "./engine.ts";
import { pathsArgument, quoteName, quoteText } from "./sql.ts";

/** See `Engine.toJsonLines`. */
export async function toJsonLines(
  duckdb: Duckdb,
  { parquetPath, jsonPath, columns, adds, signal }: Parameters<Engine["toJsonLines"]>[0],
): Promise<AddTotals | undefined> {
  const file = `read_parquet(${pathsArgument([parquetPath])}, hive_partitioning = false)`;
  // A column that the file lacks is left out, so the file is asked first.
  const found = await duckdb.columns(`SELECT * FROM ${file}`, "read a checkpoint's columns", signal);
  const there = new Set(found.map((column) => quoteName(column.name)));
  const asked = (columns?.map(quoteName) ?? [...there]).filter((name) => there.has(name));
  const addType = found.find((column) => column.name === "add")?.type;
  const conditions =
    columns === undefined ? [] : [asked.map((name) => `${name} IS NOT NULL`).join(" OR ") || "false"];
  const filter = adds === undefined || addType === undefined ? undefined : addFilterSql(adds, addType);
  if (filter !== undefined) conditions.push(`"add" IS NULL OR ${filter.condition}`);
  const from =
    filter?.stats === undefined ? file : `(SELECT *, ${filter.stats} AS landfall_stats FROM ${file})`;
  const where = conditions.map((condition) => `(${condition})`).join(" AND ");
  await duckdb.run(
    `COPY (SELECT ${asked.join(", ") || "NULL AS nothing"} FROM ${from} ${where === "" ? "" : `WHERE ${where}`})
      TO ${quoteText(jsonPath)} (FORMAT json)`,
    "read a checkpoint",
    signal,
  );
  if (adds === undefined) return undefined;
  if (addType === undefined || filter === undefined) return { files: 0, bytes: 0, rowsLeftOut: 0 };
  const rows = adds.countsRows ? rowsSql(addType) : "0";
  const leftOut = adds.countsRows ? `NOT ${filter.condition}` : "false";
  // Of an add that does not tell the rows are null, and a sum leaves nulls out: they are counted.
  const [totals] = await duckdb.rows(
    `SELECT count(*) AS files, coalesce(sum("add".size), 0) AS bytes, count(*) FILTER (left_out AND rows IS NULL) AS untold,
      coalesce(sum(rows) FILTER (left_out), 0) AS rows
      FROM (SELECT "add", ${rows} AS rows, ${leftOut} AS left_out FROM ${from} WHERE "add" IS NOT NULL)`,
    "count the files of a checkpoint",
    signal,
  );
  const told = totals as Readonly<Record<"files" | "bytes" | "untold" | "rows", string>>;
  return {
    files: Number(told.files),
    bytes: Number(told.bytes),
    rowsLeftOut: adds.countsRows && Number(told.untold) === 0 ? Number(told.rows) : undefined,
  };
}

/** Rows of an add without those that its deletion vector deletes; null where its statistics do not tell. */
function rowsSql(addType: DuckDBType): string {
  const texts = [
    ...(fieldType(addType, ["stats"]) === undefined
      ? []
      : [`json_extract_string("add".stats, '/numRecords')`]),
    ...(fieldType(addType, ["stats_parsed", "numRecords"]) === undefined
      ? []
      : [`CAST("add".stats_parsed.numRecords AS VARCHAR)`]),
  ];
  if (texts.length === 0) return "CAST(NULL AS BIGINT)";
  const text = texts.length === 1 ? `TRY(${texts[0]})` : `coalesce(TRY(${texts[0]}), ${texts[1]})`;
  const records = `CASE WHEN regexp_full_match(${text}, '[0-9]{1,15}') THEN CAST(${text} AS BIGINT) END`;
  if (fieldType(addType, ["deletionVector", "cardinality"]) === undefined) return records;
  return `${records} - coalesce("add".deletionVector.cardinality, 0)`;
}
