/** A declared pipeline as what a run needs, over adapters that are open. */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { uuidv7 } from "../base/uuid.ts";
import { landfallVersion } from "../base/version.ts";
import type { Pipeline } from "../declaration/declaration.ts";
import { literalFolderOf } from "../declaration/archive-policy.ts";
import type { Engine } from "../engine/engine.ts";
import type { FileFormat } from "../formats/format-options.ts";
import { readerOptions } from "../formats/reader-options.ts";
import { backfillAllowance } from "../ingest/backfill-allowance.ts";
import type { CompactFiles } from "../ingest/compact.ts";
import type { EmitEvent } from "../ingest/events.ts";
import { historyPublisher, type HistoryPublisher } from "../ingest/history/publish-history.ts";
import { openTable } from "../ingest/open-table.ts";
import { historyFolder } from "../ingest/state-keys.ts";
import { localStorage } from "../storage/local-storage.ts";
import type { PlanOptions, RunOptions } from "../ingest/run.ts";
import type { TidyPolicy } from "../ingest/tidy-places.ts";
import type { StageFiles } from "../ingest/stage-batch.ts";
import { stageRequest } from "../ingest/stage-request.ts";
import { canonicalPath } from "../base/canonical-path.ts";
import { sourceOf, type Places } from "./find-places.ts";
import type { SourceFiles } from "./source-files.ts";

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

export function planOptions(
  pipeline: Pipeline,
  places: Pick<Places, "source" | "table" | "recursive" | "files">,
): PlanOptions {
  const { onOverwrite, includeExistingFiles, order, backfill } = pipeline.source;
  const { maxFilesPerTrigger, maxBytesPerTrigger } = pipeline.limits;
  return {
    source: sourceOf(pipeline, places),
    onOverwrite,
    includeExistingFiles,
    order,
    backfill: backfill && backfillAllowance(backfill),
    limits: { maxFiles: maxFilesPerTrigger, maxBytes: maxBytesPerTrigger },
  };
}

const ENGINE_INFO = `Landfall/${landfallVersion()}`;

function historyOf(options: {
  readonly pipeline: Pipeline;
  readonly name: string;
  readonly table: string;
  readonly engine: Engine;
  readonly scratchFolder: string;
}): HistoryPublisher | undefined {
  const { pipeline, name, table, engine, scratchFolder } = options;
  const { history } = pipeline.table;
  if (history === undefined) return undefined;
  const root = history === true ? join(table, historyFolder(name)) : canonicalPath(history);
  const storage = localStorage({ root });
  return historyPublisher({
    table: openTable({ storage, parquet: { port: engine, scratchFolder: join(scratchFolder, "history") } }),
    engineInfo: ENGINE_INFO,
  });
}

export function runOptions(options: {
  readonly emit: EmitEvent;
  readonly pipeline: Pipeline;
  readonly name: string;
  readonly source: string;
  readonly table: string;
  readonly recursive: boolean;
  readonly files: SourceFiles;
  readonly engine: Engine;
  readonly scratchFolder: string;
  /** What the batch before was read as. */
  readonly earlierFormat: () => Promise<FileFormat | undefined>;
}): RunOptions & Required<Pick<RunOptions, "compaction">> {
  const { pipeline, files, engine } = options;
  let earlier: string | undefined;
  /** A folder for each try: what an earlier one left is of no use, and a pipeline that keeps running would gather it. */
  const freshFolder = async (): Promise<string> => {
    if (earlier !== undefined) await rm(earlier, { recursive: true, force: true });
    earlier = join(options.scratchFolder, uuidv7());
    await mkdir(earlier, { mode: 0o700 });
    return earlier;
  };
  const stageFiles: StageFiles = async (batch) => {
    const scratchFolder = await freshFolder();
    const format = await files.formatAfter(options.earlierFormat);
    const request = stageRequest({ pipeline, format, batch, scratchFolder });
    return engine.stage(request, {
      ...(batch.signal === undefined ? {} : { signal: batch.signal }),
      onProgress: (progress) => options.emit({ type: "batch.progress", ...progress }),
    });
  };
  const compactions = join(options.scratchFolder, "compactions");
  const compactFiles: CompactFiles = async ({ id, signal, files, schema }) => {
    const own = join(compactions, id);
    if (!existsSync(own)) {
      await rm(compactions, { recursive: true, force: true });
      await mkdir(own, { recursive: true, mode: 0o700 });
    }
    const scratchFolder = join(own, uuidv7());
    await mkdir(scratchFolder);
    return engine.compact({ files, schema, scratchFolder }, signal === undefined ? {} : { signal });
  };
  return {
    ...planOptions(pipeline, options),
    stageFiles,
    reader: () => readerOptions(files.format(), pipeline.formats),
    transforms: pipeline.transform !== undefined,
    onWork: () => engine.warm(),
    newTable: { partitionBy: pipeline.table.partitionBy, properties: pipeline.table.properties },
    thresholds: pipeline.limits,
    tidy: tidyPolicyOf(pipeline),
    compaction: { policy: pipeline.table.compaction, compactFiles },
    history: historyOf(options),
    engineInfo: ENGINE_INFO,
  };
}
