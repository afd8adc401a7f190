/** Lines of JSON that fit the table become data files, but for those that break a rule. */
import { corruptColumnOf } from "../formats/corrupt-column-of.ts";
import { nullableField, type StructType } from "../schema/data-type.ts";
import type { TargetNode } from "../schema/fit.ts";
import { computeColumns, withoutComputed } from "./compute-columns.ts";
import type { StageRequest, WrittenFile } from "./engine.ts";
import { keptRows } from "./expect/rules-sql.ts";
import {
  freePlaces,
  NO_OFFSET,
  placeNames,
  placeOf,
  setAside,
  type PlaceColumns,
  type SetAside,
} from "./expect/set-aside.ts";
import { fileFacts } from "./file-facts.ts";
import type { OwnColumn } from "./own-columns.ts";
import { plainCsvSelect, type PlainCsvGroup } from "./plain-csv.ts";
import { projectColumns, readSchemaOf } from "./project.ts";
import { partKey, partName, type ScannedBatch } from "./route-files.ts";
import type { RecordMark } from "./scan/scan-jobs.ts";
import { columnsArgument, pathsArgument, quoteName } from "./sql.ts";
import type { StageContext } from "./stage-text.ts";
import { writeParquet } from "./write-parquet.ts";

/** What is read in one statement. */
export interface TextRows {
  readonly paths: readonly string[];
  /** Empty where every record is marked. */
  readonly plainCsv: readonly PlainCsvGroup[];
  readonly target: TargetNode;
  readonly schema: StructType;
  readonly longest: number;
  readonly own: readonly OwnColumn[];
  readonly mark: RecordMark | undefined;
  readonly scanned: ScannedBatch;
}

export async function writeRows(
  request: StageRequest,
  context: StageContext,
  rows: TextRows,
): Promise<WrittenFile[]> {
  if (rows.paths.length + rows.plainCsv.length === 0) return [];
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

/** The rows that rules kept out of the table, of rows that are marked. */
export async function findBroken(
  request: StageRequest,
  context: StageContext,
  rows: TextRows & { readonly mark: RecordMark },
): Promise<SetAside> {
  const { schema, scanned } = rows;
  const places = freePlaces(schema);
  return setAside({
    duckdb: context.duckdb,
    rules: context.rules,
    schema,
    rescuedDataColumn: request.rescuedDataColumn,
    corruptColumn: corruptColumnOf(request.format, request.formats),
    selects: [selectRows(request, rows, places)],
    places,
    sources: request.files.flatMap(({ key }, rank) =>
      scanned.files[rank]!.parts.map(({ member }) => ({
        name: partName(rank, member),
        file: partKey(key, member),
        key,
      })),
    ),
    scratchFolder: request.scratchFolder,
    signal: context.signal,
  });
}

/** The one typed read. With `places` three columns more, of rows that are marked. */
function selectRows(request: StageRequest, options: TextRows, places?: PlaceColumns): string {
  const { paths, plainCsv, target, own, mark } = options;
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
  const place = places && mark ? `, ${placeOf(placeSql(mark), places)}` : "";
  return computeColumns({
    select: `SELECT ${columns}${place} FROM (${parts.join(" UNION ALL ")}) landfall_rows ${facts?.join ?? ""}`,
    schema: options.schema,
    own,
    ...(places === undefined ? {} : { more: placeNames(places) }),
  });
}

function markFields(mark: RecordMark | undefined): StructType["fields"] {
  if (mark === undefined) return [];
  const offset = mark.offset === undefined ? [] : [nullableField(mark.offset, "long")];
  return [nullableField(mark.file, "string"), nullableField(mark.record, "long"), ...offset];
}

function placeSql({ file, record, offset }: RecordMark): PlaceColumns {
  return {
    source: quoteName(file),
    row: quoteName(record),
    offset: offset === undefined ? NO_OFFSET : quoteName(offset),
  };
}

/** DuckDB takes twice this for each thread's buffer, so it is far below its default of 16 MiB unless a record is that long. */
export function objectSize(longest: number): number {
  return Math.max(4 * 1024 ** 2, longest + 1024);
}
