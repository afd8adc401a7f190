/**
 * Stages with a transform, in three steps: the files' rows as ever, but into Parquet of the scratch folder, under the columns of `batch`;
 * the transform over these, its result written once; and the result into the table like one Parquet file.
 */
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { LandfallError } from "../../base/landfall-error.ts";
import { encodePathBytes } from "../../base/path-bytes.ts";
import { stopwatch } from "../../base/stopwatch.ts";
import { nullableField, type StructType } from "../../schema/data-type.ts";
import { widensTypes } from "../../schema/evolution-mode.ts";
import type { StageRequest, StageResult, WidenedColumn, WrittenFile } from "../engine.ts";
import { stageParquet } from "../stage-parquet.ts";
import { isUnbound, type Applied } from "./apply-select.ts";
import { applyToRows } from "./apply-to-rows.ts";
import { batchSelect } from "./batch-select.ts";
import { checkResultFits, checkResultNames } from "./check-result.ts";
import { joinRejects } from "./join-rejects.ts";
import { isRowsFault } from "./readable-error.ts";
import { stageBatchRows } from "./stage-batch-rows.ts";
import { transformFailed } from "./transform-failed.ts";
import type { TransformContext, TransformRequest } from "./transform-request.ts";

/** @throws LandfallError TRANSFORM_INVALID, TRANSFORM_FAILED */
export async function stageTransformed(
  request: TransformRequest,
  context: TransformContext,
): Promise<StageResult> {
  const batch = await stageBatchRows(request, context, { scratchFolder: request.scratchFolder });
  const watch = stopwatch<"write">();
  const rowsIn = checkedRowsIn(batch);
  const applied = await applyToBatch(request, context, { batch, rowsIn });
  if (applied === "unbound") return nothingTransformed(request, batch);
  checkResultNames(request, applied.columns);
  const table = await stageResult(request, context, applied);
  checkResultFits(request, applied, table);
  const rowsOut = applied.rowsOut;
  const rejects = await joinRejects({ request, context, batch: batch.rejects, table: table.rejects });
  const { milliseconds } = batch;
  const write = (milliseconds?.write ?? 0) + watch.lap("write");
  return {
    schema: table.schema,
    files: batch.files,
    ...(batch.added === undefined ? {} : { added: batch.added }),
    ...(table.widened === undefined ? {} : { widened: table.widened.map(withoutFile) }),
    ...(batch.ignored === undefined ? {} : { ignored: batch.ignored }),
    dataFiles: table.dataFiles,
    ...(rejects === undefined ? {} : { rejects }),
    // Each counted where it happened: that they close is for the caller to see.
    transformed: { batchSchema: batch.schema, rowsIn, rowsOut, rejected: table.files[0]!.rejected },
    notes: [...batch.notes, ...table.notes],
    ...(milliseconds === undefined ? {} : { milliseconds: { ...milliseconds, write } }),
  };
}

function checkedRowsIn({ files, dataFiles }: StageResult): number {
  const written = files.reduce((sum, file) => sum + file.written, 0);
  const rows = rowsOf(dataFiles);
  if (written === rows) return rows;
  throw new LandfallError("COUNTS_DO_NOT_CLOSE", {
    message: `${written} rows of ${files.length} files should have gone into the transform, which would have got ${rows}.`,
    hint: "Nothing was committed. This is a fault of Landfall: please report it with the files.",
  });
}

interface ResultFile extends Applied {
  readonly path: string;
}

/** "unbound": no row came in, and the transform asks for columns that nothing knows yet. */
async function applyToBatch(
  request: TransformRequest,
  context: TransformContext,
  { batch, rowsIn }: { readonly batch: StageResult; readonly rowsIn: number },
): Promise<ResultFile | "unbound"> {
  const { duckdb, signal } = context;
  const { transform } = request;
  const folder = join(request.scratchFolder, "transform");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "result.parquet");
  try {
    const select = batchSelect(batch.schema, batch.dataFiles);
    const applied = await applyToRows({
      duckdb,
      transform,
      select,
      schema: batch.schema,
      folder,
      parquetPath: path,
      signal,
    });
    await removeAll(batch.dataFiles);
    return { ...applied, path };
  } catch (error) {
    if (rowsIn === 0 && isUnbound(error) && knownColumns(request) !== undefined) return "unbound";
    if (!isRowsFault(error)) throw error;
    throw await transformFailed(request, context, { batch, error });
  }
}

/**
 * What a table has of which nothing is known but that files were there: its own columns, or the rescued-data column, as without a transform
 * (docs/adr/0005). The batch must come to its end, or files without rows would bar the way to those behind them.
 */
function knownColumns({
  tableSchema,
  rescuedDataColumn,
  partitionBy,
}: TransformRequest): StructType | undefined {
  if (tableSchema !== undefined) return tableSchema;
  if (rescuedDataColumn === undefined || partitionBy.length > 0) return undefined;
  return { type: "struct", fields: [nullableField(rescuedDataColumn, "string")] };
}

function nothingTransformed(request: TransformRequest, batch: StageResult): StageResult {
  return {
    ...batch,
    schema: knownColumns(request)!,
    dataFiles: [],
    transformed: { batchSchema: batch.schema, rowsIn: 0, rowsOut: 0, rejected: 0 },
  };
}

/** The result goes in as it is: its columns are the table's or new ones, SQL's names know no case, and there is nothing to rescue. */
async function stageResult(
  request: TransformRequest,
  context: TransformContext,
  { path }: ResultFile,
): Promise<StageResult> {
  const { columns: _columns, transform, batchSchema: _batch, ...rest } = request;
  const scratchFolder = join(request.scratchFolder, "table");
  await mkdir(scratchFolder, { recursive: true, mode: 0o700 });
  const { size } = await stat(path);
  const asked: StageRequest = {
    ...rest,
    format: "parquet",
    files: [{ key: encodePathBytes(transform.name), path: encodePathBytes(path), size }],
    hints: [],
    evolutionMode: widensTypes(rest.evolutionMode) ? rest.evolutionMode : "addNewColumns",
    readerCaseSensitive: false,
    rescuedDataColumn: undefined,
    provenance: [],
    partitionColumns: [],
    scratchFolder,
  };
  // Of our own making: nobody asks for its checksum.
  const found = { bytes: size, crc32: 0, parts: [{ path: encodePathBytes(path) }] };
  const result = await stageParquet(asked, context, [found]);
  await rm(path, { force: true });
  return result;
}

/** What is done with need not lie on the disk beside what is made of it. */
async function removeAll(files: readonly WrittenFile[]): Promise<void> {
  for (const { path } of files) await rm(path, { force: true });
}

/** What the transform gives has no file. */
function withoutFile({ path, from, to }: WidenedColumn): WidenedColumn {
  return { path, from, to };
}

function rowsOf(files: readonly WrittenFile[]): number {
  return files.reduce((sum, file) => sum + file.rows, 0);
}
