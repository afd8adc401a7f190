/**
 * Stages newline-delimited JSON and CSV: scan everything (inference, proof, counts), decide the schema, bring what the engine
 * cannot take as it is into shape (lines of JSON), then one typed read into Parquet. Nothing reaches
 * DuckDB that the scanner has not passed: DuckDB rounds, drops and re-renders in silence (reference: engine facts, §4 and §6).
 */
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { decodePathBytes } from "../base/path-bytes.ts";
import { stopwatch } from "../base/stopwatch.ts";
import { nullableField, type StructType } from "../schema/data-type.ts";
import { compileTarget, type TargetNode } from "../schema/fit.ts";
import { EMPTY_TRIE, mergeTries, type TrieNode } from "../schema/lattice.ts";
import { decideSchema, type SchemaWishes } from "../schema/decide-schema.ts";
import { trieAt, type KeyPath } from "../schema/key-path.ts";
import { computeColumns, withoutComputed } from "./compute-columns.ts";
import { checkSchema, keysInFiles } from "./check-schema.ts";
import type { Duckdb } from "./duckdb.ts";
import type {
  EngineMilliseconds,
  StagedFile,
  StageFile,
  StageProgress,
  StageRequest,
  StageResult,
  TypeHint,
  WrittenFile,
} from "./engine.ts";
import { fileFacts, markNames } from "./file-facts.ts";
import { grouped } from "./group-files.ts";
import { needsMarks, ownColumns, pathFault, type OwnColumn } from "./own-columns.ts";
import { plainCsvSelect, type PlainCsvGroup } from "./plain-csv.ts";
import { partName, routeFiles, SMALL_FILE_BYTES, type Routes, type ScannedBatch } from "./route-files.ts";
import { projectColumns, readSchemaOf } from "./project.ts";
import type {
  JobLimits,
  PrepareFile,
  PreparedFile,
  RecordMark,
  ScannedFile,
  TextFormat,
} from "./scan/scan-jobs.ts";
import { TEXT_KEY } from "./scan/text-lines.ts";
import type { ScanPool } from "./scan/scan-pool.ts";
import { unifyXmlShapes } from "./scan/xml-shapes.ts";
import { columnsArgument, pathsArgument, quoteName, quoteText } from "./sql.ts";
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
  // Ranks follow the keys: neither columns nor their types may depend on the order in which files are listed.
  const files = request.files.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const own = ownColumns(request);
  const faults = pathFaults(files, own, request.readerCaseSensitive);
  const sound = files.filter((file) => !faults.has(file));
  const result = await stageRanked({ ...request, files: sound }, own, context);
  const staged = await setAside(faults, context);
  for (const [rank, file] of sound.entries()) staged.set(file, result.files[rank]!);
  return { ...result, files: request.files.map((file) => staged.get(file)!) };
}

async function stageRanked(
  request: TextRequest,
  own: readonly OwnColumn[],
  context: StageContext,
): Promise<StageResult> {
  const inputs = join(request.scratchFolder, "inputs");
  await mkdir(inputs, { recursive: true, mode: 0o700 });
  const limits: JobLimits = { ...request.limits, maxPaths: MAX_PATHS };
  const watch = stopwatch<keyof EngineMilliseconds>();
  const scanned = await scanAll(request, context, { inputs, limits });
  watch.lap("scan");
  const decision = decideSchema({
    ...shapeOf(request, scanned.trie),
    own: own.map(({ field }) => field),
  });
  const { schema, notes } = decision;
  const fileOf = (path: KeyPath): string | undefined => {
    const first = trieAt(scanned.trie, path)?.first;
    return first === undefined ? undefined : request.files[first.file]?.key;
  };
  checkSchema({ decision, maxColumns: request.limits.maxColumns, fileOf });
  const notFromData = own.map(({ field }) => field.name);
  const mark = needsMarks(own) ? markNames() : undefined;
  const target = compileTarget({
    schema: readSchemaOf(schema),
    notFromData,
    ignoresCase: !request.readerCaseSensitive,
  });
  const routes = routeFiles({ scanned, target, format: request.format, marksAll: mark !== undefined });
  const prepared = await prepareAll(routes.toPrepare, context, { request, target, inputs, limits, mark });
  const paths = [
    ...(await linkAll(routes.asTheyAre, inputs, "ndjson")),
    ...routes.gathered,
    ...prepared.outputs,
  ];
  const plainCsv = await Promise.all(
    routes.plainCsv.map(async ({ csv, files }) => ({ csv, paths: await linkAll(files, inputs, "csv") })),
  );
  watch.lap("prepare");
  const parts = scanned.files.flatMap((file) => file.parts);
  const longest = parts.reduce((most, part) => Math.max(most, part.longest), prepared.longest);
  const rows = { paths, plainCsv, target, schema, longest, own, mark, scanned };
  const dataFiles = await writeRows(request, context, rows);
  const rejects = await writeRejects(request, context, prepared.rejects);
  watch.lap("write");
  return {
    schema,
    files: request.files.map((file, rank) =>
      stagedFile(file.key, scanned.files[rank]!, prepared.files.get(rank)),
    ),
    added: keysInFiles(decision.added, fileOf),
    ...ignoredKeys(request, prepared),
    dataFiles,
    ...(rejects === undefined ? {} : { rejects }),
    notes,
    milliseconds: watch.laps,
  };
}

