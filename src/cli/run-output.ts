/** What stderr says while pipelines run, in the format that was asked for. */
import process from "node:process";
import { isoInstant, systemClock } from "../base/clock.ts";
import { formatDuration } from "../base/units.ts";
import type { EmitEvent, IngestEvent } from "../ingest/events.ts";
import { errorLine, eventLine, noticeLine } from "../telemetry/log-line.ts";
import type { LogFormat } from "./log-format.ts";
import { progressLine } from "./progress-line.ts";
import { describeError, reportError } from "./report-error.ts";

export interface RunOutput {
  /** For one pipeline, which either runs once or keeps running. */
  listen(kind: "once" | "lasting"): PipelineOutput;
  /** A sentence that is no event of a run. */
  notice(text: string): void;
  /** What ended a pipeline, or kept it from its beginning. Answers the exit code. */
  error(error: unknown, options: { readonly json: boolean; readonly pipeline?: string | undefined }): number;
}

export interface PipelineOutput {
  readonly emit: EmitEvent;
  /** For what the engine's process prints. Undefined: it goes to stderr as it is. */
  readonly onOutput: ((line: string) => void) | undefined;
  /** Takes away what stands there for the moment only. */
  clear(): void;
}

export function runOutput(format: LogFormat): RunOutput {
  return format === "json" ? jsonOutput() : textOutput();
}

function textOutput(): RunOutput {
  return {
    listen(kind) {
      if (kind === "lasting") {
        const emit = (event: IngestEvent): void => {
          if (event.type === "round.failed") sayFailure(event);
        };
        return { emit, onOutput: undefined, clear: () => {} };
      }
      const progress = progressLine(process.stderr);
      return {
        emit: (event) => progress.show(event),
        onOutput: undefined,
        clear: () => progress.clear(),
      };
    },
    notice: (text) => void process.stderr.write(`${text}\n`),
    error: (error, { json }) => reportError(error, { json }),
  };
}

function sayFailure(event: Extract<IngestEvent, { readonly type: "round.failed" }>): void {
  const at = isoInstant(systemClock.now());
  process.stderr.write(
    `${at}  ${describeError(event.error)}\n  tried again in ${formatDuration(event.milliseconds)}\n`,
  );
}

function jsonOutput(): RunOutput {
  const now = (): number => systemClock.now();
  return {
    listen() {
      let pipeline: string | undefined;
      const emit = (event: IngestEvent): void => {
        if (event.type === "run.started") ({ pipeline } = event);
        const line = eventLine({ at: now(), pipeline, event });
        if (line !== undefined) process.stderr.write(`${line}\n`);
      };
      const onOutput = (line: string): void => emit({ type: "engine.output", line });
      return { emit, onOutput, clear: () => {} };
    },
    notice: (text) => void process.stderr.write(`${noticeLine({ at: now(), message: text.trim() })}\n`),
    error: (error, { json, pipeline }) =>
      reportError(error, { json, line: (known) => errorLine({ at: now(), pipeline, error: known }) }),
  };
}
