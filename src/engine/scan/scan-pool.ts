/** Scan workers: as many threads as the engine may use, started with the first job. */
import { Worker } from "node:worker_threads";
import { LandfallError } from "../../base/landfall-error.ts";
import { siblingModule } from "../../base/sibling-module.ts";
import { fromWire, type WireError } from "../../base/wire-error.ts";
import type {
  Job,
  JobResult,
  ConvertJob,
  ConvertJobResult,
  ConvertRangeJob,
  ConvertRangeResult,
  CsvRangeJob,
  CsvRangeResult,
  LookJob,
  LookJobResult,
  PrepareJob,
  PrepareJobResult,
  ScanJob,
  ScanJobResult,
  UnpackJob,
  UnpackJobResult,
} from "./scan-jobs.ts";

type Answer = { readonly value: JobResult } | { readonly error: WireError } | { readonly bytesRead: number };

export interface PoolOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told of bytes read, as they are read. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

export interface ScanPool {
  /** Jobs that are carried out at once. */
  readonly threads: number;
  /** The results in the order of the jobs. The first failure stops the rest. */
  run(jobs: readonly ScanJob[], options?: PoolOptions): Promise<ScanJobResult[]>;
  run(jobs: readonly CsvRangeJob[], options?: PoolOptions): Promise<CsvRangeResult[]>;
  run(jobs: readonly PrepareJob[], options?: PoolOptions): Promise<PrepareJobResult[]>;
  run(jobs: readonly ConvertJob[], options?: PoolOptions): Promise<ConvertJobResult[]>;
  run(jobs: readonly ConvertRangeJob[], options?: PoolOptions): Promise<ConvertRangeResult[]>;
  run(jobs: readonly UnpackJob[], options?: PoolOptions): Promise<UnpackJobResult[]>;
  run(jobs: readonly LookJob[], options?: PoolOptions): Promise<LookJobResult[]>;
  /** Starts the workers, as jobs are about to come. */
  warm(): void;
  close(): Promise<void>;
}

/** Threads that no pool has taken yet. */
const spare: Worker[] = [];

/** Starts threads before anybody knows how many are allowed: the next pool takes as many as it may have, and ends the others. */
export function startWorkersAhead(threads: number): void {
  while (spare.length < threads) spare.push(newWorker());
}

function newWorker(): Worker {
  return new Worker(siblingModule(import.meta.url, "scan-worker"));
}

export function scanPool(options: { readonly threads: number }): ScanPool {
  const idle: Worker[] = [];
  const all = new Set<Worker>();

  const startWorker = (): Worker => {
    const worker = spare.pop() ?? newWorker();
    all.add(worker);
    return worker;
  };
  const drop = (worker: Worker): void => {
    all.delete(worker);
    void worker.terminate();
  };

  /** Works the queue off on one thread. */
  const work = async (
    queue: { next: number },
    jobs: readonly Job[],
    results: JobResult[],
    options: { readonly signal: AbortSignal; readonly onBytes: PoolOptions["onBytes"] },
  ): Promise<void> => {
    const worker = idle.pop() ?? startWorker();
    for (let index = queue.next++; index < jobs.length; index = queue.next++) {
      try {
        options.signal.throwIfAborted();
        results[index] = await ask(worker, jobs[index]!, options);
      } catch (error) {
        // It may be in the middle of a job that nobody waits for any more.
        drop(worker);
        throw error;
      }
    }
    idle.push(worker);
  };

  const run = async (jobs: readonly Job[], asked: PoolOptions = {}): Promise<JobResult[]> => {
    const { signal, onBytes } = asked;
    const results: JobResult[] = [];
    const queue = { next: 0 };
    const failed = new AbortController();
    const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
    const threads = Math.min(options.threads, jobs.length);
    await Promise.all(
      Array.from({ length: threads }, async () => {
        try {
          await work(queue, jobs, results, { signal: stop, onBytes });
        } catch (error) {
          failed.abort(error);
          throw error;
        }
      }),
    );
    return results;
  };

  return {
    threads: options.threads,
    run: run as ScanPool["run"],
    warm() {
      while (all.size < options.threads) idle.push(startWorker());
      for (const worker of spare.splice(0)) void worker.terminate();
    },
    async close() {
      await Promise.all([...all].map((worker) => worker.terminate()));
      all.clear();
      idle.length = 0;
    },
  };
}

function ask(
  worker: Worker,
  job: Job,
  options: { readonly signal: AbortSignal; readonly onBytes: PoolOptions["onBytes"] },
): Promise<JobResult> {
  const { signal, onBytes } = options;
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      worker.off("message", onMessage);
      worker.off("error", onError);
      worker.off("exit", onExit);
      signal.removeEventListener("abort", onAbort);
      finish();
    };
    const onMessage = (answer: Answer): void => {
      if ("bytesRead" in answer) {
        onBytes?.(answer.bytesRead);
        return;
      }
      settle(() => ("value" in answer ? resolve(answer.value) : reject(fromWire(answer.error))));
    };
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (): void =>
      settle(() => reject(new LandfallError("ENGINE_DIED", { message: "A scan worker ended." })));
    const onAbort = (): void => settle(() => reject(signal.reason as Error));
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.on("exit", onExit);
    signal.addEventListener("abort", onAbort, { once: true });
    worker.postMessage(job);
  });
}
