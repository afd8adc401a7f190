/** The first step of a transform: the files' rows under the columns of `batch`, as Parquet of the scratch folder. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { StageRequest, StageResult } from "../engine.ts";
import { rememberedColumns } from "./remembered-columns.ts";
import type { TransformContext, TransformRequest } from "./transform-request.ts";

/** Nothing of the table's: no partitions, no computed columns, no rules. `options` stand over the request. */
export async function stageBatchRows(
  request: TransformRequest,
  context: TransformContext,
  options: Pick<StageRequest, "scratchFolder"> & Partial<Pick<StageRequest, "provenance">>,
): Promise<StageResult> {
  const { tableSchema: _table, transform: _transform, batchSchema: _batch, ...rest } = request;
  const tableSchema = rememberedColumns(request);
  const scratchFolder = join(options.scratchFolder, "batch");
  await mkdir(scratchFolder, { recursive: true, mode: 0o700 });
  const asked: StageRequest = {
    ...rest,
    ...options,
    ...(tableSchema === undefined ? {} : { tableSchema }),
    computedColumns: [],
    partitionBy: [],
    expect: [],
    // Their columns are not asked for by name alone.
    copyFromBytes: Infinity,
    scratchFolder,
  };
  return context.stage(asked, { ...context, rules: [] });
}
