/** A checkpoint's Parquet made of the one before it: its rows of files stay in columns, and are neither printed as JSON nor parsed. */
import { DuckDBStructType, type DuckDBType } from "@duckdb/node-api";
import { LandfallError } from "../base/landfall-error.ts";
import type { CarriedRows, CarryRowsRequest } from "../schema/carried-rows.ts";
import { nullableField, type DataType, type StructType } from "../schema/data-type.ts";
import { fieldType } from "./add-filter-sql.ts";
import type { Duckdb } from "./duckdb.ts";
import { jsonLinesSql } from "./json-lines-sql.ts";
import { duckdbType, pathsArgument, quoteName, quoteText } from "./sql.ts";

/** Paths that are their own canonical form: nothing in them is escaped, no segment is empty or begins with a dot, and they are relative. */
const PLAIN_PATH = "[0-9A-Za-z_=][0-9A-Za-z_=.,@+~-]*(/[0-9A-Za-z_=][0-9A-Za-z_=.,@+~-]*)*";
const WITHOUT: StructType = {
  type: "struct",
  fields: ["path", "vector"].map((name) => nullableField(name, "string")),
};

/** See `Engine.carryRows`. */
export async function carryRows(
  duckdb: Duckdb,
  request: CarryRowsRequest,
  signal: AbortSignal | undefined,
): Promise<CarriedRows | undefined> {
  const file = `read_parquet(${pathsArgument(request.carriedPaths)}, hive_partitioning = false)`;
  const found = await duckdb.columns(`SELECT * FROM ${file}`, "read a checkpoint's columns", signal);
  const types = new Map(found.map(({ name, type }) => [name, type]));
  const addType = types.get("add");
  // Of the V2 spec: its files stand in others, that it names.
  if (addType === undefined || types.has("sidecar") || types.has("checkpointMetadata")) return undefined;
  const removeType = types.get("remove");
  const odd = `(${oddAdd(addType)}) OR (${removeType === undefined ? "false" : oddRemove(removeType)})`;
  const carried = await carriedSql(duckdb, request, { file, addType, removeType }, signal);
  const [row] = await duckdb.rows(
    `SELECT (SELECT count(*) FROM ${file} WHERE ${odd}) AS odd, count("add") AS files, coalesce(sum("add".size), 0) AS bytes,
      count(*) - count("add") AS tombstones, ${vectorCounts(addType)} FROM (${carried})`,
    "read a checkpoint",
    signal,
  );
  const told = row as Readonly<
    Record<"odd" | "files" | "bytes" | "tombstones" | "vectors" | "deleted", string>
  >;
  if (Number(told.odd) > 0) return undefined;
  const list = request.columns.fields.map(({ name, type }) => {
    const source = types.get(name);
    const value =
      (name === "add" || name === "remove") && source !== undefined
        ? valueSql(quoteName(name), source, type)
        : `CAST(NULL AS ${duckdbType(type)})`;
    return `${value} AS ${quoteName(name)}`;
  });
  await duckdb.run(
    `COPY (SELECT * FROM ${await jsonLinesSql(request.jsonPath, request.columns)} UNION ALL SELECT ${list.join(", ")} FROM (${carried}))
      TO ${quoteText(request.parquetPath)} (FORMAT parquet, COMPRESSION zstd)`,
    "write a checkpoint",
    signal,
  );
  return {
    files: Number(told.files),
    bytes: Number(told.bytes),
    vectors: Number(told.vectors),
    deletedRows: BigInt(told.deleted),
    tombstones: Number(told.tombstones),
  };
}

interface Carried {
  readonly file: string;
  readonly addType: DuckDBType;
  readonly removeType: DuckDBType | undefined;
}

