/** What stderr says while pipelines run, in the format that was asked for. */
import process from "node:process";
import { isoInstant, systemClock } from "../base/clock.ts";
import { printable } from "../base/printable.ts";
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
  /** What ended a pipeline, or kept it from its beginning; where several run, by its name or its file. Answers the exit code. */
  error(
    error: unknown,
    options: {
      readonly json: boolean;
      readonly pipeline?: string | undefined;
      readonly file?: string | undefined;
    },
  ): number;
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
        let pipeline: string | undefined;
        const emit = (event: IngestEvent): void => {
          if (event.type === "run.started") ({ pipeline } = event);
          if (event.type === "round.failed") sayFailure(event, pipeline);
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
    error: (error, { json, pipeline, file }) => reportError(error, { json, pipeline: pipeline ?? file }),
  };
}

function sayFailure(
  event: Extract<IngestEvent, { readonly type: "round.failed" }>,
  pipeline: string | undefined,
): void {
  const at = isoInstant(systemClock.now());
  const whose = pipeline === undefined ? "" : `${printable(pipeline)}  `;
  process.stderr.write(
    `${at}  ${whose}${describeError(event.error)}\n  tried again in ${formatDuration(event.milliseconds)}\n`,
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
