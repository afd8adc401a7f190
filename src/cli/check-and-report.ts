/** Looks at what a run of a pipeline would do, on copies that are gone afterwards, and tells it. */
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import type { Pipeline } from "../declaration/declaration.ts";
import { literalFolderOf } from "../declaration/archive-policy.ts";
import { checkHistoryTable } from "../ingest/history/check-history-table.ts";
import { lastBatchFormat } from "../ingest/last-batch-format.ts";
import { openTable } from "../ingest/open-table.ts";
import { newestStateName } from "../ingest/pipeline-identity.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";
import { lookAtLease, type LeaseSight } from "../ledger/lock.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { checkPipeline, type CheckResult } from "../operate/check/check-pipeline.ts";
import { placesToProbe } from "../operate/check/probe-places.ts";
import { localStorage } from "../storage/local-storage.ts";
import { canonicalPath } from "../base/canonical-path.ts";
import { findPlaces } from "../open/find-places.ts";
import { planOptions } from "../open/run-options.ts";
import { contextOnCopies } from "./context-on-copies.ts";
import { withScratchEngine } from "./scratch-engine.ts";
import { stateFolderOf } from "../open/state-folder.ts";

export interface CheckReport extends CheckResult {
  readonly pipeline: string;
  readonly source: string;
  readonly table: string;
  readonly lease: LeaseSight | undefined;
}

/**
 * Neither takes the lease nor waits for it.
 *
 * @throws LandfallError where the pipeline's places are not even told: SOURCE_MISSING, OVERLAP
 */
export async function checkDeclared(options: {
  readonly pipeline: Pipeline;
  readonly sources?: readonly string[];
  readonly stateFolder: string | undefined;
  readonly signal: AbortSignal;
}): Promise<CheckReport> {
  const { pipeline, signal } = options;
  const places = findPlaces(options);
  const { source, table, files } = places;
  const name = await newestStateName(localStorage({ root: table }), places.name);
  const state = stateFolderOf({ table, name, state: options.stateFolder });
  const lease = await lookAtLease({ folder: state }).catch((error: unknown) => {
    // A folder that cannot be read is told by its probe, beside whatever else is wrong.
    if (isLandfallError(error, "LEDGER_FAILED")) return undefined;
    throw error;
  });
  const { archive, quarantine } = pipeline;
  const { history } = pipeline.table;
  const historyPlace = typeof history === "string" ? canonicalPath(history) : undefined;
  const found = await withScratchEngine(async ({ engine, scratchFolder }) => {
    let ledger: Ledger | undefined;
    try {
      return await checkPipeline({
        pipeline,
        places: placesToProbe({
          source,
          table,
          state,
          archive: archive?.kind === "move" ? canonicalPath(literalFolderOf(archive.to)) : undefined,
          quarantine: quarantine === undefined ? undefined : canonicalPath(quarantine.to),
          history:
            historyPlace === undefined
              ? undefined
              : {
                  path: historyPlace,
                  judge: async () => {
                    const parquet = { port: engine, scratchFolder };
                    const storage = localStorage({ root: historyPlace });
                    checkHistoryTable(await openTable({ storage, parquet }).refresh(signal), historyPlace);
                  },
                },
          tidies: archive !== undefined || quarantine !== undefined,
        }),
        open: async () => {
          const copies = { name, source, table, stateFolder: options.stateFolder };
          const context = await contextOnCopies({ ...copies, engine, scratchFolder, signal });
          ledger = context.ledger;
          return {
            context,
            run: planOptions(pipeline, places),
            format: () => files.formatAfter(() => lastBatchFormat(context)),
          };
        },
        engine,
        scratchFolder,
      });
    } finally {
      await ledger?.close();
    }
  });
  return { ...found, pipeline: declaredNameOf(name), source, table, lease };
}

/** As `run` would end: with the highest code of what stops it, else 3 where something cannot be read, 1 where a person is needed, else 0. */
export function checkExitCode({ problems, files, rows }: CheckReport): number {
  if (problems.length > 0) return Math.max(...problems.map((problem) => problem.exitCode));
  if ((files?.unreadable.length ?? 0) > 0) return 3;
  const { quarantined = [], rejected = 0 } = rows?.sample ?? {};
  return quarantined.length > 0 || rejected > 0 || (files?.changed.length ?? 0) > 0 ? 1 : 0;
}

/** An error that keeps a pipeline from being looked at, as a report of its own. */
export function problemOf(error: unknown): LandfallError {
  if (isLandfallError(error) && error.code !== "ABORTED" && error.code !== "INTERNAL") return error;
  throw error;
}
