/**
 * The engine behind a process boundary: a file that kills DuckDB kills the child, never the program. The child starts with the
 * first call, ends after 30 s without one, and is killed when it hangs, outgrows its memory, or does not stop when told to. One that holds much
 * between two calls is replaced: what an allocator keeps is given back by the end of a process only.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { Socket } from "node:net";
import { faultPoint } from "../base/fault-point.ts";
import { oneAtATime } from "../base/one-at-a-time.ts";
import { formatBytes } from "../base/units.ts";
import { fromWire } from "../base/wire-error.ts";
import type { Engine, EngineOptions, StageProgress } from "./engine.ts";
import { readFrames } from "./column-batch/read-frames.ts";
import { scanInChild, type BatchFromEngine } from "./column-batch/scan-in-child.ts";
import { engineDied } from "./engine-died.ts";
import type { EngineMethod, FromEngine, ScanAnswer, ToEngine } from "./engine-messages.ts";
import { BATCH_PIPE, forkEngine } from "./fork-engine.ts";
import { residentBytes } from "./resident-bytes.ts";
import { forwardLines } from "./transform/forward-lines.ts";

export interface ChildEngineOptions extends EngineOptions {
  /** The process and its memory may not grow past this; bytes. Default: the memory limit and 1.5 GB for everything else. */
  readonly processBytes?: number;
  /** Milliseconds without a call after which the process ends. Default: 30,000. */
  readonly idleMs?: number;
  /** Between two calls the process may hold this much; with more it ends, and the next call starts another. Bytes. Default: 256 MB. */
  readonly restBytes?: number;
  /** Milliseconds that a process lives at least before it ends for what it holds, so that starts cost little. Default: 60,000. */
  readonly restAfterMs?: number;
  /** Milliseconds without a sign of life after which the process counts as hung. Default: 120,000. */
  readonly hangMs?: number;
  /** For tests: the process kills itself before it stages a file that holds this text. */
  readonly poison?: string | undefined;
  /** Gives a process that was started ahead, the first time that one is needed. Default: none was. */
  readonly ahead?: (() => ChildProcess | undefined) | undefined;
  /** Told what the process prints, line by line. Default: it goes to this process's stderr. */
  readonly onOutput?: ((line: string) => void) | undefined;
  /** Other engines that have one process and one budget together with this. Default: it has a process of its own. */
  readonly share?: EngineShare | undefined;
}

/** What engines of one program may share: one process at most, which answers one call at a time. */
export interface EngineShare {
  readonly turn: <T>(work: () => Promise<T>) => Promise<T>;
  /** The process, and the engine that started it with its limits and its folder for what it spills. */
  running?: { readonly child: RunningChild; readonly starter: ChildEngineOptions } | undefined;
  /** Told what the process prints: whose call it answers, or answered last. */
  caller?: ChildEngineOptions | undefined;
}

export function engineShare(): EngineShare {
  return { turn: oneAtATime() };
}

/** Milliseconds that a cancelled call has before its process is killed. */
const CANCEL_GRACE = 2000;
const WATCH_EVERY = 500;
const REST_BYTES = 256 * 1024 ** 2;
const REST_AFTER_MS = 60_000;

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly method: EngineMethod;
  readonly onProgress: ((progress: StageProgress) => void) | undefined;
  readonly onBatch: ((batch: BatchFromEngine) => void) | undefined;
  /** Batches of it that have come. */
  batches: number;
  /** Its answer, which came before the last of its batches: they take another way. */
  answer?: ScanAnswer;
}

