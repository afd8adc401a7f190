/**
 * Parquet files that are what the table's data files would be become data files by a copy of their bytes. The scan workers copy while they
 * read and count the checksum, so that all that is judged, told and committed of such a file is the copy; what turns out not to be one is
 * written anew from it, like any other.
 */
import { mkdir, rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { decodePathBytes } from "../base/path-bytes.ts";
import type { DataType, StructField, StructType } from "../schema/data-type.ts";
import { addsColumns } from "../schema/evolution-mode.ts";
import { sourceNameOf } from "../schema/source-name.ts";
import { dataFileLayout, type DataFileLayout } from "./data-file-layout.ts";
import type { ColumnStatistics, StageRequest, WrittenFile } from "./engine.ts";
import { measureRowGroups, type MeasuredRowGroups } from "./measure-row-groups.ts";
import { ownColumns } from "./own-columns.ts";
import { isFilesFault } from "./parquet-footers.ts";
import type { Misfits } from "./parquet-misfits.ts";
import { byShape, type IncomingParquet } from "./parquet-schemas.ts";
import { hidesRowNumbers } from "./parquet-select.ts";
import type { StageContext } from "./stage-text.ts";
import { MAX_FILE_BYTES } from "./write-parquet.ts";

/** Smaller files are put together: a table of many small ones is slow to read. A quarter of what a data file is to have. */
const COPY_FROM_BYTES = 32 * 1024 ** 2;

/** A wider table is left to the writer: each leaf is five expressions. */
const MAX_LEAVES = 1000;

/** Files that are measured in one statement, so that a file of one row group does not keep all other threads waiting. */
const MEASURED_AT_ONCE = 8;

/** Places in the request of the files that are to be copied while they are looked at. */
export async function filesToCopy(
  request: StageRequest,
  context: StageContext,
): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  if (!takesCopies(request, context)) return found;
  const { duckdb, signal } = context;
  const folder = join(request.scratchFolder, "looks");
  for (const [rank, { path, copy, size }] of request.files.entries()) {
    if (copy !== undefined || size < (request.copyFromBytes ?? COPY_FROM_BYTES) || size > MAX_FILE_BYTES)
      continue;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const link = join(folder, `link-${rank}.parquet`);
    await symlink(decodePathBytes(path), link);
    try {
      const layout = await dataFileLayout({ duckdb, path: link, signal });
      if (layout !== undefined && mayFit(layout, request)) found.add(rank);
    } catch (error) {
      // What is wrong with it is found, and told, where all files are read.
      if (!isFilesFault(error)) throw error;
    }
  }
  return found;
}

/** False where a row gets something that does not stand in its file, or may be kept out of the table. */
function takesCopies(request: StageRequest, { rules }: StageContext): boolean {
  if (request.partitionBy.length > 0 || rules.length > 0 || request.transform !== undefined) return false;
  return ownColumns(request).every(({ filledWith }) => filledWith.kind === "rescued");
}

/** As far as can be told before all files of the batch are known: columns that the table lacks may come to it. */
function mayFit(layout: DataFileLayout, { tableSchema, columns, evolutionMode }: StageRequest): boolean {
  if (tableSchema === undefined) return layout.leaves.length <= MAX_LEAVES;
  const grows = columns === undefined && addsColumns(evolutionMode);
  const known = new Set(tableSchema.fields.map(({ name }) => name.toLowerCase()));
  const fields = layout.schema.fields.filter(({ name }) => !grows || known.has(name.toLowerCase()));
  return fitsTable({ ...layout, schema: { type: "struct", fields } }, tableSchema);
}

/** True where the table has each column of the file, of that name and type. */
function fitsTable({ schema, leaves }: DataFileLayout, table: StructType): boolean {
  const columns = new Map(table.fields.map((column) => [column.name, column]));
  return (
    leaves.length <= MAX_LEAVES && schema.fields.every((field) => sameField(columns.get(field.name), field))
  );
}

function sameField(column: StructField | undefined, { name, type }: StructField): boolean {
  // The key of the data that a renamed column holds is another than its name, and a key of that name is no column's.
  return (
    column !== undefined &&
    column.name === name &&
    sourceNameOf(column) === name &&
    sameType(column.type, type)
  );
}

function sameType(table: DataType, file: DataType): boolean {
  if (typeof table === "string" || typeof file === "string") return table === file;
  if (table.type === "struct" && file.type === "struct")
    return (
      table.fields.length === file.fields.length &&
      table.fields.every((field, i) => sameField(field, file.fields[i]!))
    );
  if (table.type === "array" && file.type === "array") return sameType(table.elementType, file.elementType);
  if (table.type === "map" && file.type === "map")
    return sameType(table.keyType, file.keyType) && sameType(table.valueType, file.valueType);
  return false;
}

