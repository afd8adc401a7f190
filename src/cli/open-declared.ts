import type { Pipeline } from "../declaration/declaration.ts";
import type { IngestEvent } from "../ingest/events.ts";
import { openPipeline, type OpenPipeline } from "../open/open-pipeline.ts";
import { eventRecord, type EventRecord } from "../open/reported-runs.ts";
import { armedOptions } from "./arm-faults.ts";
import type { DeclarationFlags } from "./declaration-overrides.ts";
import type { EngineAhead } from "./engine-ahead.ts";

export interface OpenDeclaredOptions {
  readonly pipeline: Pipeline;
  readonly sources?: readonly string[];
  readonly flags: DeclarationFlags;
  readonly signal: AbortSignal;
  readonly ahead?: EngineAhead;
  /** Gives batches of several pipelines a turn each. Default: this one is alone. */
  readonly turn?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Opens a pipeline as the command line was told to; every event is shown, then recorded. @throws LandfallError as `openPipeline` does */
export async function openDeclared(
  options: OpenDeclaredOptions,
  show: (event: IngestEvent) => void,
): Promise<{ readonly opened: OpenPipeline; readonly record: EventRecord }> {
  const record = eventRecord();
  const opened = await openPipeline({
    ...options,
    ...armedOptions(),
    ahead: options.ahead?.take,
    stateFolder: options.flags.state,
    emit: (event) => {
      show(event);
      record.emit(event);
    },
  });
  return { opened, record };
}