/** The process id is there for tests and `prove`, which kill it. */
export function childEngine(
  options: ChildEngineOptions,
): Engine & { readonly processId: number | undefined } {
  const share: Omit<EngineShare, "turn"> = options.share ?? {};
  const onOutput = options.onOutput && ((line: string): void => (share.caller ?? options).onOutput?.(line));
  let started = false;
  const child = (): RunningChild => {
    started = true;
    if (share.running === undefined || share.running.child.gone) {
      share.running = { child: new RunningChild({ ...options, onOutput }), starter: options };
      faultPoint("engine.started");
    }
    return share.running.child;
  };
  const inTurn = (work: (child: RunningChild) => Promise<unknown>): Promise<unknown> => {
    if (options.share === undefined) return work(child());
    return options.share.turn(async () => {
      // Nothing is under way now. While one ends another may be started ahead, with limits of its own.
      while (share.running?.child.gone === false && !haveSameLimits(share.running.starter, options))
        await share.running.child.end();
      share.caller = options;
      return work(child());
    });
  };
  const call = (
    method: EngineMethod,
    request: unknown,
    signal: AbortSignal | undefined,
    onProgress?: (progress: StageProgress) => void,
  ): Promise<unknown> => {
    signal?.throwIfAborted();
    return inTurn(async (child) => {
      signal?.throwIfAborted();
      return child.call({ method, request, signal, onProgress });
    });
  };
  return {
    stage: (request, o) => call("stage", request, o?.signal, o?.onProgress) as ReturnType<Engine["stage"]>,
    scan: (request, o) =>
      scanInChild(
        (options) => inTurn((child) => child.call({ method: "scan", request, ...options })),
        o?.signal,
      ),
    query: (request, o) => call("query", request, o?.signal) as ReturnType<Engine["query"]>,
    predicateOf: (request, o) => call("predicateOf", request, o?.signal) as ReturnType<Engine["predicateOf"]>,
    matchRows: (request, o) => call("matchRows", request, o?.signal) as ReturnType<Engine["matchRows"]>,
    readAssignments: (request, o) =>
      call("readAssignments", request, o?.signal) as ReturnType<Engine["readAssignments"]>,
    findBrokenRow: (request, o) =>
      call("findBrokenRow", request, o?.signal) as ReturnType<Engine["findBrokenRow"]>,
    readMerge: (request, o) => call("readMerge", request, o?.signal) as ReturnType<Engine["readMerge"]>,
    mergeRows: (request, o) => call("mergeRows", request, o?.signal) as ReturnType<Engine["mergeRows"]>,
    compact: (request, o) => call("compact", request, o?.signal) as ReturnType<Engine["compact"]>,
    writeRows: (request, o) => call("writeRows", request, o?.signal) as ReturnType<Engine["writeRows"]>,
    schemasOfParquet: (request, o) =>
      call("schemasOfParquet", request, o?.signal) as ReturnType<Engine["schemasOfParquet"]>,
    toJsonLines: ({ signal, ...request }) =>
      call("toJsonLines", request, signal) as ReturnType<Engine["toJsonLines"]>,
    fromJsonLines: ({ signal, ...request }) => call("fromJsonLines", request, signal) as Promise<void>,
    carryRows: ({ signal, ...request }) =>
      call("carryRows", request, signal) as ReturnType<Engine["carryRows"]>,
    warm() {
      child();
    },
    get started() {
      return started;
    },
    get processId() {
      const { running } = share;
      return running?.child.gone === false ? running.child.processId : undefined;
    },
    async close() {
      const end = async (): Promise<void> => {
        // One that another engine started serves on; the folder of ours goes now.
        if (share.running?.starter === options) await share.running.child.end();
      };
      await (options.share === undefined ? end() : options.share.turn(end));
    },
  };
}

function haveSameLimits(one: ChildEngineOptions, other: ChildEngineOptions): boolean {
  return (
    one.memoryBytes === other.memoryBytes &&
    one.threads === other.threads &&
    one.spillBytes === other.spillBytes &&
    one.processBytes === other.processBytes &&
    one.poison === other.poison
  );
}

class RunningChild {
  readonly #options: ChildEngineOptions;
  readonly #process: ChildProcess;
  readonly #calls = new Map<number, Call>();
  readonly #exited: Promise<void>;
  /** Everything that it printed has been told. */
  #toldAll: Promise<unknown> = Promise.resolve();
  readonly #watch: NodeJS.Timeout;
  readonly #startedAt = Date.now();
  #idle: NodeJS.Timeout | undefined;
  #nextId = 1;
  #lastAlive = Date.now();
  /** Why we killed it. */
  #verdict: string | undefined;
  gone = false;

