/** The rows of a Delta table's live files, as SQL. */
import type { StructField } from "../schema/data-type.ts";
import { physicalNameOf } from "../schema/physical-column.ts";
import { readColumn, type ColumnReading } from "./column-reading.ts";
import { dataFileError, refusalSql } from "./data-file-error.ts";
import type { PlaceColumns, QueryTable } from "./engine.ts";
import { fileTable } from "./file-table.ts";
import { floatingRange, floatingRangeSql } from "./floating-range.ts";
import { parquetShapes, type ParquetShape, type SqlSession } from "./parquet-shape.ts";
import { duckdbType, nullColumns, pathsArgument, quoteName, quoteText } from "./sql.ts";
import { LandfallError } from "../base/landfall-error.ts";

/** `tableRelation` with the columns that the query sees (`QueryTable.select`). @throws LandfallError as that */
export async function selectedRelation(table: QueryTable, session: SqlSession): Promise<string> {
  return `SELECT ${table.select ?? "*"} FROM (${await tableRelation(table, session)})`;
}

/**
 * A query that gives the table's columns in their order, without deleted rows: those of the files by name or id, absent ones null, partition
 * values from the log by the file's place in the list and never by its name. The footers are read; where the table has partition columns
 * or deletion vectors, or places are asked for, they are put into a temporary table of the session, which the query names.
 *
 * @throws LandfallError TABLE_DATA_CORRUPT for a file that is no Parquet or has not the columns' types or ids, OBJECT_MISSING. For a column
 *   that cannot be read the query fails when it asks for it, with what `dataFileError` knows
 */
export async function tableRelation(table: QueryTable, session: SqlSession): Promise<string> {
  if (table.schema.fields.length === 0) {
    throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
      message: `The table ${table.name} has no columns, so that there is nothing to select.`,
      hint: "It gets columns with the first rows.",
    });
  }
  if (table.files.length === 0) {
    const placed = placesSql(table, { file: "CAST(NULL AS BIGINT)", row: "NULL" });
    return `SELECT ${nullColumns(table.schema)}${placed} WHERE false`;
  }
  const paths = table.files.map((file) => file.path);
  let shapes: ParquetShape[];
  try {
    shapes = await parquetShapes(session, paths);
  } catch (error) {
    throw dataFileError(error, paths) ?? error;
  }
  const groups = readTogether(
    table,
    shapes.map((shape) => ({ ...readingOf(table, shape), paths: shape.paths })),
  );
  const order = groups.flatMap((group) => group.paths);
  const files = await fileTable(table, order, session);
  const rowsIn = statedRows(table);
  let first = 0;
  const selects = groups.map((group) => {
    const from = first;
    first += group.paths.length;
    // With a schema of ours DuckDB looks at no footer while it plans, and takes a file for one of a thousand rows.
    const read = `read_parquet(${pathsArgument(group.paths)}, hive_partitioning = false, explicit_cardinality = ${rowsIn(group.paths)}, schema = MAP {${group.columns}})`;
    if (files === undefined) {
      const placed = placesSql(table, {
        file: `CAST(f.file_index AS BIGINT) + ${from}`,
        row: "f.file_row_number",
      });
      return `SELECT ${group.selected.join(", ")}${placed} FROM ${read} f${whereSql(group.ranges)}`;
    }
    const placed = placesSql(table, { file: "v.file", row: "f.row_at" });
    const isKept = "(v.bits IS NULL OR get_bit(v.bits, CAST(f.row_at AS INTEGER)) = 0)";
    const rest = whereSql([...group.ranges, ...(files.hasVectors ? [isKept] : [])]);
    return `SELECT ${group.selected.join(", ")}${placed} FROM (SELECT *, CAST(file_index AS BIGINT) AS file_at, file_row_number AS row_at FROM ${read}) f
      JOIN ${files.name} v ON f.file_at + ${from} = v.i${rest}`;
  });
  return selects.join("\nUNION ALL\n");
}

function whereSql(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
}

/** Of a file that nothing is known of. */
const LIKELY_ROWS = 100_000;

function statedRows({ files }: QueryTable): (paths: readonly string[]) => number {
  const rowsOf = new Map(files.map(({ path, rows }) => [path, rows ?? LIKELY_ROWS]));
  return (paths) => {
    const rows = paths.reduce((sum, path) => sum + rowsOf.get(path)!, 0);
    return Math.min(Math.max(rows, 1), Number.MAX_SAFE_INTEGER);
  };
}

