/** The one typed read of lines of JSON into Parquet, and the second one that finds the rows that rules kept out. */
import type { StructType } from "../schema/data-type.ts";
import type { StagedFile, StageRequest, WrittenFile } from "./engine.ts";
import { rowRuns, type InputPart } from "./expect/row-places.ts";
import { keptRows } from "./expect/rules-sql.ts";
import { freePlaces, placeByOrder, setAside, type SetAside } from "./expect/set-aside.ts";
import { projectColumns, readSchemaOf } from "./project.ts";
import type { Routes, ScannedBatch } from "./route-files.ts";
import { columnsArgument, pathsArgument } from "./sql.ts";
import type { PreparedBatch, StageContext } from "./stage-text.ts";
import { writeParquet } from "./write-parquet.ts";
import { scannedRecords } from "./write-rejects.ts";

/** What is read in one statement. */
export interface TextRows {
  readonly paths: readonly string[];
  readonly schema: StructType;
  readonly longest: number;
}

export async function writeRows(
  request: StageRequest,
  context: StageContext,
  rows: TextRows,
): Promise<WrittenFile[]> {
  if (rows.paths.length === 0) return [];
  return writeParquet({
    duckdb: context.duckdb,
    select: keptRows(selectRows(request, rows), context.rules),
    schema: rows.schema,
    partitionBy: request.partitionBy,
    folder: request.scratchFolder,
    maxPartitions: request.limits.maxPartitions,
    signal: context.signal,
    onProgress: context.onProgress,
  });
}

/** The one typed read. `more`: columns beside the table's. */
function selectRows(
  request: StageRequest,
  { paths, schema, longest }: TextRows,
  more: readonly string[] = [],
): string {
  const read = readSchemaOf(schema, request.timeZone);
  const columns = [projectColumns({ schema, timeZone: request.timeZone }), ...more];
  return `SELECT ${columns.join(", ")} FROM read_json(${pathsArgument(paths)},
    format = 'newline_delimited', records = true, compression = 'uncompressed', hive_partitioning = false,
    maximum_object_size = ${objectSize(longest)}, columns = ${columnsArgument(read)})`;
}

/** True when rules are all that can have kept rows out of the table. */
export function isShort(
  { rules }: StageContext,
  files: readonly StagedFile[],
  dataFiles: readonly WrittenFile[],
): boolean {
  const passed = files.reduce((sum, file) => sum + file.written, 0);
  return rules.length > 0 && dataFiles.reduce((sum, file) => sum + file.rows, 0) < passed;
}

/** The rows that the rules kept out of the table. */
export async function findBroken(
  request: StageRequest,
  context: StageContext,
  read: TextRows & {
    readonly scanned: ScannedBatch;
    readonly routes: Routes;
    readonly links: readonly string[];
    readonly prepared: PreparedBatch;
  },
): Promise<SetAside> {
  const { scanned, routes, links, prepared, schema } = read;
  const { duckdb, rules, signal } = context;
  const malformed = await scannedRecords({ duckdb, paths: prepared.rejects, signal });
  const part = (rank: number, records: number): InputPart => {
    const { key } = request.files[rank]!;
    return { key, records, missing: malformed.get(key) ?? [] };
  };
  const whole = (rank: number): InputPart => part(rank, scanned.files[rank]!.records);
  const gathered = scanned.jobs.flatMap(({ files, result }) =>
    result.gathered !== undefined && routes.gathered.includes(result.gathered)
      ? [
          {
            path: result.gathered,
            parts: files.filter(({ rank }) => scanned.files[rank]!.gathered).map(({ rank }) => whole(rank)),
          },
        ]
      : [],
  );
  const inputs = [
    ...links.map((path, i) => ({ path, parts: [whole(routes.asTheyAre[i]!.rank)] })),
    ...gathered,
    ...prepared.outputs.map(({ path, files }) => ({
      path,
      parts: files.map(({ rank, records }) => part(rank, records)),
    })),
  ];
  const places = freePlaces(schema);
  return setAside({
    duckdb,
    rules,
    schema,
    rescuedDataColumn: request.rescuedDataColumn,
    selects: inputs.map(({ path }) =>
      selectRows(request, { ...read, paths: [path] }, [placeByOrder(path, places)]),
    ),
    places,
    runs: inputs.flatMap(({ path, parts }) => rowRuns(path, parts)),
    scratchFolder: request.scratchFolder,
    signal,
  });
}

/** DuckDB takes twice this for each thread's buffer, so it is far below its default of 16 MiB unless a record is that long. */
export function objectSize(longest: number): number {
  return Math.max(4 * 1024 ** 2, longest + 1024);
}
