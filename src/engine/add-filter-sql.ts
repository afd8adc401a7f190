/**
 * Which adds of a checkpoint may have rows that a predicate keeps, in SQL over the column `add`. It lets through whatever it cannot judge,
 * and never more than `delta/prune/may-match.ts` leaves out, which looks at each add that comes through.
 */
import { DuckDBStructType, type DuckDBType } from "@duckdb/node-api";
import type { AddFilter } from "../schema/add-filter.ts";
import { findTableColumn, type TableColumn } from "../schema/find-table-column.ts";
import type { Predicate } from "../schema/predicate.ts";
import { literalSql, orderedSql, typedBound } from "./bound-sql.ts";
import { quoteText, textList } from "./sql.ts";

/** What SQL knows of a column's values in a file, each an expression that is null where it is not known. */
export interface BoundsSql {
  readonly min: string;
  readonly max: string;
  /** True where all values are null. */
  readonly allNull: string;
  /** True where none is. */
  readonly noNull: string;
  /** Whether NaN may be above the maximum. */
  readonly mayHoldNan: boolean;
}

export interface AddFilterSql {
  /** Texts of the statistics that `condition` reads under the name `landfall_stats`; absent where it reads none. */
  readonly stats?: string;
  /** True for adds that are wanted; never null. */
  readonly condition: string;
}

/** @param addType DuckDB's type of the column `add` */
export function addFilterSql(filter: AddFilter, addType: DuckDBType): AddFilterSql {
  const paths: string[] = [];
  const boundsOf = boundsFinder(filter, addType, paths);
  const may = filter.predicate === undefined ? "false" : maySql(filter.predicate, false, boundsOf);
  const named =
    filter.names.length === 0
      ? "false"
      : `coalesce(${FILE_NAME} IN (SELECT unnest(${textList(filter.names)})), true)`;
  const condition = `(coalesce(TRY(${may}), true) OR ${named})`;
  return paths.length === 0
    ? { condition }
    : { condition, stats: `TRY(json_extract_string("add".stats, ${textList(paths)}))` };
}

const FILE_NAME = `regexp_extract(TRY(url_decode("add".path)), '[^/]*$')`;

type FindBounds = (
  path: readonly string[],
) => { readonly column: TableColumn; bounds: BoundsSql } | undefined;

/** The negation is carried down to the leaves, so that null, which is never true, needs no word. */
function maySql(predicate: Predicate, negated: boolean, find: FindBounds): string {
  switch (predicate.kind) {
    case "not":
      return maySql(predicate.of, !negated, find);
    case "and":
    case "or": {
      const isAnd = (predicate.kind === "and") !== negated;
      const parts = predicate.of.map((one) => maySql(one, negated, find));
      if (parts.length === 0) return isAnd ? "true" : "false";
      return `(${parts.join(isAnd ? " AND " : " OR ")})`;
    }
    case "unknown":
      return "true";
    case "compare":
    case "isNull":
    case "isNotNull":
    case "in":
    case "startsWith": {
      const found = find(predicate.column);
      const cannot = found === undefined ? undefined : cannotSql(predicate, negated, found);
      return cannot === undefined ? "true" : `NOT coalesce(${cannot}, false)`;
    }
    default:
      return predicate satisfies never;
  }
}

type ColumnPredicate = Extract<Predicate, { readonly column: readonly string[] }>;

/** Where the predicate, or its negation, is true for no value; undefined where that is not judged here. */
function cannotSql(
  predicate: ColumnPredicate,
  negated: boolean,
  { column, bounds }: NonNullable<ReturnType<FindBounds>>,
): string | undefined {
  const { allNull, noNull } = bounds;
  switch (predicate.kind) {
    case "isNull":
      return negated ? allNull : noNull;
    case "isNotNull":
      return negated ? noNull : allNull;
    case "compare": {
      const value = literalSql(column.type, predicate.value);
      const op = negated ? NEGATED[predicate.op] : predicate.op;
      const outside = value === undefined ? "false" : outsideSql(op, value, bounds);
      return `(${allNull} OR ${outside})`;
    }
    case "in": {
      const values = predicate.values.map((one) => literalSql(column.type, one));
      const known = values.filter((value) => value !== undefined);
      if (negated) {
        const each = known.map((value) => outsideSql("<>", value, bounds));
        return `(${[allNull, ...each].join(" OR ")})`;
      }
      if (known.length < values.length || known.length > MOST_VALUES) return allNull;
      const each = known.map((value) => outsideSql("=", value, bounds));
      return `(${allNull} OR (${each.length === 0 ? "true" : each.join(" AND ")}))`;
    }
    case "startsWith": {
      if (negated || column.type !== "string") return undefined;
      const prefix = quoteText(predicate.prefix);
      const above = `(${bounds.min} > ${prefix} AND NOT starts_with(${bounds.min}, ${prefix}))`;
      return `(${allNull} OR ((${bounds.max} < ${prefix} OR ${above}) AND ${orderedSql(bounds)}))`;
    }
    default:
      return predicate satisfies never;
  }
}

/** Values of an IN that are compared one by one; of more the list is looked at where the adds come out. */
const MOST_VALUES = 100;

const NEGATED = { "=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<" } as const;

