import type { Pipeline } from "../declaration/declaration.ts";
import type { EngineShare } from "../engine/child-engine.ts";
import { lookAtLedger } from "../open/look-at-ledger.ts";
import { openPipeline, type OpenPipeline } from "../open/open-pipeline.ts";
import { eventRecord, type EventRecord } from "../open/reported-runs.ts";
import { armedOptions } from "./arm-faults.ts";
import type { DeclarationFlags } from "./declaration-overrides.ts";
import type { EngineAhead } from "./engine-ahead.ts";
import type { PipelineOutput, RunOutput } from "./run-output.ts";
import type { RunListener } from "../telemetry/listener.ts";
import { openedFor, type RunTelemetry } from "./run-telemetry.ts";

export interface OpenDeclaredOptions {
  readonly pipeline: Pipeline;
  readonly sources?: readonly string[];
  readonly flags: DeclarationFlags;
  readonly signal: AbortSignal;
  readonly output: RunOutput;
  readonly telemetry: RunTelemetry;
  readonly ahead?: EngineAhead;
  /** The engine's process that several pipelines have together. Default: it has one of its own. */
  readonly share?: EngineShare;
}

export interface OpenDeclared {
  readonly opened: OpenPipeline;
  readonly record: EventRecord;
  /** To be told how it ended. */
  readonly listener: RunListener;
}

/** Opens a pipeline as the command line was told to; every event is told, then recorded. @throws LandfallError as `openPipeline` does */
export async function openDeclared(
  options: OpenDeclaredOptions,
  told: PipelineOutput,
): Promise<OpenDeclared> {
  const record = eventRecord();
  const { name, table } = options.pipeline;
  const lookAtRest = (known: string): ReturnType<typeof lookAtLedger> =>
    lookAtLedger({ table: table.location, name: known, state: options.flags.state });
  const listener = options.telemetry.listen({ name, lookAtRest });
  const opening = openPipeline({
    ...options,
    ...armedOptions(),
    ahead: options.ahead?.take,
    onOutput: told.onOutput,
    stateFolder: options.flags.state,
    emit: (event) => {
      told.emit(event);
      listener.emit(event);
      record.emit(event);
    },
  });
  const opened = await openedFor(listener, opening);
  return { opened, record, listener };
}
