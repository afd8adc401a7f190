/** Rows of JavaScript become one Parquet file in the scratch folder: read once, checked, and small in memory. */
import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { decodedColumns, schemaOfLines } from "../../engine/decoded-lines.ts";
import { nullColumns } from "../../engine/sql.ts";
import { storageError } from "../../storage/storage-error.ts";
import { rowLine } from "./row-line.ts";
import type { OpenRowsOptions, RowSource, RowToWrite } from "./row-source.ts";

/** Characters that are gathered before they are written. */
const AT_ONCE = 1024 ** 2;

/** @throws LandfallError ROW_MISFIT naming the row and the column; what the iterable throws; storage errors */
export async function spoolRows(
  rows: Iterable<RowToWrite> | AsyncIterable<RowToWrite>,
  { parts, schema, signal }: OpenRowsOptions,
): Promise<RowSource> {
  const folder = await mkdtemp(join(parts.parquet.scratchFolder, "rows-"));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const jsonPath = join(folder, "rows.json");
    const parquetPath = join(folder, "rows.parquet");
    const lines = schemaOfLines(schema);
    const count = await writeLines(rows, { path: jsonPath, line: rowLine(schema), signal });
    if (count > 0) await parts.engine.fromJsonLines({ jsonPath, parquetPath, columns: lines, signal });
    await rm(jsonPath, { force: true });
    const files = [{ path: parquetPath, partitionValues: {} }];
    return {
      schema,
      holdsNotNull: true,
      select: () =>
        count === 0
          ? { tables: {}, sql: `SELECT ${nullColumns(schema)} WHERE false` }
          : {
              tables: { source: { schema: lines, partitionColumns: [], files } },
              sql: `SELECT ${decodedColumns(schema)} FROM source`,
            },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function writeLines(
  rows: Iterable<RowToWrite> | AsyncIterable<RowToWrite>,
  options: {
    readonly path: string;
    readonly line: ReturnType<typeof rowLine>;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const { path, line, signal } = options;
  const file = await open(path, "w", 0o600);
  try {
    let gathered: string[] = [];
    let size = 0;
    let count = 0;
    for await (const row of rows) {
      const text = line(row, ++count);
      gathered.push(text);
      size += text.length;
      if (size < AT_ONCE) continue;
      signal.throwIfAborted();
      await append(file, gathered, path);
      gathered = [];
      size = 0;
    }
    await append(file, gathered, path);
    signal.throwIfAborted();
    return count;
  } finally {
    await file.close();
  }
}

async function append(file: FileHandle, lines: readonly string[], path: string): Promise<void> {
  if (lines.length === 0) return;
  try {
    await file.appendFile(`${lines.join("\n")}\n`);
  } catch (error) {
    throw storageError(error, "write", path);
  }
}
