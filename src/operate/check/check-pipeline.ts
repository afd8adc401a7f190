/** What would happen if the pipeline ran now, and what would stop it: found out on copies and by probes that clean up. */
import { isLandfallError, LandfallError } from "../../base/landfall-error.ts";
import type { Pipeline } from "../../declaration/declaration.ts";
import type { Engine } from "../../engine/engine.ts";
import type { FileFormat } from "../../formats/format-options.ts";
import type { PipelineContext } from "../../ingest/pipeline-context.ts";
import type { PlanOptions } from "../../ingest/run.ts";
import { filesAhead, type FilesAhead } from "./files-ahead.ts";
import { probePlaces, type PlaceToProbe, type ProbedPlace } from "./probe-places.ts";
import { checkTable, rowsAhead, type RowsAhead } from "./rows-ahead.ts";

export interface CheckResult {
  readonly places: readonly ProbedPlace[];
  /** Undefined where a problem keeps it from being told. */
  readonly files: FilesAhead | undefined;
  /** Undefined where nothing is new, and where a problem keeps it from being told. */
  readonly rows: RowsAhead | undefined;
  /** Everything that would stop a run, the places' problems first. */
  readonly problems: readonly LandfallError[];
}

export interface CheckOptions {
  readonly pipeline: Pipeline;
  readonly places: readonly PlaceToProbe[];
  /** What a run would work on, as copies; rejects with what keeps a run from being opened. */
  readonly open: () => Promise<{
    readonly context: PipelineContext;
    readonly run: PlanOptions;
    /** Of the files that the listing saw. @throws LandfallError USAGE */
    readonly format: () => Promise<FileFormat>;
  }>;
  readonly engine: Engine;
  readonly scratchFolder: string;
}

/** @throws what is no LandfallError, and ABORTED */
export async function checkPipeline(options: CheckOptions): Promise<CheckResult> {
  const { pipeline, engine, scratchFolder } = options;
  const places = await probePlaces(options.places);
  // One cause may be in the way of several places.
  const problems = [
    ...new Map(
      places.flatMap(({ problem }) => (problem === undefined ? [] : [[problem.message, problem]])),
    ).values(),
  ];
  const trying = async <T>(work: () => Promise<T> | T): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!isLandfallError(error) || error.code === "ABORTED") throw error;
      problems.push(error);
      return undefined;
    }
  };
  // A source that cannot be listed has been told.
  const isListable = !places.some(({ use, problem }) => use === "read" && problem !== undefined);
  const opened = isListable ? await trying(options.open) : undefined;
  if (opened === undefined) return { places, files: undefined, rows: undefined, problems };
  const { context, run, format } = opened;
  const files = await trying(async () => filesAhead(context, run));
  if (files === undefined) return { places, files: undefined, rows: undefined, problems };
  const { state, arrivals, batches, changed } = files;
  const table = context.table.storage.location;
  if (state !== undefined) await trying(() => checkTable({ pipeline, state, table }));
  const [first] = changed;
  if (run.onOverwrite === "fail" && first !== undefined) problems.push(overwritten(first));
  if (arrivals.length === 0) return { places, files, rows: undefined, problems };
  const { source } = run;
  const rows = await trying(async () =>
    rowsAhead(context, {
      pipeline,
      arrivals,
      batches,
      state,
      source,
      format: await format(),
      engine,
      scratchFolder,
    }),
  );
  return { places, files, rows, problems };
}

function overwritten({ key, rule }: { readonly key: string; readonly rule: string }): LandfallError {
  return new LandfallError("OVERWRITE_FORBIDDEN", {
    message: `${key} was ${rule} after it had been ingested, and onOverwrite is "fail".`,
    hint: "Put the file back, or choose onOverwrite: ignore (keep the rows that stand) or append (read it as more rows).",
    file: key,
  });
}
