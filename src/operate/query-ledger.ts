/**
 * `landfall query`: a SELECT over what the ledgers of a table's pipelines know. They are copied out as Parquet first, so that a person's
 * SQL sees nothing of the ledger's own file and can change nothing.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { uuidv7 } from "../base/uuid.ts";
import type { Clock } from "../base/clock.ts";
import { isLandfallError, LandfallError } from "../base/landfall-error.ts";
import type { Engine, QueryResult, QueryTable } from "../engine/engine.ts";
import type { PipelineIdentity } from "../ingest/pipeline-identity.ts";
import { parseRejectsName, rejectsFolder } from "../ingest/state-keys.ts";
import { LEDGER_LINES, writeLedgerLines, type LedgerLines } from "../ledger/ledger-lines.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LedgerReader } from "../ledger/ledger-reader.ts";
import { nullableField, type StructType } from "../schema/data-type.ts";
import { LEDGER_TABLES, selectOf, type LedgerTable } from "./ledger-tables.ts";
import { REJECT_COLUMNS } from "./list-rejects.ts";
import { rebuildLedger } from "./rebuild-ledger.ts";
import { pipelinesOf, type TableView } from "./table-view.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";

/** Ledgers are asked for by their files. */
export interface LedgerFilesView extends TableView {
  readonly engine: Engine;
  /** Where a pipeline's ledger lies, or would lie. */
  ledgerFile(pipeline: string): string;
  scratchLedger(): Promise<Ledger & { readonly path: string }>;
}