/** What the schema is decided from. */
function shapeOf(
  request: TextRequest,
  trie: TrieNode,
): Omit<SchemaWishes, "own"> & { readonly trie: TrieNode } {
  if (request.format === "xml")
    return { ...request, trie: unifyXmlShapes({ trie, valueTag: request.formats.xml.valueTag }) };
  // A text is one, whatever it looks like.
  if (request.format === "text") return { ...request, trie, hints: [TEXT_COLUMN, ...request.hints] };
  return { ...request, trie };
}

const TEXT_COLUMN: TypeHint = { path: [TEXT_KEY], type: "string" };

/** Files whose paths say what their columns do not hold, with the reason. */
function pathFaults(
  files: readonly StageFile[],
  own: readonly OwnColumn[],
  readerCaseSensitive: boolean,
): Map<StageFile, string> {
  const faults = new Map<StageFile, string>();
  for (const file of files) {
    const fault = pathFault(own, file, readerCaseSensitive);
    if (fault !== undefined) faults.set(file, fault);
  }
  return faults;
}

/** Of files that are not read the bytes are still looked at: the manifest names them. */
async function setAside(
  faults: ReadonlyMap<StageFile, string>,
  context: StageContext,
): Promise<Map<StageFile, StagedFile>> {
  if (faults.size === 0) return new Map();
  const files = [...faults.keys()];
  const [looked] = await context.pool.run(
    [{ kind: "look", mustBeParquet: false, files: files.map((file, rank) => ({ rank, ...file })) }],
    { signal: context.signal },
  );
  const nothing = { read: 0, written: 0, rescued: 0, rejected: 0 };
  return new Map(
    files.map((file, rank) => {
      const { bytes, crc32 } = looked!.files[rank]!;
      const reason = faults.get(file)!;
      return [file, { key: file.key, outcome: "quarantined", reason, bytes, crc32, ...nothing }];
    }),
  );
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
      countsDigits: request.prefersDecimal,
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
  options: Places & {
    readonly request: TextRequest;
    readonly target: TargetNode;
    readonly mark: RecordMark | undefined;
  },
): Promise<Prepared> {
  const results = await context.pool.run(
    grouped(files).map((group, i) => ({
      kind: "prepare",
      format: options.request.format,
      formats: options.request.formats,
      files: group,
      target: options.target,
      rescuedColumn: options.request.rescuedDataColumn,
      mark: options.mark,
      outPrefix: join(options.inputs, `prepared-${i}`),
      limits: options.limits,
    })),
    { signal: context.signal, onBytes: bytesProgress(context, "prepare", files) },
  );
  return {
    files: countsByRank(results.flatMap((result) => result.files)),
    outputs: results.flatMap((result) => result.outputs),
    rejects: results.flatMap((result) => (result.rejects === undefined ? [] : [result.rejects])),
    longest: results.reduce((most, result) => Math.max(most, result.longest), 0),
  };
}

/** Each key once, with the first file that holds it. */
function ignoredKeys(request: StageRequest, prepared: Prepared): Pick<StageResult, "ignored"> {
  const keys = new Map<string, string>();
  for (const [rank, { ignoredKeys: found }] of [...prepared.files].sort(([a], [b]) => a - b)) {
    for (const path of found ?? []) if (!keys.has(path)) keys.set(path, request.files[rank]!.key);
  }
  return keys.size === 0 ? {} : { ignored: [...keys].map(([path, file]) => ({ path, file })) };
}

