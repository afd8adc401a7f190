/**
 * Stages newline-delimited JSON and CSV: scan everything (inference, proof, counts), decide the schema, bring what the engine
 * cannot take as it is into shape (CSV always: it becomes lines of JSON), then one typed read into Parquet. Nothing reaches
 * DuckDB that the scanner has not passed: DuckDB rounds, drops and re-renders in silence (reference: engine facts, §4 and §6).
 */
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { decodePathBytes } from "../base/path-bytes.ts";
import { stopwatch } from "../base/stopwatch.ts";
import { compileTarget, type TargetNode } from "../schema/fit.ts";
import { EMPTY_TRIE, mergeTries } from "../schema/lattice.ts";
import { decideSchema } from "../schema/decide-schema.ts";
import { trieAt, type KeyPath } from "../schema/key-path.ts";
import { checkSchema, keysInFiles } from "./check-schema.ts";
import type { Duckdb } from "./duckdb.ts";
import { bindRules, type ReadRule } from "./expect/read-rules.ts";
import { withoutBroken } from "./expect/set-aside.ts";
import type { EngineMilliseconds, StagedFile, StageProgress, StageRequest, StageResult } from "./engine.ts";
import { grouped } from "./group-files.ts";
import { routeFiles, SMALL_FILE_BYTES, type Routes, type ScannedBatch } from "./route-files.ts";
import { readSchemaOf } from "./project.ts";
import type { JobLimits, PrepareFile, PreparedFile, ScannedFile, TextFormat } from "./scan/scan-jobs.ts";
import type { ScanPool } from "./scan/scan-pool.ts";
import { findBroken, isShort, writeRows } from "./text-rows.ts";
import { brokenRecord, writeRejects } from "./write-rejects.ts";

const MAX_PATHS = 10_000;

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
  const result = await stageRanked({ ...request, files }, context);
  const staged = new Map(files.map((file, rank) => [file, result.files[rank]!]));
  return { ...result, files: request.files.map((file) => staged.get(file)!) };
}

async function stageRanked(request: TextRequest, context: StageContext): Promise<StageResult> {
  const inputs = join(request.scratchFolder, "inputs");
  await mkdir(inputs, { recursive: true, mode: 0o700 });
  const limits: JobLimits = { ...request.limits, maxPaths: MAX_PATHS };
  const watch = stopwatch<keyof EngineMilliseconds>();
  const scanned = await scanAll(request, context, { inputs, limits });
  watch.lap("scan");
  const decision = decideSchema({ ...request, trie: scanned.trie });
  const { schema, notes } = decision;
  const fileOf = (path: KeyPath): string | undefined => {
    const first = trieAt(scanned.trie, path)?.first;
    return first === undefined ? undefined : request.files[first.file]?.key;
  };
  checkSchema({ decision, maxColumns: request.limits.maxColumns, fileOf });
  await bindRules(context.duckdb, context.rules, schema);
  const notFromData = request.rescuedDataColumn === undefined ? [] : [request.rescuedDataColumn];
  const target = compileTarget({
    schema: readSchemaOf(schema),
    notFromData,
    ignoresCase: !request.readerCaseSensitive,
  });
  const routes = routeFiles({ scanned, target, format: request.format });
  if (request.formats[request.format].mode === "FAILFAST")
    await failAtBroken(routes, context, { request, target, inputs, limits, scanned });
  const prepared = await prepareAll(routes.toPrepare, context, { request, target, inputs, limits });
  const links = await linkAll(routes.asTheyAre, inputs);
  const paths = [...links, ...routes.gathered, ...prepared.outputs.map((output) => output.path)];
  watch.lap("prepare");
  const longest = scanned.files.reduce((most, file) => Math.max(most, file.longest), prepared.longest);
  const rows = { paths, schema, longest };
  const dataFiles = await writeRows(request, context, rows);
  const passed = request.files.map((file, rank) =>
    stagedFile(file.key, scanned.files[rank]!, prepared.files.get(rank)),
  );
  const broken = isShort(context, passed, dataFiles)
    ? await findBroken(request, context, { ...rows, scanned, routes, links, prepared })
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

/** @throws LandfallError RECORD_BROKEN for the first record, by file and number, that cannot be read */
async function failAtBroken(
  { toPrepare }: Routes,
  context: StageContext,
  options: PrepareOptions & { readonly scanned: ScannedBatch },
): Promise<void> {
  const broken = toPrepare.filter(({ rank }) => options.scanned.files[rank]!.malformed > 0);
  const [first] = broken.sort((a, b) => a.rank - b.rank);
  if (first === undefined) return;
  const { rejects } = await prepareAll([first], context, options);
  const { duckdb, signal } = context;
  throw await brokenRecord({ duckdb, signal, paths: rejects, format: options.request.format });
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
function bytesProgress(
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

/** What the second pass made. */
export interface PreparedBatch {
  readonly files: ReadonlyMap<number, PreparedFile>;
  /** With the files whose records they hold, in their order. */
  readonly outputs: readonly { readonly path: string; readonly files: readonly PreparedFile[] }[];
  readonly rejects: readonly string[];
  readonly longest: number;
}

interface PrepareOptions extends Places {
  readonly request: TextRequest;
  readonly target: TargetNode;
}

async function prepareAll(
  files: readonly PrepareFile[],
  context: StageContext,
  options: PrepareOptions,
): Promise<PreparedBatch> {
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
    outputs: results.flatMap(({ outputs, files: held }) => outputs.map((path) => ({ path, files: held }))),
    rejects: results.flatMap((result) => (result.rejects === undefined ? [] : [result.rejects])),
    longest: results.reduce((most, result) => Math.max(most, result.longest), 0),
  };
}

/** Each key once, with the first file that holds it. */
function ignoredKeys(request: StageRequest, prepared: PreparedBatch): Pick<StageResult, "ignored"> {
  const keys = new Map<string, string>();
  for (const [rank, { ignoredKeys: found }] of [...prepared.files].sort(([a], [b]) => a - b)) {
    for (const path of found ?? []) if (!keys.has(path)) keys.set(path, request.files[rank]!.key);
  }
  return keys.size === 0 ? {} : { ignored: [...keys].map(([path, file]) => ({ path, file })) };
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

function stagedFile(key: string, scanned: ScannedFile, prepared: PreparedFile | undefined): StagedFile {
  const { bytes, crc32 } = scanned;
  if (scanned.damage !== undefined) {
    const nothing = { read: 0, written: 0, rescued: 0, rejected: 0 };
    return { key, outcome: "quarantined", reason: scanned.damage, bytes, crc32, ...nothing };
  }
  const { records } = scanned;
  const counts: Omit<PreparedFile, "rank" | "records"> = prepared ?? {
    written: records,
    rescued: 0,
    rejected: 0,
  };
  const { written, rescued, rejected, ignored } = counts;
  const left = ignored === undefined ? {} : { ignored };
  return { key, outcome: "committed", bytes, crc32, read: records, written, rescued, ...left, rejected };
}
