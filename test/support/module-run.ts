/** Runs a person's module over rows, with a real DuckDB and a real process. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { DuckDBValue } from "@duckdb/node-api";
import { openDuckdb, type Duckdb, type DuckdbInstance } from "../../src/engine/duckdb.ts";
import { quoteText } from "../../src/engine/sql.ts";
import { applyModule, moduleColumns, type ModuleTransform } from "../../src/engine/transform/apply-module.ts";
import type { StructType } from "../../src/schema/data-type.ts";
import { parseDdl } from "../../src/schema/ddl.ts";

export interface ModuleRun {
  /** The module's text. */
  readonly source: string;
  /** Default: `transform.ts`. */
  readonly file?: string;
  /** A SELECT; default: the numbers 0 to 2 as `id BIGINT`. */
  readonly select?: string;
  /** The columns of `select`, as DDL or a schema. */
  readonly schema?: string | StructType;
  /** Default: 60 s. */
  readonly timeLimitMs?: number;
  /** Default: 256 MiB. */
  readonly memoryBytes?: number;
  readonly signal?: AbortSignal;
  /** Columns that the rows that are read are ordered by. Default: all. What DuckDB sorts by comes back with 0 for -0. */
  readonly orderBy?: string;
  /** Default: true; else `rows` stays empty. */
  readonly isRead?: boolean;
}

export interface ModuleRunner {
  readonly duckdb: () => Promise<Duckdb>;
  readonly columns: (run: ModuleRun) => Promise<StructType>;
  /** The rows that came of it, as they stand in the Parquet file: sorted by `ORDER BY ALL`, one array of columns a row. */
  readonly apply: (run: ModuleRun) => Promise<{
    readonly rowsIn: number;
    readonly rowsOut: number;
    readonly schema: StructType;
    readonly rows: readonly (readonly DuckDBValue[])[];
    readonly parquetPath: string;
  }>;
}

/** One engine for a test file, closed after its last test; every run has a folder of its own. To be called outside of any test. */
export function moduleRunner(options: { readonly memoryBytes?: number } = {}): ModuleRunner {
  const root = mkdtempSync(join(tmpdir(), "landfall-test-"));
  let opened: Promise<{ readonly instance: DuckdbInstance; readonly duckdb: Duckdb }> | undefined;
  let runs = 0;
  const open = async (): Promise<{ readonly instance: DuckdbInstance; readonly duckdb: Duckdb }> => {
    const instance = await openDuckdb({
      memoryBytes: options.memoryBytes ?? 512 * 1024 ** 2,
      threads: 2,
      spillFolder: join(root, "spill"),
      spillBytes: 1024 ** 3,
    });
    return { instance, duckdb: await instance.session() };
  };
  const session = async (): Promise<Duckdb> => (await (opened ??= open())).duckdb;
  const prepared = (run: ModuleRun): { readonly folder: string; readonly module: ModuleTransform } => {
    const folder = join(root, String((runs += 1)));
    const file = run.file ?? "transform.ts";
    const path = join(folder, "author", file);
    mkdirSync(join(folder, "author"), { recursive: true });
    mkdirSync(join(folder, "scratch"));
    writeFileSync(path, run.source);
    const { timeLimitMs = 60_000, memoryBytes = 256 * 1024 ** 2 } = run;
    return { folder, module: { kind: "module", name: file, path, timeLimitMs, memoryBytes } };
  };
  after(async () => {
    if (opened !== undefined) {
      const { instance, duckdb } = await opened;
      duckdb.close();
      instance.close();
    }
    rmSync(root, { recursive: true });
  });
  return {
    duckdb: session,
    columns: (run) => moduleColumns(prepared(run).module, { signal: run.signal }),
    async apply(run) {
      const { folder, module } = prepared(run);
      const { select = "SELECT range AS id FROM range(3)", schema = "id BIGINT", signal } = run;
      const duckdb = await session();
      const parquetPath = join(folder, "out.parquet");
      const result = await applyModule({
        duckdb,
        module,
        select,
        schema: typeof schema === "string" ? parseDdl(schema) : schema,
        folder: join(folder, "scratch"),
        parquetPath,
        signal,
      });
      const left = readdirSync(folder).filter((name) => !["author", "scratch", "out.parquet"].includes(name));
      if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
      const rows = run.isRead === false ? [] : await rowsOf(duckdb, parquetPath, run.orderBy ?? "ALL");
      return { ...result, rows, parquetPath };
    },
  };
}

async function rowsOf(duckdb: Duckdb, parquetPath: string, orderBy: string): Promise<DuckDBValue[][]> {
  const rows: DuckDBValue[][] = [];
  const sql = `SELECT * FROM read_parquet(${quoteText(parquetPath)}) ORDER BY ${orderBy}`;
  for await (const columns of duckdb.chunks(sql, "read what came of it"))
    for (let row = 0; row < columns[0]!.length; row++) rows.push(columns.map((column) => column[row]!));
  return rows;
}
