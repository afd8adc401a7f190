/** Reads data files, counts their rows and measures their columns, many files in one statement. */
import { isLandfallError, type LandfallError } from "../../base/landfall-error.ts";
import type { ColumnsToRead } from "../../delta/files-to-read.ts";
import type { Engine, QueryTable } from "../../engine/engine.ts";
import { measureSql, parseMeasured, type Measured, type MeasuredColumn } from "../../engine/measure-sql.ts";

export interface FileToMeasure {
  /** Absolute and local. */
  readonly path: string;
  /** Rows that are left out; see `FileToRead`. Default: none. */
  readonly deleted?: Uint8Array;
}

export interface MeasureFilesOptions<T extends FileToMeasure> {
  readonly engine: Engine;
  readonly columns: ColumnsToRead;
  /** Columns to measure; none is a partition column. */
  readonly leaves: readonly MeasuredColumn[];
  readonly files: readonly T[];
  readonly signal?: AbortSignal | undefined;
}

export type MeasuredFile<T> =
  | { readonly file: T; readonly measured: Measured }
  /** It cannot be read. */
  | { readonly file: T; readonly error: LandfallError };

/** Expressions in one statement, and files in it. */
const EXPRESSIONS = 4000;
const FILES = 64;

/** Of which a damaged file may be the cause. */
const UNREADABLE = ["QUERY_INVALID", "TABLE_DATA_CORRUPT", "OBJECT_MISSING", "ENGINE_DIED"] as const;

/** Each file once. @throws the engine's errors that no file is the cause of */
export async function* measureFiles<T extends FileToMeasure>(
  options: MeasureFilesOptions<T>,
): AsyncGenerator<MeasuredFile<T>> {
  const { files, leaves, signal } = options;
  const atOnce = Math.max(1, Math.min(FILES, Math.floor(EXPRESSIONS / (leaves.length * 4 + 1))));
  for (let start = 0; start < files.length; start += atOnce) {
    signal?.throwIfAborted();
    for (const one of await measureGroup(options, files.slice(start, start + atOnce))) yield one;
  }
}

/** A damaged file spoils the statement for all of its group: then each is read alone. */
async function measureGroup<T extends FileToMeasure>(
  options: MeasureFilesOptions<T>,
  group: readonly T[],
): Promise<MeasuredFile<T>[]> {
  const { engine, columns, leaves, signal } = options;
  const { schema, partitionColumns, columnMapping } = columns;
  const fields = schema.fields.filter((field) => !partitionColumns.includes(field.name));
  const tables: QueryTable[] = group.map(({ path, deleted }, i) => ({
    name: `f${i}`,
    schema: { type: "struct", fields },
    partitionColumns: [],
    files: [{ path, partitionValues: {}, ...(deleted === undefined ? {} : { deleted }) }],
    columnMapping,
  }));
  const sql = measureSql(
    tables.map((table) => table.name),
    leaves,
  );
  try {
    const result = await engine.query({ sql, tables, limit: group.length }, signal ? { signal } : {});
    return result.rows.map((row) => {
      const { table, measured } = parseMeasured(row, leaves);
      return { file: group[table]!, measured };
    });
  } catch (error) {
    if (!isLandfallError(error) || !UNREADABLE.some((code) => isLandfallError(error, code))) throw error;
    if (group.length === 1) return [{ file: group[0]!, error }];
    const alone = [];
    for (const file of group) alone.push(...(await measureGroup(options, [file])));
    return alone;
  }
}
