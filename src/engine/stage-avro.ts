/**
 * Stages Avro by way of Parquet: the scan workers read each file into lines of JSON, DuckDB casts those to the file's own types,
 * and the Parquet that comes of it is staged like any: schemas unify, and what does not fit is rescued, by the same rules.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { LandfallError } from "../base/landfall-error.ts";
import { encodePathBytes } from "../base/path-bytes.ts";
import { nullableField, type DataType, type StructType } from "../schema/data-type.ts";
import { convertRanges } from "./convert-ranges.ts";
import type { StageRequest, StageResult, TypeHint } from "./engine.ts";
import type { FoundParquet, ParquetPart } from "./found-parquet.ts";
import { grouped } from "./group-files.ts";
import { isFilesFault } from "./parquet-footers.ts";
import { partFault } from "./parquet-schemas.ts";
import {
  ROW_NUMBER_KEY,
  type ConvertedFile,
  type ConvertedRows,
  type ConvertJob,
  type JobFile,
} from "./scan/scan-jobs.ts";
import { columnsArgument, duckdbType, pathsArgument, quoteName, quoteText } from "./sql.ts";
import { stageParquet } from "./stage-parquet.ts";
import { bytesProgress } from "./bytes-progress.ts";
import { MAX_PATHS, type StageContext } from "./stage-text.ts";
import { withinMemory } from "./within-memory.ts";
import { objectSize } from "./write-rows.ts";

export async function stageAvro(request: StageRequest, context: StageContext): Promise<StageResult> {
  const folder = join(request.scratchFolder, "avro");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { avroSchema } = request.formats.avro;
  const asked = await hintsOf(avroSchema, request);
  const limits = { ...request.limits, maxPaths: MAX_PATHS };
  // Only where somebody is told the number of a row: a sort of all rows is not for nothing.
  const numbered =
    context.rules.length > 0 || request.provenance.some(({ field }) => field === "record_number");
  const job = { avroSchema, numbered, spillFolder: folder, limits };
  const found: FoundParquet[] = [];
  for (const file of await convertAll(request.files, context, job))
    found[file.rank] = await asParquet(file, { folder, numbered, context });
  return stageParquet({ ...request, hints: [...asked, ...request.hints] }, context, found);
}

async function convertAll(
  files: StageRequest["files"],
  context: StageContext,
  job: Omit<ConvertJob, "kind" | "files">,
): Promise<ConvertedFile[]> {
  const converted: ConvertedFile[] = [];
  const rest: JobFile[] = [];
  for (const [rank, listed] of files.entries()) {
    const file = { rank, ...listed };
    const ranges = await convertRanges(file, context, job);
    if (ranges === undefined) rest.push(file);
    else converted.push(ranges);
  }
  const results = await context.pool.run(
    grouped(rest).map((group) => ({ kind: "convert", files: group, ...job })),
    { signal: context.signal, onBytes: bytesProgress(context, "scan", rest) },
  );
  return [...converted, ...results.flatMap((result) => result.files)];
}

/** The columns that a reader's schema asks for are the table's, like those that a hint names. @throws LandfallError SCHEMA_INVALID */
async function hintsOf(avroSchema: string | undefined, { limits }: StageRequest): Promise<TypeHint[]> {
  if (avroSchema === undefined) return [];
  // Few batches have a use for the library here.
  const { askedColumns } = await import("./scan/avro-reader.ts");
  const { fields } = askedColumns({ ...limits, asked: avroSchema });
  return fields.map(({ name, type }) => ({ path: [name], type }));
}

interface Making {
  readonly folder: string;
  readonly numbered: boolean;
  readonly context: StageContext;
}

async function asParquet(file: ConvertedFile, making: Making): Promise<FoundParquet> {
  const { rank, parts: converted, ...rest } = file;
  const parts: ParquetPart[] = [];
  for (const [i, rows] of converted.entries()) {
    const path = join(making.folder, `${rank}-${i}.parquet`);
    const fault = await makeParquet(rows, path, making);
    if (fault !== undefined) return { ...rest, damage: partFault(rows.member, fault), parts: [] };
    parts.push({
      ...(rows.member === undefined ? {} : { member: rows.member }),
      path: encodePathBytes(path),
    });
  }
  return { ...rest, parts };
}

/** Undefined, or why the values cannot be taken. */
async function makeParquet(
  rows: ConvertedRows,
  path: string,
  { numbered, context }: Making,
): Promise<string | undefined> {
  try {
    const { duckdb, signal } = context;
    const [row] = await withinMemory({
      duckdb,
      write: ({ rowGroupBytes }) =>
        duckdb.rows(
          `COPY (${selectRows(rows, numbered)}) TO ${quoteText(path)}
            (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE_BYTES ${rowGroupBytes})`,
          "read the rows of an Avro file",
          signal,
        ),
    });
    if (Number(row!["Count"]) !== rows.records) {
      throw new LandfallError("COUNTS_DO_NOT_CLOSE", {
        message: `The engine read ${String(row!["Count"])} rows of an Avro file that holds ${rows.records}.`,
        hint: "Nothing was committed. This is a fault of Landfall: please report it with the file.",
      });
    }
  } catch (error) {
    if (!isFilesFault(error)) throw error;
    return `Avro: its values cannot be taken: ${error.message}`;
  } finally {
    await Promise.all(rows.paths.map((lines) => rm(lines, { force: true })));
  }
  return undefined;
}

/** Bytes and times come as text: DuckDB's JSON reader takes them otherwise than its casts do. */
function selectRows({ columns, records, paths, longest }: ConvertedRows, numbered: boolean): string {
  const cast = columns.fields.map(
    ({ name, type }) =>
      `CAST(${records === 0 ? "NULL" : quoteName(name)} AS ${duckdbType(type)}) AS ${quoteName(name)}`,
  );
  if (records === 0) return `SELECT ${cast.join(", ")} WHERE false`;
  const read = asText(columns) as StructType;
  return `SELECT ${cast.join(", ")} FROM read_json(${pathsArgument(paths)}, format = 'newline_delimited', records = true,
    compression = 'uncompressed', hive_partitioning = false, maximum_object_size = ${objectSize(longest)},
    columns = ${columnsArgument({ ...read, fields: [...(numbered ? [ROW_NUMBER] : []), ...read.fields] })})
    ${numbered ? `ORDER BY ${quoteName(ROW_NUMBER_KEY)}` : ""}`;
}

const ROW_NUMBER = nullableField(ROW_NUMBER_KEY, "long");

const AS_TEXT: ReadonlySet<DataType> = new Set(["binary", "date", "timestamp", "timestamp_ntz"]);

function asText(type: DataType): DataType {
  if (typeof type === "string") return AS_TEXT.has(type) ? "string" : type;
  if (type.type === "array") return { ...type, elementType: asText(type.elementType) };
  if (type.type === "map") return { ...type, valueType: asText(type.valueType) };
  return { type: "struct", fields: type.fields.map((field) => ({ ...field, type: asText(field.type) })) };
}