/** A SELECT of the columns `add` and `remove` of the rows that come along. */
async function carriedSql(
  duckdb: Duckdb,
  { withoutPath, expired }: CarryRowsRequest,
  { file, addType, removeType }: Carried,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (!Number.isSafeInteger(expired))
    throw new LandfallError("INTERNAL", { message: `${expired} is no time in milliseconds.` });
  const young =
    removeType === undefined || fieldType(removeType, ["deletionTimestamp"]) === undefined
      ? "false"
      : `coalesce("remove".deletionTimestamp > ${expired}, false)`;
  const columns = removeType === undefined ? `"add"` : `"add", "remove"`;
  const rows = `SELECT ${columns} FROM ${file} WHERE "add" IS NOT NULL OR ${young}`;
  const without = await jsonLinesSql(withoutPath, WITHOUT);
  const [some] = await duckdb.rows(`SELECT 1 AS one FROM ${without} LIMIT 1`, "read a checkpoint", signal);
  if (some === undefined) return rows;
  const path = removeType === undefined ? `"add".path` : `coalesce("add".path, "remove".path)`;
  const vectorOfRemove = removeType === undefined ? "''" : vectorId(`"remove"`, removeType);
  const vector = `CASE WHEN "add" IS NOT NULL THEN ${vectorId(`"add"`, addType)} ELSE ${vectorOfRemove} END`;
  return `SELECT ${columns} FROM (${rows}) AS file ANTI JOIN ${without} AS gone ON ${path} = gone.path AND ${vector} = gone.vector`;
}

function vectorId(action: string, type: DuckDBType): string {
  if (fieldType(type, ["deletionVector"]) === undefined) return "''";
  const of = `${action}.deletionVector`;
  return `coalesce(${of}.storageType || ${of}.pathOrInlineDv || coalesce('@' || ${of}."offset", ''), '')`;
}

function vectorCounts(addType: DuckDBType): string {
  if (fieldType(addType, ["deletionVector"]) === undefined) return "0 AS vectors, 0 AS deleted";
  return `count("add".deletionVector) AS vectors, coalesce(sum("add".deletionVector.cardinality), 0) AS deleted`;
}

/** Rows that have to be looked at: what a reader would refuse, what is not written as we write it, and paths that have another form. */
function oddAdd(type: DuckDBType): string {
  const required = ["path", "partitionValues", "size", "modificationTime", "dataChange"];
  if (required.some((name) => fieldType(type, [name]) === undefined)) return `"add" IS NOT NULL`;
  const faults = [
    ...required.map((name) => `"add".${name} IS NULL`),
    `NOT regexp_full_match("add".path, '${PLAIN_PATH}')`,
    oddVector(`"add"`, type),
    // Statistics in columns alone would be lost.
    ...(fieldType(type, ["stats_parsed"]) === undefined
      ? []
      : [
          `("add".stats_parsed IS NOT NULL AND ${fieldType(type, ["stats"]) === undefined ? "true" : `"add".stats IS NULL`})`,
        ]),
  ];
  return `"add" IS NOT NULL AND (${faults.join(" OR ")})`;
}

function oddRemove(type: DuckDBType): string {
  const plain = `coalesce(regexp_full_match("remove".path, '${PLAIN_PATH}'), false)`;
  return `"remove" IS NOT NULL AND ("add" IS NOT NULL OR NOT ${plain} OR ${oddVector(`"remove"`, type)})`;
}

function oddVector(action: string, type: DuckDBType): string {
  if (fieldType(type, ["deletionVector"]) === undefined) return "false";
  const required = ["storageType", "pathOrInlineDv", "sizeInBytes", "cardinality"];
  if ([...required, "offset"].some((name) => fieldType(type, ["deletionVector", name]) === undefined))
    return `${action}.deletionVector IS NOT NULL`;
  const faults = required.map((name) => `${action}.deletionVector.${name} IS NULL`);
  return `(${action}.deletionVector IS NOT NULL AND (${faults.join(" OR ")}))`;
}

/** The value with the fields and types of the column that it goes into: what is not among them is left out, what it lacks is null. */
function valueSql(of: string, from: DuckDBType, to: DataType): string {
  if (typeof to === "string" || to.type !== "struct" || !(from instanceof DuckDBStructType))
    return `CAST(${of} AS ${duckdbType(to)})`;
  const fields = to.fields.map(({ name, type }) => {
    const source = fieldType(from, [name]);
    // The protocol asks for false in a checkpoint.
    if (name === "dataChange") return `${quoteName(name)} := false`;
    const value =
      source === undefined
        ? `CAST(NULL AS ${duckdbType(type)})`
        : valueSql(`${of}.${quoteName(name)}`, source, type);
    return `${quoteName(name)} := ${value}`;
  });
  return `CASE WHEN ${of} IS NOT NULL THEN struct_pack(${fields.join(", ")}) END`;
}
