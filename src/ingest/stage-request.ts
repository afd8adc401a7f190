/** What the engine is asked for one batch: the declaration's words in those of its port. */
import type { Pipeline } from "../declaration/declaration.ts";
import type { StageRequest } from "../engine/engine.ts";
import type { BatchTransform } from "../engine/transform/batch-transform.ts";
import { widensTypes } from "../schema/evolution-mode.ts";
import type { StageFiles } from "./stage-batch.ts";

/** Pure. `scratchFolder` is the batch's own. */
export function stageRequest(options: {
  readonly pipeline: Pipeline;
  readonly format: StageRequest["format"];
  readonly batch: Parameters<StageFiles>[0];
  readonly scratchFolder: string;
}): StageRequest {
  const { pipeline, format, batch, scratchFolder } = options;
  const { schema, limits } = pipeline;
  const transform = transformOf(pipeline);
  return {
    format,
    formats: pipeline.formats,
    files: batch.files,
    ...(batch.tableSchema === undefined ? {} : { tableSchema: batch.tableSchema }),
    ...(schema.columns === undefined ? {} : { columns: schema.columns }),
    hints: schema.hints,
    timeZone: schema.timeZone,
    evolutionMode:
      widensTypes(schema.evolutionMode) && !batch.mayWiden ? "addNewColumns" : schema.evolutionMode,
    prefersDecimal: schema.prefersDecimal,
    readerCaseSensitive: schema.readerCaseSensitive,
    rescuedDataColumn: schema.rescuedDataColumn,
    provenance: schema.provenance,
    partitionColumns: pipeline.source.partitionColumns,
    computedColumns: pipeline.table.computedColumns,
    batch: batch.batch,
    partitionBy: batch.partitionBy,
    expect: pipeline.expect,
    ...(transform === undefined ? {} : { transform }),
    ...(batch.batchSchema === undefined ? {} : { batchSchema: batch.batchSchema }),
    scratchFolder,
    limits: { ...limits, maxExpansion: limits.expansion, maxExpandedBytes: limits.maxExpandedBytes },
  };
}

function transformOf({ transform, limits }: Pipeline): BatchTransform | undefined {
  if (transform === undefined) return undefined;
  const timeLimitMs = limits.transformSeconds * 1000;
  if (transform.kind === "sql") return { ...transform, timeLimitMs };
  return { ...transform, timeLimitMs, memoryBytes: limits.transformMemory };
}
