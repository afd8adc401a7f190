/** A pipeline as an object: the same as `landfall run`, for another program. */
import { LandfallError } from "../base/landfall-error.ts";
import type { IngestEvent } from "../ingest/events.ts";
import { openPipeline as openAdapters, type OpenPipeline } from "../open/open-pipeline.ts";
import { eventRecord, reportedRounds, reportedRun } from "../open/reported-runs.ts";
import { runDocument, type RunDocument } from "../operate/run-report.ts";
import { closedError } from "../base/closed-error.ts";
import type { Declaration } from "./declaration.ts";
import { eventStream } from "./event-stream.ts";
import { pipelineOf } from "./read-declaration.ts";
import { tableLooks, type TableLooks } from "./table-looks.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";

export interface OpenPipelineOptions {
  /** What relative paths of the declaration are relative to. Default: the working directory; of a file its own folder. */
  readonly baseFolder?: string | undefined;
  /** Where the ledger lies, if not in the table's folder (`--state`). Default: there. */
  readonly stateFolder?: string | undefined;
  /** Stops whatever is under way. Default: nothing does. */
  readonly signal?: AbortSignal | undefined;
  /** Gives batches of several pipelines a turn each: one `oneAtATime()` for all of them. Default: they run at once. */
  readonly turn?: (<T>(work: () => Promise<T>) => Promise<T>) | undefined;
}

export interface RunOptions {
  /** Stops this run after what is under way; it rejects with the signal's reason then. Default: nothing does. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A pipeline that this program holds: nobody else can run it until it is closed. Close it, or open it with `await using`.
 * Its questions (`status`, `files`, …) may be asked at any time.
 */
export interface PipelineHandle extends TableLooks, AsyncDisposable {
  readonly name: string;
  /** Absolute paths, links resolved. */
  readonly source: string;
  readonly table: string;
  /**
   * What happens, from the moment on at which an iterator is made until the pipeline is closed. None is lost: a reader that is 10,000
   * events behind holds up the next batch. Of progress that waits to be read only the newest is kept.
   */
  readonly events: AsyncIterable<IngestEvent>;
  /**
   * Reads what is there, in batches, and ends, whatever the declaration's trigger says.
   *
   * @throws LandfallError; what had been committed before stays committed, and another run goes on from there
   */
  run(options?: RunOptions): Promise<RunDocument>;
  /**
   * Goes on as the declaration's trigger says, and gives what each round came to; leaving the loop stops it. A round that fails with an
   * error that a retry may mend is an event (`round.failed`) and tried again, later each time.
   *
   * @throws LandfallError that no retry mends, USAGE with the trigger `availableNow`; the signal's reason
   */
  keepRunning(options?: RunOptions): AsyncGenerator<RunDocument, never>;
  /** Stops what is under way, waits until it has stopped, and lets go of the pipeline. A second call does nothing more. */
  close(): Promise<void>;
}

/**
 * Opens a pipeline by its declaration, or by the path of a declaration's file, and holds it until it is closed.
 *
 * @throws LandfallError DECLARATION_INVALID, DECLARATION_MISSING, SOURCE_MISSING, PIPELINE_HELD and those of its places
 */
export async function openPipeline(
  declaration: Declaration | string,
  options: OpenPipelineOptions = {},
): Promise<PipelineHandle> {
  const { stateFolder, turn } = options;
  const pipeline = pipelineOf(declaration, options.baseFolder);
  options.signal?.throwIfAborted();
  const closing = new AbortController();
  const stream = eventStream();
  const record = eventRecord();
  const signal = AbortSignal.any([closing.signal, ...(options.signal ? [options.signal] : [])]);
  const emit = (event: IngestEvent): void => {
    record.emit(event);
    stream.emit(event);
  };
  const onOutput = (line: string): void => stream.emit({ type: "engine.output", line });
  const opened = await openAdapters({ pipeline, stateFolder, emit, signal, turn, onOutput });
  const { context, source, table } = opened;
  const name = declaredNameOf(context.name);
  const guard = oneRun(name);
  const looks = tableLooks({
    location: table,
    stateFolder,
    pipeline: name,
    signal: options.signal,
    isAtRest: () => !guard.isWorking,
  });
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    closing.abort(closedError("pipeline"));
    await guard.atRest();
    try {
      await looks.close();
    } finally {
      await opened.close();
      stream.close();
    }
  };
  /** The pipeline for one run, with its signal, held up by readers that are far behind. */
  const forRun = ({ signal: own }: RunOptions): OpenPipeline & { readonly signal: AbortSignal } => {
    const both = AbortSignal.any([context.signal!, ...(own ? [own] : [])]);
    both.throwIfAborted();
    record.take();
    const stageFiles: OpenPipeline["run"]["stageFiles"] = async (batch) => {
      await stream.room(both);
      return opened.run.stageFiles(batch);
    };
    const run = { ...opened.run, stageFiles };
    return { ...opened, context: { ...context, signal: both }, run, signal: both };
  };
  return {
    ...looks,
    name,
    source,
    table,
    events: stream.events,
    async run(asked = {}) {
      using held = guard.begin();
      const started = performance.now();
      return runDocument(await held.work(() => reportedRun({ opened: forRun(asked), record, started })));
    },
    async *keepRunning(asked = {}) {
      const { trigger } = pipeline;
      if (trigger.kind === "availableNow") throw runsOnce(name);
      using held = guard.begin();
      const mine = forRun(asked);
      const rounds = reportedRounds({ opened: mine, record, trigger });
      try {
        for (;;) {
          const { value } = await held.work(() => rounds.next());
          yield runDocument(value);
          mine.signal.throwIfAborted();
        }
      } finally {
        await rounds.return(undefined as never);
      }
    },
    close: () => (closed ??= close()),
    [Symbol.asyncDispose]: () => (closed ??= close()),
  };
}

interface OneRun {
  /** Something is under way; false between the rounds of a loop that has not asked for the next one. */
  readonly isWorking: boolean;
  /** @throws LandfallError USAGE while another one is not over */
  begin(): Disposable & { work<T>(work: () => Promise<T>): Promise<T> };
  atRest(): Promise<void>;
}

function oneRun(name: string): OneRun {
  let isHeld = false;
  let working: Promise<unknown> | undefined;
  return {
    get isWorking() {
      return working !== undefined;
    },
    begin() {
      if (isHeld) {
        throw new LandfallError("USAGE", {
          message: `A run of "${name}" is under way already.`,
          hint: "Await it, or leave its loop, before the next one.",
          pipeline: name,
        });
      }
      isHeld = true;
      return {
        async work(work) {
          const mine = work();
          working = mine;
          try {
            return await mine;
          } finally {
            working = undefined;
          }
        },
        [Symbol.dispose]: () => void (isHeld = false),
      };
    },
    async atRest() {
      await working?.catch(() => {});
    },
  };
}

function runsOnce(name: string): LandfallError {
  return new LandfallError("USAGE", {
    message: `"${name}" has the trigger availableNow, with which nothing keeps running.`,
    hint: 'Give the declaration another one, such as trigger: "continuous" or { every: "30s" }, or call run().',
    pipeline: name,
  });
}