  constructor(options: ChildEngineOptions) {
    this.#options = options;
    const { onOutput } = options;
    this.#process =
      options.ahead?.() ??
      forkEngine({
        stderr: onOutput === undefined ? "inherit" : "pipe",
        readsText: options.readsText === true,
      });
    const { stderr } = this.#process;
    if (onOutput !== undefined && stderr !== null) {
      forwardLines(stderr, onOutput);
      this.#toldAll = once(stderr, "close");
    }
    this.#exited = new Promise((resolve) => {
      this.#process.once("exit", (code, signal) => {
        this.#onExit(code, signal);
        resolve();
      });
    });
    this.#process.on("error", () => {});
    this.#batches?.on("error", () => {});
    this.#batches?.on(
      "data",
      readFrames((id, batch) => {
        const taken = (): void => this.#send({ type: "more", id });
        const call = this.#calls.get(id);
        if (call === undefined) return;
        call.batches++;
        call.onBatch?.({ batch, taken });
        if (call.answer !== undefined) this.#answer(id, call, call.answer);
      }),
    );
    this.#process.on("message", (message: FromEngine) => this.#onMessage(message));
    const { memoryBytes, threads, spillFolder, spillBytes, poison } = options;
    this.#send({ type: "open", options: { memoryBytes, threads, spillFolder, spillBytes }, poison });
    this.#watch = setInterval(() => this.#check(), WATCH_EVERY);
    this.#watch.unref();
    this.#rest();
  }

  get processId(): number | undefined {
    return this.#process.pid;
  }

  call(options: {
    readonly method: EngineMethod;
    readonly request: unknown;
    readonly signal: AbortSignal | undefined;
    readonly onProgress?: ((progress: StageProgress) => void) | undefined;
    readonly onBatch?: ((batch: BatchFromEngine) => void) | undefined;
  }): Promise<unknown> {
    const { method, request, signal, onProgress, onBatch } = options;
    clearTimeout(this.#idle);
    if (this.#calls.size === 0) this.#hold(true);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      let grace: NodeJS.Timeout | undefined;
      const cancel = (): void => {
        this.#send({ type: "cancel", id });
        grace = setTimeout(() => this.#kill("it did not stop when it was told to"), CANCEL_GRACE);
      };
      signal?.addEventListener("abort", cancel, { once: true });
      const done = (): void => {
        clearTimeout(grace);
        signal?.removeEventListener("abort", cancel);
      };
      this.#calls.set(id, {
        method,
        onProgress,
        onBatch,
        batches: 0,
        resolve: (value) => {
          done();
          resolve(value);
        },
        reject: (error) => {
          done();
          reject(signal?.aborted ? (signal.reason as Error) : error);
        },
      });
      this.#send({ type: "call", id, method, request });
      faultPoint("engine.called");
    });
  }

  async end(): Promise<void> {
    clearTimeout(this.#idle);
    this.#printed?.ref();
    if (!this.gone) await this.#stop();
    await this.#toldAll;
  }

  async #stop(): Promise<void> {
    // With nothing under way there is nothing to end in good order, and nobody waits until the kernel has taken back its memory.
    if (this.#calls.size === 0) {
      this.#process.kill("SIGKILL");
      this.#forget();
      return;
    }
    if (this.#process.connected) this.#process.disconnect();
    const late = setTimeout(() => this.#process.kill("SIGKILL"), CANCEL_GRACE);
    await this.#exited;
    clearTimeout(late);
  }

  #send(message: ToEngine): void {
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  get #batches(): Socket | undefined {
    const pipe = this.#process.stdio[BATCH_PIPE];
    return pipe instanceof Socket ? pipe : undefined;
  }

  /** A socket, where it is a pipe to us. */
  get #printed(): Socket | undefined {
    const { stderr } = this.#process;
    return stderr instanceof Socket ? stderr : undefined;
  }

  /** Also one that was started ahead and never called, by a program that was left without work. */
  #rest(): void {
    this.#hold(false);
    this.#idle = setTimeout(() => void this.end(), this.#options.idleMs ?? 30_000);
    this.#idle.unref();
  }

  /** Only a call under way keeps the program alive. */
  #hold(hold: boolean): void {
    if (hold) {
      this.#process.ref();
      this.#process.channel?.ref();
      this.#printed?.ref();
      this.#batches?.ref();
    } else {
      this.#process.unref();
      this.#process.channel?.unref();
      this.#printed?.unref();
      this.#batches?.unref();
    }
  }

  #onMessage(message: FromEngine): void {
    this.#lastAlive = Date.now();
    if (message.type === "alive") return;
    if (message.type === "broken") {
      this.#verdict ??= message.why;
      return;
    }
    const call = this.#calls.get(message.id);
    if (call === undefined) return;
    if (message.type === "progress") {
      call.onProgress?.(message.progress);
      return;
    }
    if (message.type === "answer") this.#answer(message.id, call, message.value);
    else this.#end(message.id, () => call.reject(fromWire(message.error)));
  }

  /** A scan is over with its last batch. */
  #answer(id: number, call: Call, value: unknown): void {
    if (call.method === "scan") {
      call.answer = value as ScanAnswer;
      if (call.batches < call.answer.batches) return;
    }
    this.#end(id, () => call.resolve(value));
  }

  #end(id: number, tell: () => void): void {
    this.#calls.delete(id);
    tell();
    if (this.#calls.size > 0) return;
    if (this.#holdsMuch()) void this.end();
    else this.#rest();
  }

  #holdsMuch(): boolean {
    const { restBytes = REST_BYTES, restAfterMs = REST_AFTER_MS } = this.#options;
    return Date.now() - this.#startedAt >= restAfterMs && residentBytes(this.#process.pid) > restBytes;
  }

  #check(): void {
    if (this.#calls.size === 0) {
      this.#lastAlive = Date.now();
      return;
    }
    const limit = this.#options.processBytes ?? this.#options.memoryBytes + 1.5 * 1024 ** 3;
    const resident = residentBytes(this.#process.pid);
    if (resident > limit)
      this.#kill(`it grew to ${formatBytes(resident)}; its limit is ${formatBytes(limit)}`);
    const silent = Date.now() - this.#lastAlive;
    if (silent > (this.#options.hangMs ?? 120_000))
      this.#kill(`it gave no sign of life for ${Math.round(silent / 1000)} s`);
  }

  #kill(verdict: string): void {
    this.#verdict ??= verdict;
    this.#process.kill("SIGKILL");
  }

  #forget(): void {
    this.gone = true;
    clearInterval(this.#watch);
    clearTimeout(this.#idle);
    // Whatever it had spilled is of no use to anybody.
    rmSync(this.#options.spillFolder, { recursive: true, force: true });
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    this.#forget();
    const how =
      this.#verdict ??
      (signal === null ? `it exited with code ${String(code)}` : `it was ended by ${signal}`);
    for (const call of this.#calls.values()) call.reject(engineDied(how, call.method));
    this.#calls.clear();
  }
}
