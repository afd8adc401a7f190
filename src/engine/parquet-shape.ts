/** What Parquet files hold, told by their footers: files of one shape are of the same columns, in the same order. */
import { pathsArgument } from "./sql.ts";

/** Runs statements in one session. */
export interface SqlSession {
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** What the footers of files say that were asked for: no file changes while a session lasts. Absent: each is read when it is asked for. */
  readonly footers?: Map<string, string>;
}

/** A column of a file, or what it encloses. */
export type FileColumn = {
  readonly name: string;
  /** Parquet's field id. */
  readonly id: number | undefined;
} & (
  | {
      readonly kind: "leaf";
      /** The type as which DuckDB reads it. */
      readonly type: string;
    }
  | {
      readonly kind: "struct";
      readonly fields: readonly FileColumn[];
      /** True for one that the footer says to be a VARIANT. */
      readonly isVariant: boolean;
    }
  | { readonly kind: "list"; readonly element: FileColumn }
  | { readonly kind: "map"; readonly key: FileColumn; readonly value: FileColumn }
);

export interface ParquetShape {
  readonly columns: readonly FileColumn[];
  readonly paths: readonly string[];
}

/** One row of `parquet_schema`, its names cut short. */
interface Element {
  readonly n: string;
  readonly c: number | null;
  readonly r: string | null;
  readonly v: string | null;
  readonly l: string | null;
  readonly d: string | null;
  readonly i: number | null;
}

/** Reads the footers that the session does not know yet. The files come in the order that was given, those of one shape together. */
export async function parquetShapes(session: SqlSession, paths: readonly string[]): Promise<ParquetShape[]> {
  const shapeOf = session.footers ?? new Map<string, string>();
  await readFooters(session, { shapeOf, paths: [...new Set(paths)].filter((path) => !shapeOf.has(path)) });
  const byShape = Map.groupBy(paths, (path) => shapeOf.get(path) ?? "");
  const shapes: ParquetShape[] = [];
  for (const [shape, files] of byShape) {
    const columns = shape === "" ? [] : fileColumns(JSON.parse(shape) as Element[]);
    shapes.push(...(await apartByVariants(session, { columns, paths: files })));
  }
  return shapes;
}

async function readFooters(
  session: SqlSession,
  { shapeOf, paths }: { readonly shapeOf: Map<string, string>; readonly paths: readonly string[] },
): Promise<void> {
  if (paths.length === 0) return;
  const rows = await session.rows(
    `SELECT shape, list(file_name) AS files FROM (
      SELECT file_name, CAST(to_json(list({n: name, c: CAST(num_children AS INTEGER), r: repetition_type, v: converted_type, l: logical_type, d: duckdb_type, i: CAST(field_id AS INTEGER)}
        ORDER BY column_id)) AS VARCHAR) AS shape FROM parquet_schema(${pathsArgument(paths)}) GROUP BY file_name)
      GROUP BY shape`,
  );
  for (const row of rows)
    for (const file of row["files"] as string[]) shapeOf.set(file, String(row["shape"]));
}

/**
 * DuckDB reads a group as a VARIANT where the footer says that it is one, and as a struct where it does not, as in files of before Parquet
 * knew variants. `parquet_schema` does not tell which; the type that it reads a file's column as does.
 */
async function apartByVariants(session: SqlSession, shape: ParquetShape): Promise<readonly ParquetShape[]> {
  if (!shape.columns.some(holdsVariantGroup)) return [shape];
  const told = new Map<string, string>();
  for (const path of new Set(shape.paths)) {
    const rows = await session.rows(
      `DESCRIBE SELECT * FROM read_parquet(${pathsArgument([path])}, hive_partitioning = false)`,
    );
    // A name of a field may be called so, too; behind a type something else stands.
    const isOne = rows.map((row) => /\bVARIANT(?=[\],)[]|$)/.test(String(row["column_type"])));
    told.set(path, isOne.map(Number).join(""));
  }
  const apart = Map.groupBy(shape.paths, (path) => told.get(path)!);
  return [...apart].map(([isOne, paths]) => ({
    columns: shape.columns.map((column, i) => (isOne[i] === "1" ? withVariants(column) : column)),
    paths,
  }));
}

function isVariantGroup(column: FileColumn): boolean {
  if (column.kind !== "struct") return false;
  const names = column.fields.map(({ name }) => name);
  return names.includes("metadata") && (names.includes("value") || names.includes("typed_value"));
}

function holdsVariantGroup(column: FileColumn): boolean {
  return isVariantGroup(column) || insideOf(column).some(holdsVariantGroup);
}

function insideOf(column: FileColumn): readonly FileColumn[] {
  switch (column.kind) {
    case "leaf":
      return [];
    case "struct":
      return column.fields;
    case "list":
      return [column.element];
    case "map":
      return [column.key, column.value];
  }
}

/** The column, with every group that has a variant's parts marked as one. */
function withVariants(column: FileColumn): FileColumn {
  switch (column.kind) {
    case "leaf":
      return column;
    case "struct":
      return isVariantGroup(column)
        ? { ...column, isVariant: true }
        : { ...column, fields: column.fields.map(withVariants) };
    case "list":
      return { ...column, element: withVariants(column.element) };
    case "map":
      return { ...column, key: withVariants(column.key), value: withVariants(column.value) };
  }
}

/** `elements`: as the footer lists them, depth first, the root first. */
export function fileColumns(elements: readonly Element[]): FileColumn[] {
  let at = 1;
  const visit = (): FileColumn => {
    const element = elements[at++]!;
    const { n: name, c, r: repetition, d } = element;
    const id = element.i ?? undefined;
    const children = Array.from({ length: c ?? 0 }, visit);
    const column: FileColumn =
      children.length === 0
        ? { name, id, kind: "leaf", type: d ?? "" }
        : groupOf({ element, name, id, children });
    // Lists of the first days of Parquet: something repeated, which nothing says to be one.
    const isBare = repetition === "REPEATED" && column.kind === "leaf";
    return isBare ? { name, id, kind: "list", element: column } : column;
  };
  return Array.from({ length: elements[0]?.c ?? 0 }, visit);
}

function groupOf(group: {
  readonly element: Element;
  readonly name: string;
  readonly id: number | undefined;
  readonly children: readonly FileColumn[];
}): FileColumn {
  const { element, name, id, children } = group;
  const told = `${element.v ?? ""} ${element.l ?? ""}`;
  const first = children[0]!;
  if (/\bLIST\b|ListType/.test(told)) return { name, id, kind: "list", element: elementOf(name, first) };
  if (/\bMAP\b|MAP_KEY_VALUE|MapType/.test(told) && first.kind === "struct" && first.fields.length === 2)
    return { name, id, kind: "map", key: first.fields[0]!, value: first.fields[1]! };
  return { name, id, kind: "struct", fields: children, isVariant: /variant/i.test(told) };
}

/** With three levels the element stands in the repeated group; with two it is that group (Parquet format, "Backward-compatibility rules"). */
function elementOf(list: string, repeated: FileColumn): FileColumn {
  if (repeated.kind === "list") return repeated.element;
  if (repeated.kind !== "struct") return repeated;
  const isElement =
    repeated.fields.length > 1 || repeated.name === "array" || repeated.name === `${list}_tuple`;
  return isElement ? repeated : repeated.fields[0]!;
}
