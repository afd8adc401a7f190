/** Lines of JSON that fit the table become data files; rejected records become a file of their own. */
import { join } from "node:path";
import { nullableField, type StructType } from "../schema/data-type.ts";
import type { TargetNode } from "../schema/fit.ts";
import { computeColumns, withoutComputed } from "./compute-columns.ts";
import type { StageRequest, WrittenFile } from "./engine.ts";
import { fileFacts } from "./file-facts.ts";
import type { OwnColumn } from "./own-columns.ts";
import { plainCsvSelect, type PlainCsvGroup } from "./plain-csv.ts";
import { projectColumns, readSchemaOf } from "./project.ts";
import { partName, type ScannedBatch } from "./route-files.ts";
import type { RecordMark } from "./scan/scan-jobs.ts";
import { columnsArgument, pathsArgument, quoteName, quoteText } from "./sql.ts";
import type { StageContext } from "./stage-text.ts";
import { writeParquet } from "./write-parquet.ts";

export async function writeRows(
  request: StageRequest,
  context: StageContext,
  options: {
    readonly paths: readonly string[];
    /** Empty where every record is marked. */
    readonly plainCsv: readonly PlainCsvGroup[];
    readonly target: TargetNode;
    readonly schema: StructType;
    readonly longest: number;
    readonly own: readonly OwnColumn[];
    readonly mark: RecordMark | undefined;
    readonly scanned: ScannedBatch;
  },
): Promise<WrittenFile[]> {
  const { paths, plainCsv, target, own, mark } = options;
  if (paths.length + plainCsv.length === 0) return [];
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
  const select = `SELECT ${columns} FROM (${parts.join(" UNION ALL ")}) landfall_rows ${facts?.join ?? ""}`;
  return writeParquet({
    duckdb: context.duckdb,
    select: computeColumns({ select, schema: options.schema, own }),
    schema: options.schema,
    partitionBy: request.partitionBy,
    folder: request.scratchFolder,
    maxPartitions: request.limits.maxPartitions,
    signal: context.signal,
    onProgress: context.onProgress,
  });
}

function markFields(mark: RecordMark | undefined): StructType["fields"] {
  return mark === undefined ? [] : [nullableField(mark.file, "string"), nullableField(mark.record, "long")];
}

/** DuckDB takes twice this for each thread's buffer, so it is far below its default of 16 MiB unless a record is that long. */
export function objectSize(longest: number): number {
  return Math.max(4 * 1024 ** 2, longest + 1024);
}

const REJECT_COLUMNS =
  "{file: 'VARCHAR', record: 'BIGINT', byte_offset: 'BIGINT', length: 'BIGINT', reason: 'VARCHAR', content: 'VARCHAR'}";

export async function writeRejects(
  request: StageRequest,
  context: StageContext,
  paths: readonly string[],
): Promise<WrittenFile | undefined> {
  if (paths.length === 0) return undefined;
  const path = join(request.scratchFolder, "rejects.parquet");
  const [row] = await context.duckdb.rows(
    `COPY (SELECT file, record, byte_offset, length, reason, from_base64(content) AS content
      FROM read_json(${pathsArgument(paths)}, format = 'newline_delimited', records = true, compression = 'uncompressed',
        maximum_object_size = 16777216, columns = ${REJECT_COLUMNS}) ORDER BY file, record)
      TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, RETURN_STATS)`,
    "write the rejected records",
    context.signal,
  );
  return {
    path,
    rows: Number(row!["count"]),
    bytes: Number(row!["file_size_bytes"]),
    partition: {},
    statistics: [],
  };
}
