/** The engine in this process: DuckDB and scan workers, opened with the first call. */
import { mkdir, rm, stat } from "node:fs/promises";
import { openDuckdb, type Duckdb } from "./duckdb.ts";
import type { Engine, EngineOptions, StageRequest, StageResult } from "./engine.ts";
import { runQuery } from "./query.ts";
import { scanPool } from "./scan/scan-pool.ts";
import { columnsArgument, quoteName, quoteText } from "./sql.ts";
import { stageParquet } from "./stage-parquet.ts";
import { objectSize, stageText, type StageContext } from "./stage-text.ts";

/** Of the lines of a checkpoint the longest is the table's metadata; a schema of 10,000 columns is a megabyte. */
const LONGEST_ACTION = 64 * 1024 ** 2;

export function duckdbEngine(options: EngineOptions): Engine {
  let opened: Promise<Duckdb> | undefined;
  const pool = scanPool({ threads: options.threads });
  const duckdb = (): Promise<Duckdb> => (opened ??= openDuckdb(options));

  return {
    async stage(request, call) {
      await mkdir(request.scratchFolder, { recursive: true, mode: 0o700 });
      return stage(request, { duckdb: await duckdb(), pool, signal: call?.signal });
    },
    query: (request, call) => runQuery(request, { engine: options, signal: call?.signal }),
    async toJsonLines({ parquetPath, jsonPath, columns, signal }) {
      const names = columns?.map(quoteName);
      // A column that the file lacks is left out, so the file is asked first.
      const rows = await (
        await duckdb()
      ).rows(
        `SELECT column_name AS name FROM (DESCRIBE SELECT * FROM read_parquet(${quoteText(parquetPath)}, hive_partitioning = false))`,
        "read a checkpoint's columns",
        signal,
      );
      const there = new Set(rows.map((row) => quoteName(String(row["name"]))));
      const asked = (names ?? [...there]).filter((name) => there.has(name));
      const where =
        columns === undefined
          ? ""
          : `WHERE ${asked.map((name) => `${name} IS NOT NULL`).join(" OR ") || "false"}`;
      await (
        await duckdb()
      ).run(
        `COPY (SELECT ${asked.join(", ") || "NULL AS nothing"} FROM read_parquet(${quoteText(parquetPath)}, hive_partitioning = false) ${where})
          TO ${quoteText(jsonPath)} (FORMAT json)`,
        "read a checkpoint",
        signal,
      );
    },
    async fromJsonLines({ jsonPath, parquetPath, columns, signal }) {
      const { size: bytes } = await stat(jsonPath);
      await (
        await duckdb()
      ).run(
        `COPY (SELECT * FROM read_json(${quoteText(jsonPath)}, format = 'newline_delimited', records = true, compression = 'uncompressed',
          maximum_object_size = ${Math.min(objectSize(bytes), LONGEST_ACTION)}, columns = ${columnsArgument(columns)}))
          TO ${quoteText(parquetPath)} (FORMAT parquet, COMPRESSION zstd)`,
        "write a checkpoint",
        signal,
      );
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

async function stage(request: StageRequest, context: StageContext): Promise<StageResult> {
  switch (request.format) {
    case "json":
    case "csv":
      return stageText({ ...request, format: request.format }, context);
    case "parquet":
      return stageParquet(request, context);
  }
}
