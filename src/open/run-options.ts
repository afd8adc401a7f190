/** A declared pipeline as what a run needs, over adapters that are open. */
import { sourceOf } from "./find-places.ts";
import { join } from "node:path";
import { uuidv7 } from "../base/uuid.ts";
import { landfallVersion } from "../base/version.ts";
import type { Pipeline } from "../declaration/declaration.ts";
import { literalFolderOf } from "../declaration/archive-policy.ts";
import type { Engine, StageRequest } from "../engine/engine.ts";
import type { BatchTransform } from "../engine/transform/batch-transform.ts";
import type { EmitEvent } from "../ingest/events.ts";
import type { RunOptions } from "../ingest/run.ts";
import type { TidyPolicy } from "../ingest/tidy-places.ts";
import type { StageFiles } from "../ingest/stage-batch.ts";
import { canonicalPath } from "./canonical-path.ts";
import { type SourceFiles } from "./source-files.ts";

function transformOf({ transform, limits }: Pipeline): BatchTransform | undefined {
  if (transform === undefined) return undefined;
  const timeLimitMs = limits.transformSeconds * 1000;
  if (transform.kind === "sql") return { ...transform, timeLimitMs };
  return { ...transform, timeLimitMs, memoryBytes: limits.transformMemory };
}

/** Folders with their links resolved, as the overlaps were judged; date parts stay. */
function tidyPolicyOf({ archive, quarantine }: Pipeline): TidyPolicy {
  const canonical = (to: string): string => {
    const literal = literalFolderOf(to);
    return literal === "/" ? to : canonicalPath(literal) + to.slice(literal.length);
  };
  return {
    archive: archive?.kind === "move" ? { ...archive, to: canonical(archive.to) } : archive,
    quarantine: quarantine && { to: canonical(quarantine.to) },
  };
}

export function runOptions(options: {
  readonly emit: EmitEvent;
  readonly pipeline: Pipeline;
  readonly source: string;
  readonly table: string;
  readonly recursive: boolean;
  readonly files: SourceFiles;
  readonly engine: Engine;
  readonly scratchFolder: string;
}): RunOptions {
  const { pipeline, files, engine } = options;
  const { onOverwrite, includeExistingFiles } = pipeline.source;
  const transform = transformOf(pipeline);
  const stageFiles: StageFiles = async (batch) => {
    // A folder for each try: what an earlier one left is of no use.
    const scratchFolder = join(options.scratchFolder, uuidv7());
    const request: StageRequest = {
      format: files.format(),
      formats: pipeline.formats,
      files: batch.files,
      ...(batch.tableSchema === undefined ? {} : { tableSchema: batch.tableSchema }),
      ...(pipeline.schema.columns === undefined ? {} : { columns: pipeline.schema.columns }),
      hints: pipeline.schema.hints,
      timeZone: pipeline.schema.timeZone,
      evolutionMode: pipeline.schema.evolutionMode,
      prefersDecimal: pipeline.schema.prefersDecimal,
      readerCaseSensitive: pipeline.schema.readerCaseSensitive,
      rescuedDataColumn: pipeline.schema.rescuedDataColumn,
      provenance: pipeline.schema.provenance,
      partitionColumns: pipeline.source.partitionColumns,
      computedColumns: pipeline.table.computedColumns,
      batch: batch.batch,
      partitionBy: batch.partitionBy,
      expect: pipeline.expect,
      ...(transform === undefined ? {} : { transform }),
      ...(batch.batchSchema === undefined ? {} : { batchSchema: batch.batchSchema }),
      scratchFolder,
      limits: {
        ...pipeline.limits,
        maxExpansion: pipeline.limits.expansion,
        maxExpandedBytes: pipeline.limits.maxExpandedBytes,
      },
    };
    return engine.stage(request, {
      ...(batch.signal === undefined ? {} : { signal: batch.signal }),
      onProgress: (progress) => options.emit({ type: "batch.progress", ...progress }),
    });
  };
  return {
    source: sourceOf(pipeline, options),
    stageFiles,
    transforms: transform !== undefined,
    onWork: () => engine.warm(),
    newTable: { partitionBy: pipeline.table.partitionBy, properties: pipeline.table.properties },
    onOverwrite,
    includeExistingFiles,
    thresholds: pipeline.limits,
    tidy: tidyPolicyOf(pipeline),
    limits: { maxFiles: pipeline.limits.maxFilesPerTrigger, maxBytes: pipeline.limits.maxBytesPerTrigger },
    engineInfo: `Landfall/${landfallVersion()}`,
  };
}