/** The members of an archive add up under its rank. */
function countsByRank(files: readonly PreparedFile[]): Map<number, PreparedFile> {
  const counts = new Map<number, PreparedFile>();
  for (const file of files) {
    const before = counts.get(file.rank);
    const { records = 0, written = 0, rescued = 0, rejected = 0 } = before ?? {};
    const isCounted = before?.ignored !== undefined || file.ignored !== undefined;
    counts.set(file.rank, {
      rank: file.rank,
      records: records + file.records,
      written: written + file.written,
      rescued: rescued + file.rescued,
      rejected: rejected + file.rejected,
      ...(isCounted ? { ignored: (before?.ignored ?? 0) + (file.ignored ?? 0) } : {}),
      ignoredKeys: [...(before?.ignoredKeys ?? []), ...(file.ignoredKeys ?? [])],
    });
  }
  return counts;
}

/** DuckDB sees a link of our making: it globs names, and cannot be given one that is not UTF-8. */
async function linkAll(files: Routes["asTheyAre"], inputs: string, suffix: string): Promise<string[]> {
  const links: string[] = [];
  for (const { rank, path } of files) {
    if (path.startsWith(`${inputs}/`)) {
      links.push(path);
      continue;
    }
    const link = join(inputs, `link-${rank}.${suffix}`);
    await symlink(decodePathBytes(path), link);
    links.push(link);
  }
  return links;
}

async function writeRows(
  request: StageRequest,
  context: StageContext,
  options: {
    readonly paths: readonly string[];
    /** Empty where every record is marked. */
    readonly plainCsv: readonly PlainCsvGroup[];
    readonly target: TargetNode;
    readonly schema: StructType;
    readonly longest: number;
    readonly own: readonly OwnColumn[];
    readonly mark: RecordMark | undefined;
    readonly scanned: ScannedBatch;
  },
): Promise<WrittenFile[]> {
  const { paths, plainCsv, target, own, mark } = options;
  if (paths.length + plainCsv.length === 0) return [];
  const schema = withoutComputed(options.schema, own);
  const facts =
    mark &&
    fileFacts({
      request,
      columns: own,
      files: request.files.flatMap((file, rank) =>
        options.scanned.files[rank]!.parts.map(({ member }) => ({
          name: partName(rank, member),
          file,
          member,
        })),
      ),
      file: quoteName(mark.file),
      record: quoteName(mark.record),
    });
  const ofData = schema.fields.filter((field) => facts?.values.has(field.name.toLowerCase()) !== true);
  const read = readSchemaOf({ type: "struct", fields: [...ofData, ...markFields(mark)] }, request.timeZone);
  const lines = `SELECT * FROM read_json(${pathsArgument(paths)},
    format = 'newline_delimited', records = true, compression = 'uncompressed', hive_partitioning = false,
    maximum_object_size = ${objectSize(options.longest)}, columns = ${columnsArgument(read)})`;
  const parts = plainCsv.map((group) => plainCsvSelect({ group, target, read }));
  if (paths.length > 0) parts.unshift(lines);
  const columns = projectColumns({ schema, timeZone: request.timeZone, values: facts?.values });
  const select = `SELECT ${columns} FROM (${parts.join(" UNION ALL ")}) ${facts?.join ?? ""}`;
  return writeParquet({
    duckdb: context.duckdb,
    select: computeColumns({ select, schema: options.schema, own }),
    schema: options.schema,
    partitionBy: request.partitionBy,
    folder: request.scratchFolder,
    maxPartitions: request.limits.maxPartitions,
    signal: context.signal,
    onProgress: context.onProgress,
  });
}

function markFields(mark: RecordMark | undefined): StructType["fields"] {
  return mark === undefined ? [] : [nullableField(mark.file, "string"), nullableField(mark.record, "long")];
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
  const read = scanned.parts.reduce((sum, part) => sum + part.records, 0);
  // What was not prepared went to the engine whole.
  const { records = 0, written = 0, rescued = 0, rejected = 0, ignored } = prepared ?? {};
  const left = ignored === undefined ? {} : { ignored };
  const all = { read, written: read - records + written, rescued, ...left, rejected };
  return { key, outcome: "committed", bytes, crc32, ...all };
}
