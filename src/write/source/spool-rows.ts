/** Rows of JavaScript become one Parquet file in the scratch folder: read once, checked, and small in memory. */
import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { decodedColumns, schemaOfLines } from "../../engine/decoded-lines.ts";
import { nullColumns } from "../../engine/sql.ts";
import type { StructField, StructType } from "../../schema/data-type.ts";
import { storageError } from "../../storage/storage-error.ts";
import { quoteName } from "../../engine/sql.ts";
import { leftOutNotes } from "./left-out.ts";
import { rowLine, type RowLine } from "./row-line.ts";
import type { OpenRowsOptions, RowSource, RowToWrite } from "./row-source.ts";

/** Characters that are gathered before they are written. */
const AT_ONCE = 1024 ** 2;

/** @throws LandfallError ROW_MISFIT naming the row and the column; what the iterable throws; storage errors */
export async function spoolRows(
  rows: Iterable<RowToWrite> | AsyncIterable<RowToWrite>,
  { parts, schema, filled, signal }: OpenRowsOptions,
): Promise<RowSource> {
  const folder = await mkdtemp(join(parts.parquet.scratchFolder, "rows-"));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const jsonPath = join(folder, "rows.json");
    const parquetPath = join(folder, "rows.parquet");
    const notes = leftOutNotes({ schema, filled });
    const flags = notes.fields.map(({ name }) => `, ${quoteName(name)}`).join("");
    const lines = withFields(schemaOfLines(schema), notes.fields);
    const textOf = rowLine(mayLack(schema, filled));
    const line: RowLine = (row, number) => {
      const text = textOf(row, number);
      const members = notes.noted(row as RowToWrite);
      return members === "" ? text : `${text.slice(0, -1)}${members}}`;
    };
    const count = await writeLines(rows, { path: jsonPath, line, signal });
    if (count > 0) await parts.engine.fromJsonLines({ jsonPath, parquetPath, columns: lines, signal });
    await rm(jsonPath, { force: true });
    const files = [{ path: parquetPath, partitionValues: {} }];
    return {
      schema,
      holdsNotNull: true,
      rows: count,
      leftOut: notes.found(),
      select: () =>
        count === 0
          ? { tables: {}, sql: `SELECT ${nullColumns(withFields(schema, notes.fields))} WHERE false` }
          : {
              tables: { source: { schema: lines, partitionColumns: [], files } },
              sql: `SELECT ${decodedColumns(schema)}${flags} FROM source`,
            },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function withFields(schema: StructType, more: readonly StructField[]): StructType {
  return { type: "struct", fields: [...schema.fields, ...more] };
}

/** What a row leaves out the table fills; a null that is given is looked for later, with the table's other rules. */
function mayLack({ fields }: StructType, filled: readonly string[]): StructType {
  const names = new Set(filled.map((name) => name.toLowerCase()));
  return {
    type: "struct",
    fields: fields.map((field) =>
      names.has(field.name.toLowerCase()) ? { ...field, nullable: true } : field,
    ),
  };
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