/** The columns that tell where a row stands, after the table's own. */
function placesSql({ places }: QueryTable, { file, row }: PlaceColumns): string {
  if (places === undefined) return "";
  return `, ${file} AS ${quoteName(places.file)}, CAST(${row} AS BIGINT) AS ${quoteName(places.row)}`;
}

interface Reading {
  /** The members of the reader's schema: what it is to read, under names of ours, which no virtual column has. */
  readonly columns: string;
  /** The table's columns. */
  readonly selected: readonly string[];
  /** What floating-point columns of wanted rows meet: the columns themselves are computed, so that no condition on them reaches the row groups. */
  readonly ranges: readonly string[];
}

interface Group extends Reading {
  readonly paths: readonly string[];
}

/** Shapes that are read alike are read together: an INT and a BIGINT of one column, say. In order, only those of neighbours are. */
function readTogether({ files, inOrder = false }: QueryTable, shapes: readonly Group[]): readonly Group[] {
  const keyOf = ({ columns, selected, ranges }: Reading): string =>
    [columns, ...selected, ...ranges].join("\n");
  if (!inOrder) {
    return [...Map.groupBy(shapes, keyOf).values()].map((alike) => ({
      ...alike[0]!,
      paths: alike.flatMap((group) => group.paths),
    }));
  }
  const shapeOf = new Map(
    shapes.flatMap((shape) => shape.paths.map((path) => [path, { ...shape, key: keyOf(shape) }])),
  );
  const runs: (Reading & { readonly key: string; readonly paths: string[] })[] = [];
  for (const { path } of files) {
    const shape = shapeOf.get(path)!;
    const last = runs.at(-1);
    if (last?.key === shape.key) last.paths.push(path);
    else runs.push({ ...shape, paths: [path] });
  }
  return runs;
}

function readingOf(table: QueryTable, shape: ParquetShape): Reading {
  const { schema, partitionColumns, columnMapping = "none", wanted, isOnlyRead } = table;
  if (columnMapping === "id") demandIds(shape);
  const columns: string[] = [];
  const ranges: string[] = [];
  const selected = schema.fields.map((field) => {
    const name = quoteName(field.name);
    const partition = partitionColumns.indexOf(field.name);
    if (partition >= 0) return `v.p${partition} AS ${name}`;
    const { name: found, reading } = readColumn(field, shape.columns, {
      mapping: columnMapping,
      ...(isOnlyRead === true ? { isOnlyRead } : {}),
    });
    if (found === undefined || reading.kind !== "read") return `${missing(field, reading, shape)} AS ${name}`;
    const column = `c${columns.length}`;
    // The reader finds names in any case; spelled as the table does, files that differ by that are read together.
    const asked =
      columnMapping !== "id" && found.toLowerCase() === physicalNameOf(field, columnMapping).toLowerCase()
        ? physicalNameOf(field, columnMapping)
        : found;
    columns.push(
      `${quoteText(asked)}: {name: '${column}', type: ${quoteText(reading.type)}, default_value: NULL}`,
    );
    const read = `f.${column}`;
    const range = wanted === undefined ? undefined : floatingRange(wanted, field.name);
    const type = shape.columns.find(({ name: own }) => own === found);
    // A narrower type than the table's is cast first, and nothing is skipped by it.
    if (range !== undefined && type?.kind === "leaf" && type.type === reading.type)
      ranges.push(floatingRangeSql(read, range, type.type));
    return `${reading.value === undefined ? read : reading.value(read)} AS ${name}`;
  });
  // A schema of no column is refused. This one is in no file.
  if (columns.length === 0)
    columns.push("'landfall: no column': {name: 'c0', type: 'BOOLEAN', default_value: NULL}");
  return { columns: columns.join(", "), selected, ranges };
}

function missing(field: StructField, reading: ColumnReading, shape: ParquetShape): string {
  const type = duckdbType(field.type);
  const value = reading.kind === "refused" ? refusalSql({ ...reading.why, file: shape.paths[0]! }) : "NULL";
  return `CAST(${value} AS ${type})`;
}

/** A file without ids was not written for this table: all its columns would be null. Spark refuses it likewise. */
function demandIds({ columns, paths }: ParquetShape): void {
  if (columns.length === 0 || columns.some((column) => column.id !== undefined)) return;
  throw new LandfallError("TABLE_DATA_CORRUPT", {
    message: `The data file ${paths[0]!} has no field ids, by which this table's columns are found (delta.columnMapping.mode = id).`,
    hint: "Find out which program wrote it; its rows would be of nulls only.",
    file: paths[0]!,
  });
}
