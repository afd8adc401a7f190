/** Stages files that a test has written and reads back the rows of the table that comes of it. */
import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_FORMAT_OPTIONS } from "../../src/formats/format-options.ts";
import { encodePathBytes } from "../../src/base/path-bytes.ts";
import { formatDdl } from "../../src/schema/format-ddl.ts";
import type { Engine, QueryTable, StageRequest, StageResult } from "../../src/engine/engine.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export type FileContents = Readonly<Record<string, string | Buffer>>;

export const STAGE_LIMITS = {
  maxRecordBytes: 16 * 1024 ** 2,
  maxDepth: 100,
  maxColumns: 1000,
  maxPartitions: 100,
  maxExpansion: 200,
  maxExpandedBytes: 1024 ** 3,
};

/** Writes files below a folder and lists them as a batch. */
export function writeFiles(folder: string, contents: FileContents): StageRequest["files"] {
  return Object.entries(contents).map(([name, content]) => {
    writeFileSync(join(folder, name), content);
    return fileOf(folder, name);
  });
}

export function fileOf(folder: string, name: string): StageRequest["files"][number] {
  const path = join(folder, name);
  return { key: encodePathBytes(name), path: encodePathBytes(path), size: statSync(path).size };
}

export function stageRequest(
  folder: string,
  options: Pick<StageRequest, "format" | "files"> & Partial<StageRequest>,
): StageRequest {
  return {
    formats: DEFAULT_FORMAT_OPTIONS,
    hints: [],
    timeZone: "UTC",
    evolutionMode: "addNewColumns",
    prefersDecimal: false,
    readerCaseSensitive: true,
    rescuedDataColumn: "_rescued_data",
    provenance: [],
    partitionColumns: [],
    computedColumns: [],
    partitionBy: [],
    scratchFolder: mkdtempSync(join(folder, "scratch-")),
    limits: STAGE_LIMITS,
    ...options,
  };
}

export function tableOf(result: StageResult, partitionColumns: readonly string[] = []): QueryTable {
  return {
    name: "batch",
    schema: result.schema,
    partitionColumns,
    files: result.dataFiles.map((file) => ({ path: file.path, partitionValues: file.partition })),
  };
}

export interface Staged {
  readonly result: StageResult;
  readonly rows: string[];
  /** The schema without comments. */
  readonly ddl: string;
}

/** Files in a folder of the test's own, staged, and what came of them. */
export async function stageContents(
  engine: Engine,
  t: Parameters<typeof temporaryFolder>[0],
  contents: FileContents,
  options: Pick<StageRequest, "format"> & Partial<StageRequest>,
): Promise<Staged> {
  const folder = temporaryFolder(t);
  const files = writeFiles(folder, contents);
  const result = await engine.stage(stageRequest(folder, { files, ...options }));
  const ddl = formatDdl(result.schema).replaceAll(/ COMMENT '[^']*'/g, "");
  return { result, rows: await rowsOf(engine, result), ddl };
}

/** read, written, rescued, rejected */
export function countsOf(result: StageResult): number[][] {
  return result.files.map((file) => [file.read, file.written, file.rescued, file.rejected]);
}

/** The rows as text of JSON, sorted: the order of rows in a table means nothing. Nulls are left out. */
export async function rowsOf(
  engine: Engine,
  result: StageResult,
  partitionColumns: readonly string[] = [],
): Promise<string[]> {
  const { columns, rows } = await engine.query({
    sql: "SELECT * FROM batch",
    tables: [tableOf(result, partitionColumns)],
    limit: 100_000,
  });
  const objects = rows.map((row) =>
    JSON.stringify(
      Object.fromEntries(row.flatMap((value, i) => (value === null ? [] : [[columns[i]!.name, value]]))),
    ),
  );
  return objects.sort();
}
