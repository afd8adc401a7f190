/**
 * Stages newline-delimited JSON and CSV: scan everything (inference, proof, counts), decide the schema, bring what the engine
 * cannot take as it is into shape (CSV always: it becomes lines of JSON), then one typed read into Parquet. Nothing reaches
 * DuckDB that the scanner has not passed: DuckDB rounds, drops and re-renders in silence (reference: engine facts, §4 and §6).
 */
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { decodePathBytes } from "../base/path-bytes.ts";
import { LandfallError } from "../base/landfall-error.ts";
import { stopwatch } from "../base/stopwatch.ts";
import type { DataType, StructType } from "../schema/data-type.ts";
import { compileTarget, type TargetNode } from "../schema/fit.ts";
import { EMPTY_TRIE, mergeTries, type TrieNode } from "../schema/lattice.ts";
import { decideSchema, type SchemaWishes } from "../schema/decide-schema.ts";
import type { Duckdb } from "./duckdb.ts";
import type {
  EngineMilliseconds,
  StagedFile,
  StageProgress,
  StageRequest,
  StageResult,
  TypeHint,
  WrittenFile,
} from "./engine.ts";
import { grouped } from "./group-files.ts";
import { routeFiles, SMALL_FILE_BYTES, type Routes, type ScannedBatch } from "./route-files.ts";
import { projectColumns, readSchemaOf } from "./project.ts";
import type { JobLimits, PrepareFile, PreparedFile, ScannedFile, TextFormat } from "./scan/scan-jobs.ts";
import { TEXT_KEY } from "./scan/text-lines.ts";
import type { ScanPool } from "./scan/scan-pool.ts";
import { unifyXmlShapes } from "./scan/xml-shapes.ts";
import { columnsArgument, pathsArgument, quoteText } from "./sql.ts";
import { writeParquet } from "./write-parquet.ts";

export const MAX_PATHS = 10_000;

export interface StageContext {
  readonly duckdb: Duckdb;
  readonly pool: ScanPool;
  readonly signal: AbortSignal | undefined;
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
}

/** A request for files that the scanner reads. */
export type TextRequest = StageRequest & { readonly format: TextFormat };

export async function stageText(request: TextRequest, context: StageContext): Promise<StageResult> {
  const inputs = join(request.scratchFolder, "inputs");
  await mkdir(inputs, { recursive: true, mode: 0o700 });
  const limits: JobLimits = { ...request.limits, maxPaths: MAX_PATHS };
  const watch = stopwatch<keyof EngineMilliseconds>();
  const scanned = await scanAll(request, context, { inputs, limits });
  watch.lap("scan");
  const { schema, notes } = decideSchema(shapeOf(request, scanned.trie));
  checkColumns(schema, request.limits.maxColumns);
  const target = compileTarget({ schema: readSchemaOf(schema), notFromData: [request.rescuedDataColumn] });
  const routes = routeFiles({ scanned, target, format: request.format });
  const prepared = await prepareAll(routes.toPrepare, context, { request, target, inputs, limits });
  const paths = [...(await linkAll(routes.asTheyAre, inputs)), ...routes.gathered, ...prepared.outputs];
  watch.lap("prepare");
  const longest = scanned.files.reduce((most, file) => Math.max(most, file.longest), prepared.longest);
  const dataFiles = await writeRows(request, context, { paths, schema, longest });
  const rejects = await writeRejects(request, context, prepared.rejects);
  watch.lap("write");
  return {
    schema,
    files: request.files.map((file, rank) =>
      stagedFile(file.key, scanned.files[rank]!, prepared.files.get(rank)),
    ),
    dataFiles,
    ...(rejects === undefined ? {} : { rejects }),
    notes,
    milliseconds: watch.laps,
  };
}

/** What the schema is decided from. */
function shapeOf(request: TextRequest, trie: TrieNode): SchemaWishes & { readonly trie: TrieNode } {
  if (request.format === "xml")
    return { ...request, trie: unifyXmlShapes({ trie, valueTag: request.formats.xml.valueTag }) };
  // A text is one, whatever it looks like.
  if (request.format === "text") return { ...request, trie, hints: [TEXT_COLUMN, ...request.hints] };
  return { ...request, trie };
}

const TEXT_COLUMN: TypeHint = { path: [TEXT_KEY], type: "string" };

/** @throws LandfallError LIMIT_EXCEEDED: a table of very many columns is nearly always keys that should have been values */
export function checkColumns(schema: StructType, maxColumns: number): void {
  const count = leafCount(schema);
  if (count <= maxColumns) return;
  throw new LandfallError("LIMIT_EXCEEDED", {
    message: `The table would have ${count} columns, nested ones counted; the limit is ${maxColumns}.`,
    hint: "If keys of the data are values (ids, dates), give schema.columns; else raise limits.maxColumns.",
  });
}

function leafCount(type: DataType): number {
  if (typeof type === "string") return 1;
  if (type.type === "array") return leafCount(type.elementType);
  if (type.type === "map") return leafCount(type.keyType) + leafCount(type.valueType);
  return type.fields.reduce((total, field) => total + leafCount(field.type), 0);
}

interface Places {
  readonly inputs: string;
  readonly limits: JobLimits;
}