export interface QueryLedgerOptions {
  readonly sql: string;
  /** Rows at most. */
  readonly limit: number;
  /** Only this pipeline. Default: all that feed the table. */
  readonly pipeline?: string | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

export interface LedgerQueryResult extends QueryResult {
  /** Pipelines whose ledger is lost: answered is what the manifests say, and what waits is not known. */
  readonly rebuilt: readonly string[];
}

/** @throws LandfallError QUERY_INVALID, TABLE_MISSING, USAGE for an unknown pipeline, LEDGER_FAILED, STATE_NEWER */
export async function queryLedger(
  view: LedgerFilesView,
  options: QueryLedgerOptions,
): Promise<LedgerQueryResult> {
  const { sql, limit, signal } = options;
  const pipelines = await pipelinesOf(view.storage, options.pipeline);
  const folder = join(view.parquet.scratchFolder, `query-${uuidv7()}`);
  await mkdir(folder, { mode: 0o700 });
  try {
    const asked = LEDGER_TABLES.filter(({ name }) => isNamed(name, sql));
    const { tables, rebuilt } = await copyOut(view, { ...options, pipelines, folder, asked });
    const answer = await view.engine.query({ sql, limit, tables }, signal ? { signal } : {});
    return { ...answer, rebuilt };
  } catch (error) {
    if (!isLandfallError(error, "QUERY_INVALID") || !error.hint.startsWith("Tables: ")) throw error;
    const hint = `Tables: ${LEDGER_TABLES.map(({ name }) => name).join(", ")}; \`landfall query\` without SQL lists their columns.`;
    throw new LandfallError("QUERY_INVALID", { message: error.message, hint, cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A table whose name does not stand in the text is not asked for, and copying it out would be time for nothing. */
function isNamed(name: string, sql: string): boolean {
  return /\bshow\b|information_schema|duckdb_|\bsqlite_/i.test(sql) || sql.toLowerCase().includes(name);
}

const STORED: Readonly<Record<Exclude<LedgerTable["name"], "rejects">, LedgerLines>> = {
  files: "arrivals",
  batches: "batches",
};

interface CopyOptions extends QueryLedgerOptions {
  readonly pipelines: readonly PipelineIdentity[];
  /** Is there, and is removed afterwards. */
  readonly folder: string;
  readonly asked: readonly LedgerTable[];
}

async function copyOut(
  view: LedgerFilesView,
  options: CopyOptions,
): Promise<{ readonly tables: readonly QueryTable[]; readonly rebuilt: readonly string[] }> {
  const { folder, asked, signal } = options;
  const to: Partial<Record<LedgerLines, string>> = {};
  for (const { name } of asked) if (name !== "rejects") to[STORED[name]] = join(folder, `${name}.json`);
  const rejects: QueryTable["files"][number][] = [];
  const rebuilt: string[] = [];
  for (const identity of options.pipelines) {
    signal?.throwIfAborted();
    const opened = await openFile(view, identity, options);
    if (opened.isRebuilt) rebuilt.push(identity.name);
    try {
      await writeLedgerLines({ path: opened.path, pipeline: declaredNameOf(identity.name), to, signal });
      if (asked.some(({ name }) => name === "rejects"))
        rejects.push(...(await rejectsOf(view, identity, opened.ledger)));
    } finally {
      await opened.ledger.close();
    }
  }
  const tables: QueryTable[] = [];
  for (const table of asked) {
    const select = selectOf(table);
    if (table.name === "rejects") {
      tables.push({ ...REJECTS, name: table.name, files: rejects, select });
      continue;
    }
    const schema = storedSchema(STORED[table.name]);
    const parquetPath = join(folder, `${table.name}.parquet`);
    const jsonPath = to[STORED[table.name]]!;
    await view.engine.fromJsonLines({
      jsonPath,
      parquetPath,
      columns: schema,
      ...(signal ? { signal } : {}),
    });
    await rm(jsonPath);
    tables.push({
      name: table.name,
      schema,
      partitionColumns: [],
      files: [{ path: parquetPath, partitionValues: {} }],
      select,
    });
  }
  return { tables, rebuilt };
}

function storedSchema(kind: LedgerLines): StructType {
  const fields = LEDGER_LINES[kind].map(({ name, type }) =>
    nullableField(name, type === "text" ? "string" : "long"),
  );
  return { type: "struct", fields };
}

async function openFile(
  view: LedgerFilesView,
  pipeline: PipelineIdentity,
  { clock, signal }: QueryLedgerOptions,
): Promise<{ readonly ledger: LedgerReader; readonly path: string; readonly isRebuilt: boolean }> {
  const standing = await view.openLedger(pipeline.name);
  if (standing !== undefined)
    return { ledger: standing, path: view.ledgerFile(pipeline.name), isRebuilt: false };
  const ledger = await view.scratchLedger();
  try {
    await rebuildLedger({ view, pipeline, into: ledger, clock, signal });
    return { ledger, path: ledger.path, isRebuilt: true };
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

/** Of a file of rejects the batch is told by the ledger, as a table's partition is by the log. */
const BATCH_COLUMNS = ["pipeline", "batch", "batch_id", "version"] as const;
const REJECTS = {
  schema: {
    type: "struct",
    fields: [
      ...REJECT_COLUMNS.fields,
      ...BATCH_COLUMNS.map((name) =>
        nullableField(name, name === "batch" || name === "version" ? "long" : "string"),
      ),
    ],
  },
  partitionColumns: BATCH_COLUMNS,
} as const satisfies Pick<QueryTable, "schema" | "partitionColumns">;

/** Those of batches that committed; what an attempt left that came to nothing is none. */
async function rejectsOf(
  { storage }: LedgerFilesView,
  { name: pipeline }: PipelineIdentity,
  ledger: LedgerReader,
): Promise<QueryTable["files"][number][]> {
  const files: QueryTable["files"][number][] = [];
  if (storage.localPath === undefined) return files;
  for await (const { key } of storage.list({ prefix: rejectsFolder(pipeline) })) {
    const name = parseRejectsName(key);
    const batch = name && (await ledger.batch(name.batchId));
    if (batch?.state !== "settled" || batch.version === undefined) continue;
    const { number, batchId, version } = batch;
    const partitionValues = {
      pipeline: declaredNameOf(pipeline),
      batch: String(number),
      batch_id: batchId,
      version: String(version),
    };
    files.push({ path: storage.localPath(key), partitionValues });
  }
  return files;
}
