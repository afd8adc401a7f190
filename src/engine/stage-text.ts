/**
 * Stages JSON, CSV, text and XML: scan everything (inference, proof, counts), decide the schema, bring what the engine
 * cannot take as it is into shape (lines of JSON), then one typed read into Parquet. Nothing reaches
 * DuckDB that the scanner has not passed: DuckDB rounds, drops and re-renders in silence (reference: engine facts, §4 and §6).
 */
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { decodePathBytes } from "../base/path-bytes.ts";
import { stopwatch } from "../base/stopwatch.ts";
import type { TrieNode } from "../schema/lattice.ts";
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
import { ignoredKeys, prepareFiles, type PrepareOptions } from "./prepare-files.ts";
import { routeFiles, type Routes, type ScannedBatch } from "./route-files.ts";
import { scanBatch } from "./scan-batch.ts";
import { inOrderOfKeys } from "./order-of-keys.ts";
import { needsMarks, ownColumns, type OwnColumn } from "./own-columns.ts";
import { quarantined } from "./quarantined.ts";
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
import { shapeRows } from "./shape-rows.ts";
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
  const files = inOrderOfKeys(request.files);
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
  const scanned = await scanBatch(request, context, { inputs, limits });
  watch.lap("scan");
  const decision = decideSchema({
    ...shapeOf(request, scanned.trie),
    own: own.map(({ field }) => field),
  });
  const fileOf = (path: KeyPath): string | undefined => {
    const first = trieAt(scanned.trie, path)?.first;
    return first === undefined ? undefined : request.files[first.file]?.key;
  };
  checkSchema({ decision, maxColumns: request.limits.maxColumns, fileOf });
  await bindRules(context.duckdb, context.rules, decision.schema);
  const mark = needsMarks(own) ? markNames({ withOffsets: context.rules.length > 0 }) : undefined;
  const { schema, target, routes, preparing, prepared, widened } = await shapeRows(context, {
    request,
    schema: decision.schema,
    own,
    scanned,
    inputs,
    limits,
    mark,
    check: (files, options) => failAtBroken(files, context, { ...options, scanned }),
  });
  if (widened.length > 0) await bindRules(context.duckdb, context.rules, schema);
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
    ...(widened.length === 0 ? {} : { widened }),
    ...ignoredKeys(request, prepared),
    dataFiles,
    ...(rejects === undefined ? {} : { rejects }),
    notes: decision.notes,
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
  const { rejects } = await prepareFiles(files, context, options);
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
  const mark = markNames({ withOffsets: true });
  const { scanned, target } = rows;
  const { format } = preparing.request;
  const { toPrepare } = routeFiles({ scanned, target, format, marksAll: true });
  const prepared = await prepareFiles(toPrepare, context, { ...preparing, mark, prefix: "marked" });
  const longest = Math.max(rows.longest, prepared.longest);
  return { ...rows, paths: prepared.outputs, plainCsv: [], mark, longest };
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
  if (scanned.damage !== undefined) return quarantined({ key, bytes, crc32 }, scanned.damage);
  const read = scanned.parts.reduce((sum, part) => sum + part.records, 0);
  // What was not prepared went to the engine whole.
  const { records = 0, written = 0, rescued = 0, rejected = 0, ignored, corrupt } = prepared ?? {};
  const some = {
    ...(ignored === undefined ? {} : { ignored }),
    ...(corrupt === undefined ? {} : { corrupt }),
  };
  const all = { read, written: read - records + written, rescued, ...some, rejected };
  return { key, outcome: "committed", bytes, crc32, ...all };
}
