/**
 * Stages newline-delimited JSON and CSV: scan everything (inference, proof, counts), decide the schema, bring what the engine
 * cannot take as it is into shape (lines of JSON), then one typed read into Parquet. Nothing reaches
 * DuckDB that the scanner has not passed: DuckDB rounds, drops and re-renders in silence (reference: engine facts, §4 and §6).
 */
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { decodePathBytes } from "../base/path-bytes.ts";
import { stopwatch } from "../base/stopwatch.ts";
import { compileTarget, type TargetNode } from "../schema/fit.ts";
import { EMPTY_TRIE, mergeTries, type TrieNode } from "../schema/lattice.ts";
import { decideSchema, type SchemaWishes } from "../schema/decide-schema.ts";
import { trieAt, type KeyPath } from "../schema/key-path.ts";
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
import { markNames } from "./file-facts.ts";
import { grouped } from "./group-files.ts";
import { routeFiles, SMALL_FILE_BYTES, type Routes, type ScannedBatch } from "./route-files.ts";
import { needsMarks, ownColumns, type OwnColumn } from "./own-columns.ts";
import { readSchemaOf } from "./project.ts";
import { pathFaults, setAside } from "./refused-paths.ts";
import { bindRules, type ReadRule } from "./expect/read-rules.ts";
import { withoutBroken } from "./expect/set-aside.ts";
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
import { brokenRecord, writeRejects } from "./write-rejects.ts";
import { findBroken, writeRows, type TextRows } from "./write-rows.ts";

export const MAX_PATHS = 10_000;

export interface StageContext {
  readonly duckdb: Duckdb;
  readonly pool: ScanPool;
  /** Of the request, judged. */
  readonly rules: readonly ReadRule[];
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
  await bindRules(context.duckdb, context.rules, schema);
  const notFromData = own.map(({ field }) => field.name);
  const mark = needsMarks(own) ? markNames() : undefined;
  const target = compileTarget({
    schema: readSchemaOf(schema),
    notFromData,
    ignoresCase: !request.readerCaseSensitive,
  });
  const routes = routeFiles({ scanned, target, format: request.format, marksAll: mark !== undefined });
  const preparing = { request, target, inputs, limits, mark };
  await failAtBroken(routes, context, { ...preparing, scanned });
  const prepared = await prepareAll(routes.toPrepare, context, preparing);
  const paths = [
    ...(await linkAll(routes.asTheyAre, inputs, { suffix: "ndjson", of: request.files })),
    ...routes.gathered,
    ...prepared.outputs,
  ];
  const plainCsv = await Promise.all(
    routes.plainCsv.map(async ({ csv, files }) => ({
      csv,
      paths: await linkAll(files, inputs, { suffix: "csv", of: request.files }),
    })),
  );
  watch.lap("prepare");
  const parts = scanned.files.flatMap((file) => file.parts);
  const longest = parts.reduce((most, part) => Math.max(most, part.longest), prepared.longest);
  const rows = { paths, plainCsv, target, schema, longest, own, mark, scanned };
  const dataFiles = await writeRows(request, context, rows);
  const passed = request.files.map((file, rank) =>
    stagedFile(file.key, scanned.files[rank]!, prepared.files.get(rank)),
  );
  const broken = isShort(context, passed, dataFiles)
    ? await findBroken(request, context, await markedRows(rows, context, preparing))
    : undefined;
  const rejects = await writeRejects({
    duckdb: context.duckdb,
    paths: prepared.rejects,
    broken: broken?.select,
    folder: request.scratchFolder,
    signal: context.signal,
  });
  watch.lap("write");
  return {
    schema,
    files: passed.map((file) => withoutBroken(file, broken?.files.get(file.key))),
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

/** @throws LandfallError RECORD_BROKEN under FAILFAST for the first record, by file and number, that cannot be read */
async function failAtBroken(
  { toPrepare }: Routes,
  context: StageContext,
  options: PrepareOptions & { readonly scanned: ScannedBatch },
): Promise<void> {
  const { request, scanned } = options;
  const { format } = request;
  if ((format !== "json" && format !== "csv") || request.formats[format].mode !== "FAILFAST") return;
  const isBroken = ({ rank }: PrepareFile): boolean =>
    scanned.files[rank]!.parts.some(({ malformed }) => malformed > 0);
  const [first] = toPrepare.filter(isBroken).sort((a, b) => a.rank - b.rank);
  if (first === undefined) return;
  // The members of an archive are told apart by looking at all of them.
  const files = toPrepare.filter(({ rank }) => rank === first.rank);
  const { rejects } = await prepareAll(files, context, options);
  const { duckdb, signal } = context;
  throw await brokenRecord({ duckdb, signal, paths: rejects, format });
}

/** True when rules are all that can have kept rows out of the table. */
function isShort(
  { rules }: StageContext,
  files: readonly StagedFile[],
  dataFiles: readonly WrittenFile[],
): boolean {
  const passed = files.reduce((sum, file) => sum + file.written, 0);
  return rules.length > 0 && dataFiles.reduce((sum, file) => sum + file.rows, 0) < passed;
}

/** The same rows, each of which tells its file and its number. */
async function markedRows(
  rows: TextRows,
  context: StageContext,
  preparing: PrepareOptions,
): Promise<TextRows & { readonly mark: RecordMark }> {
  if (rows.mark !== undefined) return { ...rows, mark: rows.mark };
  const mark = markNames();
  const { scanned, target } = rows;
  const { format } = preparing.request;
  const { toPrepare } = routeFiles({ scanned, target, format, marksAll: true });
  const prepared = await prepareAll(toPrepare, context, { ...preparing, mark, prefix: "marked" });
  const longest = Math.max(rows.longest, prepared.longest);
  return { ...rows, paths: prepared.outputs, plainCsv: [], mark, longest };
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

interface PrepareOptions extends Places {
  readonly request: TextRequest;
  readonly target: TargetNode;
  readonly mark: RecordMark | undefined;
  /** What the names of the outputs begin with. Default: prepared. */
  readonly prefix?: string;
}

async function prepareAll(
  files: readonly PrepareFile[],
  context: StageContext,
  options: PrepareOptions,
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
      outPrefix: join(options.inputs, `${options.prefix ?? "prepared"}-${i}`),
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
async function linkAll(
  files: Routes["asTheyAre"],
  inputs: string,
  { suffix, of }: { readonly suffix: string; readonly of: readonly StageFile[] },
): Promise<string[]> {
  const links: string[] = [];
  for (const { rank, path: place } of files) {
    const path = (place === of[rank]!.path ? of[rank]!.copy : undefined) ?? place;
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
