/** The engine in this process: DuckDB and scan workers, opened with the first call. */
import { randomUUID } from "node:crypto";
import { mkdir, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { isLandfallError } from "../base/landfall-error.ts";
import { scanTable } from "./column-batch/scan-table.ts";
import { carryRows } from "./carry-rows.ts";
import { compactFiles } from "./compact-files.ts";
import { openDuckdb, type Duckdb, type DuckdbInstance } from "./duckdb.ts";
import type { Engine, EngineOptions, StageRequest, StageResult } from "./engine.ts";
import { readRules } from "./expect/read-rules.ts";
import { visibleFiles } from "./expect/visible-files.ts";
import { findBrokenRow } from "./find-broken-row.ts";
import { findParquet } from "./found-parquet.ts";
import { matchRows } from "./match-rows.ts";
import { mergeRows } from "./merge/merge-rows.ts";
import { readMerge } from "./merge/read-merge.ts";
import { predicateOf } from "./predicate-of.ts";
import { runQuery } from "./query.ts";
import { readAssignments } from "./read-assignments.ts";
import { scanPool } from "./scan/scan-pool.ts";
import { jsonLinesSql } from "./json-lines-sql.ts";
import { quoteText } from "./sql.ts";
import { schemasOfParquet } from "./schema-of-parquet.ts";
import { stageAvro } from "./stage-avro.ts";
import { stageBinaryFile } from "./stage-binary-file.ts";
import { stageParquet } from "./stage-parquet.ts";
import { stageText, type StageContext } from "./stage-text.ts";
import { toJsonLines } from "./to-json-lines.ts";
import { readTransform } from "./transform/read-transform.ts";
import { stageTransformed } from "./transform/stage-transformed.ts";
import { writeSelected } from "./write-selected.ts";

export function duckdbEngine(options: EngineOptions): Engine {
  let opened: Promise<DuckdbInstance> | undefined;
  const pool = scanPool({ threads: options.threads });
  const inSession = async <T>(work: (duckdb: Duckdb) => Promise<T>): Promise<T> => {
    const instance = (opened ??= openDuckdb(options));
    const session = await (await instance).session();
    try {
      return await work(session);
    } catch (error) {
      // The next call has a new one.
      if (isLandfallError(error, "ENGINE_DIED") && opened === instance) opened = undefined;
      throw error;
    } finally {
      session.close();
    }
  };

  return {
    async stage(request, call) {
      await mkdir(request.scratchFolder, { recursive: true, mode: 0o700 });
      const context = { pool, signal: call?.signal, onProgress: call?.onProgress };
      const { expect = [], transform } = request;
      if (expect.length === 0 && transform === undefined)
        return inSession((duckdb) => stage(request, { ...context, duckdb, rules: [] }));
      const rules = await inSession((duckdb) => readRules(duckdb, expect));
      const { signal } = context;
      const read = transform && (await inSession((duckdb) => readTransform(transform, { duckdb, signal })));
      return stageGuarded(
        { ...request, ...(read === undefined ? {} : { transform: read }) },
        { engine: options, rules, ...context },
      );
    },
    query: (request, call) => runQuery(request, { engine: options, signal: call?.signal }),
    predicateOf: (request) => inSession((duckdb) => predicateOf(duckdb, request)),
    scan: (request, call) => scanTable(request, { engine: options, signal: call?.signal }),
    matchRows: (request, call) => matchRows(request, { engine: options, signal: call?.signal }),
    readAssignments: (request) => inSession((duckdb) => readAssignments(duckdb, request)),
    findBrokenRow: (request, call) => findBrokenRow(request, { engine: options, signal: call?.signal }),
    readMerge: (request) => inSession((duckdb) => readMerge(duckdb, request)),
    mergeRows: (request, call) => mergeRows(request, { engine: options, signal: call?.signal }),
    compact: (request, call) =>
      inSession((duckdb) => compactFiles(request, { duckdb, signal: call?.signal })),
    writeRows: (request, call) => writeSelected(request, { engine: options, signal: call?.signal }),
    schemasOfParquet: (request, call) =>
      inSession((duckdb) => schemasOfParquet(duckdb, { ...request, signal: call?.signal })),
    toJsonLines: (request) => inSession((duckdb) => toJsonLines(duckdb, request)),
    fromJsonLines: (request) => inSession((duckdb) => fromJsonLines(duckdb, request)),
    carryRows: ({ signal, ...request }) => inSession((duckdb) => carryRows(duckdb, request, signal)),
    warm() {
      // A failure is met, and told, by the call that follows.
      (opened ??= openDuckdb(options)).catch(() => {});
      if (options.readsText === true) pool.warm();
    },
    get started() {
      return opened !== undefined;
    },
    async close() {
      await pool.close();
      if (opened !== undefined) (await opened).close();
      await rm(options.spillFolder, { recursive: true, force: true });
    },
  };
}

/** With a person's SQL in its statements: on an instance of its own, that sees the files of this batch and nothing else. */
async function stageGuarded(
  request: StageRequest,
  options: Omit<StageContext, "duckdb"> & { readonly engine: EngineOptions },
): Promise<StageResult> {
  const { engine, ...context } = options;
  const { request: visible, files } = await visibleFiles(request);
  const spillFolder = join(engine.spillFolder, `batch-${randomUUID()}`);
  const instance = await openDuckdb(
    { ...engine, spillFolder },
    { folders: [request.scratchFolder, await realpath(request.scratchFolder), spillFolder], files },
  );
  try {
    const duckdb = await instance.session();
    try {
      const { transform } = visible;
      if (transform === undefined) return await stage(visible, { ...context, duckdb });
      return await stageTransformed({ ...visible, transform }, { ...context, duckdb, stage });
    } finally {
      duckdb.close();
    }
  } finally {
    instance.close();
    await rm(spillFolder, { recursive: true, force: true });
  }
}

async function stage(request: StageRequest, context: StageContext): Promise<StageResult> {
  switch (request.format) {
    case "json":
    case "csv":
    case "xml":
    case "text":
      return stageText({ ...request, format: request.format }, context);
    case "avro":
      return stageAvro(request, context);
    case "binaryFile":
      return stageBinaryFile(request, context);
    case "parquet":
      return stageParquet(request, context, await findParquet(request, context));
  }
}

async function fromJsonLines(
  duckdb: Duckdb,
  { jsonPath, parquetPath, columns, signal }: Parameters<Engine["fromJsonLines"]>[0],
): Promise<void> {
  await duckdb.run(
    `COPY (SELECT * FROM ${await jsonLinesSql(jsonPath, columns)}) TO ${quoteText(parquetPath)} (FORMAT parquet, COMPRESSION zstd)`,
    "write a checkpoint",
    signal,
  );
}