async function scanAll(request: TextRequest, context: StageContext, places: Places): Promise<ScannedBatch> {
  const groups = grouped(
    request.files.map((file, rank) => ({ rank, key: file.key, path: file.path, size: file.size })),
  );
  const results = await context.pool.run(
    groups.map((files) => ({
      kind: "scan",
      format: request.format,
      formats: request.formats,
      files,
      spillFolder: places.inputs,
      gatherBelow: SMALL_FILE_BYTES,
      limits: places.limits,
    })),
    { signal: context.signal, onBytes: bytesProgress(context, "scan", groups.flat()) },
  );
  const files: ScannedFile[] = [];
  let trie = EMPTY_TRIE;
  for (const result of results) {
    for (const file of result.files) files[file.rank] = file;
    trie = mergeTries(trie, result.trie);
  }
  return { files, trie, jobs: groups.map((group, i) => ({ files: group, result: results[i]! })) };
}

/** Counts bytes up to those of all files. Nothing where nobody asked. */
export function bytesProgress(
  context: StageContext,
  phase: "scan" | "prepare",
  files: readonly { readonly size: number }[],
): ((bytes: number) => void) | undefined {
  const { onProgress } = context;
  if (onProgress === undefined) return undefined;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let done = 0;
  return (bytes) => {
    done = Math.min(total, done + bytes);
    onProgress({ phase, done, total });
  };
}

interface Prepared {
  readonly files: ReadonlyMap<number, PreparedFile>;
  readonly outputs: readonly string[];
  readonly rejects: readonly string[];
  readonly longest: number;
}

async function prepareAll(
  files: readonly PrepareFile[],
  context: StageContext,
  options: Places & { readonly request: TextRequest; readonly target: TargetNode },
): Promise<Prepared> {
  const results = await context.pool.run(
    grouped(files).map((group, i) => ({
      kind: "prepare",
      format: options.request.format,
      formats: options.request.formats,
      files: group,
      target: options.target,
      rescuedColumn: options.request.rescuedDataColumn,
      outPrefix: join(options.inputs, `prepared-${i}`),
      limits: options.limits,
    })),
    { signal: context.signal, onBytes: bytesProgress(context, "prepare", files) },
  );
  return {
    files: new Map(results.flatMap((result) => result.files.map((file) => [file.rank, file] as const))),
    outputs: results.flatMap((result) => result.outputs),
    rejects: results.flatMap((result) => (result.rejects === undefined ? [] : [result.rejects])),
    longest: results.reduce((most, result) => Math.max(most, result.longest), 0),
  };
}

/** DuckDB sees a link of our making: it globs names, and cannot be given one that is not UTF-8. */
async function linkAll(files: Routes["asTheyAre"], inputs: string): Promise<string[]> {
  const links: string[] = [];
  for (const { rank, path } of files) {
    if (path.startsWith(`${inputs}/`)) {
      links.push(path);
      continue;
    }
    const link = join(inputs, `link-${rank}.ndjson`);
    await symlink(decodePathBytes(path), link);
    links.push(link);
  }
  return links;
}

async function writeRows(
  request: StageRequest,
  context: StageContext,
  options: { readonly paths: readonly string[]; readonly schema: StructType; readonly longest: number },
): Promise<WrittenFile[]> {
  if (options.paths.length === 0) return [];
  const { schema } = options;
  const read = readSchemaOf(schema, request.timeZone);
  const select = `SELECT ${projectColumns({ schema, timeZone: request.timeZone })} FROM read_json(${pathsArgument(options.paths)},
    format = 'newline_delimited', records = true, compression = 'uncompressed', hive_partitioning = false,
    maximum_object_size = ${objectSize(options.longest)}, columns = ${columnsArgument(read)})`;
  return writeParquet({
    duckdb: context.duckdb,
    select,
    schema,
    partitionBy: request.partitionBy,
    folder: request.scratchFolder,
    maxPartitions: request.limits.maxPartitions,
    signal: context.signal,
    onProgress: context.onProgress,
  });
}

/** DuckDB takes twice this for each thread's buffer, so it is far below its default of 16 MiB unless a record is that long. */
export function objectSize(longest: number): number {
  return Math.max(4 * 1024 ** 2, longest + 1024);
}

const REJECT_COLUMNS =
  "{file: 'VARCHAR', record: 'BIGINT', byte_offset: 'BIGINT', length: 'BIGINT', reason: 'VARCHAR', content: 'VARCHAR'}";

async function writeRejects(
  request: StageRequest,
  context: StageContext,
  paths: readonly string[],
): Promise<WrittenFile | undefined> {
  if (paths.length === 0) return undefined;
  const path = join(request.scratchFolder, "rejects.parquet");
  const [row] = await context.duckdb.rows(
    `COPY (SELECT file, record, byte_offset, length, reason, from_base64(content) AS content
      FROM read_json(${pathsArgument(paths)}, format = 'newline_delimited', records = true, compression = 'uncompressed',
        maximum_object_size = 16777216, columns = ${REJECT_COLUMNS}) ORDER BY file, record)
      TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, RETURN_STATS)`,
    "write the rejected records",
    context.signal,
  );
  return {
    path,
    rows: Number(row!["count"]),
    bytes: Number(row!["file_size_bytes"]),
    partition: {},
    statistics: [],
  };
}

function stagedFile(key: string, scanned: ScannedFile, prepared: PreparedFile | undefined): StagedFile {
  const { bytes, crc32 } = scanned;
  if (scanned.damage !== undefined) {
    const nothing = { read: 0, written: 0, rescued: 0, rejected: 0 };
    return { key, outcome: "quarantined", reason: scanned.damage, bytes, crc32, ...nothing };
  }
  const { records } = scanned;
  const counts = prepared ?? { written: records, rescued: 0, rejected: 0 };
  const { written, rescued, rejected } = counts;
  return { key, outcome: "committed", bytes, crc32, read: records, written, rescued, rejected };
}