export interface CopiedFiles {
  /** Where they were copied to. */
  readonly dataFiles: readonly WrittenFile[];
  /** What is to be written anew. */
  readonly rest: readonly IncomingParquet[];
}

/**
 * Which of the copies become data files, read whole for it.
 *
 * @throws LandfallError ENGINE_FAILED where one cannot be read to its end
 */
export async function judgeCopies(options: {
  readonly context: StageContext;
  readonly incoming: readonly IncomingParquet[];
  readonly schema: StructType;
  readonly misfits: Misfits;
}): Promise<CopiedFiles> {
  const { context, incoming, schema, misfits } = options;
  const { duckdb, signal } = context;
  const dataFiles: WrittenFile[] = [];
  const taken = new Set<IncomingParquet>();
  const copies = incoming.filter(
    ({ copy, footer }) =>
      copy !== undefined &&
      footer.rows > 0 &&
      !misfits.rows.has(footer.path) &&
      !hidesRowNumbers(footer.columns),
  );
  for (const group of byShape(copies).flatMap(inPieces)) {
    const files = [];
    for (const one of group) {
      // Once more, of the copy: the file may have been another one when it was looked at.
      const layout = await dataFileLayout({ duckdb, path: one.footer.path, signal });
      if (layout !== undefined && fitsTable(layout, schema))
        files.push({ one, path: one.footer.path, layout });
    }
    if (files.length === 0) continue;
    const measured = await measureRowGroups({ duckdb, files, signal });
    for (const { one, path, layout } of files) {
      const found = measured.get(path);
      if (found === undefined || !isTrue(found, layout)) continue;
      taken.add(one);
      dataFiles.push({
        path: one.copy!.path,
        codec: layout.codec,
        rows: found.rows,
        bytes: one.copy!.bytes,
        partition: {},
        statistics: [...found.columns, ...absentColumns(schema, layout.schema, found.rows)],
      });
    }
  }
  return { dataFiles, rest: incoming.filter((one) => !taken.has(one)) };
}

function inPieces(group: readonly IncomingParquet[]): IncomingParquet[][] {
  const pieces: IncomingParquet[][] = [];
  for (let at = 0; at < group.length; at += MEASURED_AT_ONCE)
    pieces.push(group.slice(at, at + MEASURED_AT_ONCE));
  return pieces;
}

/** The footer says nothing that is not so, and every day and instant is one that Delta holds, which a false footer may have hidden before. */
function isTrue(
  { isSound, rows, columns }: MeasuredRowGroups,
  { rowGroups, leaves }: DataFileLayout,
): boolean {
  if (!isSound || rows !== rowGroups.reduce((sum, count) => sum + count, 0)) return false;
  return columns.every(({ min, max }, i) => {
    if (!TEMPORAL.has(leaves[i]!.type)) return true;
    return [min, max].every((bound) => bound === undefined || WITHIN_YEARS.test(bound));
  });
}

const TEMPORAL: ReadonlySet<DataType> = new Set(["date", "timestamp", "timestamp_ntz"]);
/** Years 1 to 9999 as DuckDB prints them: others have more digits, "(BC)", or are infinite. */
const WITHIN_YEARS = /^[0-9]{4}-[^(]*$/;

/** Columns of the table that a file lacks are null in all its rows. */
function absentColumns(table: StructType, file: StructType, rows: number): ColumnStatistics[] {
  const there = new Set(file.fields.map(({ name }) => name));
  const leavesOf = (type: DataType, path: readonly string[]): ColumnStatistics[] => {
    if (typeof type === "string") return [{ path, nullCount: rows }];
    return type.type === "struct"
      ? type.fields.flatMap((field) => leavesOf(field.type, [...path, field.name]))
      : [];
  };
  return table.fields
    .filter(({ name }) => !there.has(name))
    .flatMap(({ name, type }) => leavesOf(type, [name]));
}

/** Puts copies where written files lie. */
export async function adoptCopies(
  copies: readonly WrittenFile[],
  scratchFolder: string,
): Promise<WrittenFile[]> {
  const folder = join(scratchFolder, "data");
  await mkdir(folder, { recursive: true });
  return Promise.all(
    copies.map(async (file, i) => {
      const path = join(folder, `copied_${i}.parquet`);
      await rename(file.path, path);
      return { ...file, path };
    }),
  );
}
