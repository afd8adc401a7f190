/** One file of rejects: records of the files that could not be read, and rows of the transform that broke a rule. */
import type { StageRequest, WrittenFile } from "../engine.ts";
import { pathsArgument } from "../sql.ts";
import type { StageContext } from "../stage-text.ts";
import { writeRejectRows } from "../write-rejects.ts";

/** Of what a transform gives nobody knows the file and the record: a row may be made of many, or of none. */
const NO_PLACE = "* REPLACE (CAST(NULL AS VARCHAR) AS file, CAST(NULL AS BIGINT) AS record)";

export async function joinRejects(options: {
  readonly request: Pick<StageRequest, "scratchFolder">;
  readonly context: Pick<StageContext, "duckdb" | "signal">;
  readonly batch: WrittenFile | undefined;
  readonly table: WrittenFile | undefined;
}): Promise<WrittenFile | undefined> {
  const { request, context, batch, table } = options;
  if (table === undefined) return batch;
  const rowsOf = ({ path }: WrittenFile): string =>
    `FROM read_parquet(${pathsArgument([path])}, hive_partitioning = false)`;
  const selects = [
    ...(batch === undefined ? [] : [`SELECT * ${rowsOf(batch)}`]),
    `SELECT ${NO_PLACE} ${rowsOf(table)}`,
  ];
  const { duckdb, signal } = context;
  return writeRejectRows({ duckdb, selects, folder: request.scratchFolder, signal });
}
