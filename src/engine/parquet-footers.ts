/** What the footers of Parquet files say, many files a statement; a file that breaks the statement is found by halves. */
import { isLandfallError } from "../base/landfall-error.ts";
import type { Duckdb } from "./duckdb.ts";
import {
  isInstantInNanos,
  mayBeVariant,
  parquetColumns,
  type ParquetField,
  type ParquetType,
  type SchemaElement,
} from "./parquet-type.ts";
import { pathsArgument } from "./sql.ts";

export interface ParquetFooter {
  readonly path: string;
  readonly rows: number;
  readonly columns: readonly ParquetField[];
  /** How many columns, nested ones counted, hold instants in nanoseconds. */
  readonly instantsInNanos: number;
  /** Equal for files of the same schema: they can be read together. */
  readonly shape: string;
}

/** A file whose footer cannot be used, with the reason. */
export interface FooterFault {
  readonly path: string;
  readonly damage: string;
}

export interface FooterOptions {
  readonly duckdb: Duckdb;
  /** Links of Landfall's making. */
  readonly paths: readonly string[];
  readonly maxColumns: number;
  readonly maxDepth: number;
  readonly signal: AbortSignal | undefined;
}

const FILES_A_STATEMENT = 256;

export async function readFooters(options: FooterOptions): Promise<(ParquetFooter | FooterFault)[]> {
  const shapes = new Map<string, readonly ParquetField[] | string>();
  const answers: (ParquetFooter | FooterFault)[] = [];
  for (let at = 0; at < options.paths.length; at += FILES_A_STATEMENT) {
    const piece = options.paths.slice(at, at + FILES_A_STATEMENT);
    answers.push(...(await readPiece(options, piece, shapes)));
  }
  return answers;
}

async function readPiece(
  options: FooterOptions,
  paths: readonly string[],
  shapes: Map<string, readonly ParquetField[] | string>,
): Promise<(ParquetFooter | FooterFault)[]> {
  try {
    return await readTogether(options, paths, shapes);
  } catch (error) {
    if (!isFilesFault(error)) throw error;
    if (paths.length === 1)
      return [{ path: paths[0]!, damage: parquetFault("the footer cannot be read", error) }];
    const half = Math.ceil(paths.length / 2);
    const first = await readPiece(options, paths.slice(0, half), shapes);
    return [...first, ...(await readPiece(options, paths.slice(half), shapes))];
  }
}

/** True for failures that a file may be the cause of: not an abort, a full disk or a memory limit. */
export function isFilesFault(error: unknown): error is Error {
  return isLandfallError(error, "ENGINE_FAILED");
}

/** A quarantine reason with the engine's words, without the name of our link. */
export function parquetFault(what: string, error: Error): string {
  const words = error.message
    .replace(/^.*?: /, "")
    .replace(/^(?:\w+ ){1,4}?Error: /, "")
    .replaceAll(/['"]?\/[^\s'"]*\/link-\d+\.parquet['"]?/g, "the file")
    .replace(/^Failed to read Parquet file the file: /, "");
  return words.startsWith("Need at least one non-root column")
    ? "Parquet: the file has no columns"
    : `Parquet: ${what}: ${words}`;
}

type SchemaRow = SchemaElement & { readonly file_name: string };

async function readTogether(
  options: FooterOptions,
  paths: readonly string[],
  shapes: Map<string, readonly ParquetField[] | string>,
): Promise<(ParquetFooter | FooterFault)[]> {
  const { duckdb, signal } = options;
  const list = pathsArgument(paths);
  const files = await duckdb.rows(
    `SELECT file_name, num_rows, encryption_algorithm FROM parquet_file_metadata(${list})`,
    "read Parquet footers",
    signal,
  );
  const elements = (await duckdb.rows(
    `SELECT file_name, name, type, num_children, converted_type, logical_type, duckdb_type FROM parquet_schema(${list})`,
    "read Parquet schemas",
    signal,
  )) as unknown as SchemaRow[];
  const schemas = Map.groupBy(elements, (element) => element.file_name);
  const facts = new Map(files.map((file) => [String(file["file_name"]), file]));
  const answers: (ParquetFooter | FooterFault)[] = [];
  for (const path of paths) {
    const fact = facts.get(path)!;
    if (fact["encryption_algorithm"] !== null) {
      answers.push({ path, damage: "Parquet: the file is encrypted" });
      continue;
    }
    const schema = schemas.get(path) ?? [];
    const shape = JSON.stringify(schema, (key, value: unknown) => (key === "file_name" ? undefined : value));
    const read = mayBeVariant(schema) ? `${shape}${path}` : shape;
    const columns = shapes.get(read) ?? (await columnsOf(options, path, schema));
    shapes.set(read, columns);
    if (typeof columns === "string") answers.push({ path, damage: columns });
    else {
      const instantsInNanos = schema.filter(isInstantInNanos).length;
      answers.push({ path, rows: Number(fact["num_rows"]), columns, instantsInNanos, shape });
    }
  }
  return answers;
}

async function columnsOf(
  options: FooterOptions,
  path: string,
  schema: readonly SchemaElement[],
): Promise<readonly ParquetField[] | string> {
  const { duckdb, maxColumns, maxDepth, signal } = options;
  const count = Number(schema[0]?.num_children ?? 0);
  if (count > maxColumns) return `Parquet: the file has ${count} columns, more than maxColumns`;
  const read = await duckdb.columns(
    `SELECT * FROM read_parquet(${pathsArgument([path])}, hive_partitioning = false)`,
    "read a Parquet file's columns",
    signal,
  );
  const columns = parquetColumns(schema, read);
  if ("untaken" in columns) return `Parquet: ${columns.untaken}`;
  const deepest = columns.find(({ type }) => levelsOf(type) >= maxDepth);
  return deepest === undefined
    ? columns
    : `Parquet: its column ${deepest.name} is nested deeper than maxDepth`;
}

/** Levels of structs, arrays and maps; 0 for a plain type. */
function levelsOf(type: ParquetType): number {
  if (type.kind === "array") return 1 + levelsOf(type.element);
  if (type.kind === "map") return 1 + levelsOf(type.value);
  return type.kind === "struct" ? 1 + Math.max(0, ...type.fields.map((field) => levelsOf(field.type))) : 0;
}