/** Where no value between the bounds stands so to the literal. */
function outsideSql(op: keyof typeof NEGATED, value: string, bounds: BoundsSql): string {
  const { min, max, mayHoldNan } = bounds;
  const outside = {
    "<": `${min} >= ${value}`,
    "<=": `${min} > ${value}`,
    ">": mayHoldNan ? "false" : `${max} <= ${value}`,
    ">=": mayHoldNan ? "false" : `${max} < ${value}`,
    "=": `(${min} > ${value} OR ${max} < ${value})`,
    "<>": mayHoldNan ? "false" : `(${min} = ${value} AND ${max} = ${value})`,
  }[op];
  return `(${outside} AND ${orderedSql(bounds)})`;
}

function boundsFinder(filter: AddFilter, addType: DuckDBType, paths: string[]): FindBounds {
  const statsText = fieldType(addType, ["stats"]);
  const text = (path: readonly string[]): string => {
    const pointer = path.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
    if (!paths.includes(pointer)) paths.push(pointer);
    return `landfall_stats[${paths.indexOf(pointer) + 1}]`;
  };
  return (path) => {
    const column = findTableColumn(filter.table, path);
    if (column === undefined || column.wasFloat) return undefined;
    if (column.isPartition) return { column, bounds: partitionBounds(column) };
    const parsed = parsedBounds(column, addType);
    if (parsed !== undefined) return { column, bounds: parsed };
    return statsText === undefined ? undefined : { column, bounds: textBounds(column, text) };
  };
}

function partitionBounds(column: TableColumn): BoundsSql {
  const text = `nullif("add".partitionValues[${quoteText(column.physicalPath[0]!)}], '')`;
  const value = typedBound(column.type, text);
  return {
    min: value,
    max: value,
    allNull: `${text} IS NULL`,
    noNull: `${text} IS NOT NULL`,
    mayHoldNan: false,
  };
}

function textBounds(column: TableColumn, text: (path: readonly string[]) => string): BoundsSql {
  const count = (path: readonly string[]): string => typedBound("long", text(path));
  const nullCount = count(["nullCount", ...column.physicalPath]);
  return {
    min: typedBound(column.type, text(["minValues", ...column.physicalPath]), "min"),
    max: typedBound(column.type, text(["maxValues", ...column.physicalPath]), "max"),
    allNull: `(${nullCount} > 0 AND ${nullCount} = ${count(["numRecords"])})`,
    noNull: `${nullCount} = 0`,
    mayHoldNan: isFloating(column),
  };
}

/** From `stats_parsed`, where the checkpoint has the column in it with the type that the table has. */
function parsedBounds(column: TableColumn, addType: DuckDBType): BoundsSql | undefined {
  const at = (name: string): { readonly sql: string; readonly type: DuckDBType } | undefined => {
    const path = ["stats_parsed", name, ...(name === "numRecords" ? [] : column.physicalPath)];
    const type = fieldType(addType, path);
    const sql = path.reduce((of, field) => `struct_extract(${of}, ${quoteText(field)})`, '"add"');
    return type === undefined ? undefined : { sql, type };
  };
  const [min, max, nullCount, records] = ["minValues", "maxValues", "nullCount", "numRecords"].map(at);
  if (min === undefined || max === undefined || nullCount === undefined || records === undefined)
    return undefined;
  const low = parsedBound(column, min, "min");
  const high = parsedBound(column, max, "max");
  if (low === undefined || high === undefined) return undefined;
  return {
    min: low,
    max: high,
    allNull: `(${nullCount.sql} > 0 AND ${nullCount.sql} = ${records.sql})`,
    noNull: `${nullCount.sql} = 0`,
    mayHoldNan: isFloating(column),
  };
}

/** Printed as it would stand in JSON and read again: one way to take a bound, whatever the checkpoint holds. */
function parsedBound(
  { type }: TableColumn,
  { sql, type: found }: { readonly sql: string; readonly type: DuckDBType },
  side: "min" | "max",
): string | undefined {
  const name = String(found).replace(/\(.*$/, "");
  const fits = PARSED_TYPES[type.replace(/\(.*$/, "")]?.includes(name) === true;
  if (!fits) return undefined;
  if (type === "string") return typedBound(type, sql, side);
  if (type === "timestamp" || type === "timestamp_ntz")
    return typedBound(type, `strftime(CAST(${sql} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%f')`, side);
  return typedBound(type, `CAST(${sql} AS VARCHAR)`, side);
}

const WHOLE = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT"];
const PARSED_TYPES: Readonly<Record<string, readonly string[]>> = {
  string: ["VARCHAR"],
  byte: WHOLE,
  short: WHOLE,
  integer: WHOLE,
  long: WHOLE,
  float: ["FLOAT"],
  double: ["DOUBLE"],
  date: ["DATE"],
  timestamp: ["TIMESTAMP WITH TIME ZONE", "TIMESTAMP"],
  timestamp_ntz: ["TIMESTAMP"],
  decimal: ["DECIMAL"],
};

function isFloating({ type }: TableColumn): boolean {
  return type === "float" || type === "double";
}

/** The type of a field of structs within structs; undefined where there is none. */
export function fieldType(type: DuckDBType, path: readonly string[]): DuckDBType | undefined {
  let found: DuckDBType | undefined = type;
  for (const name of path) {
    if (!(found instanceof DuckDBStructType)) return undefined;
    const at: number = found.entryNames.indexOf(name);
    found = found.entryTypes[at];
  }
  return found;
}
