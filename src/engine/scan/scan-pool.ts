/** Scan workers: as many threads as the engine may use, started with the first job. */
import { Worker } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { LandfallError } from "../../base/landfall-error.ts";
import { errorFromMessage, type ErrorMessage } from "../engine-messages.ts";
import type {
  Job,
  JobResult,
  LookJob,
  LookJobResult,
  PrepareJob,
  PrepareJobResult,
  ScanJob,
  ScanJobResult,
} from "./scan-jobs.ts";

type Answer = { readonly value: JobResult } | { readonly error: ErrorMessage };

export interface ScanPool {
  /** The results in the order of the jobs. The first failure stops the rest. */
  run(jobs: readonly ScanJob[], signal?: AbortSignal): Promise<ScanJobResult[]>;
  run(jobs: readonly PrepareJob[], signal?: AbortSignal): Promise<PrepareJobResult[]>;
  run(jobs: readonly LookJob[], signal?: AbortSignal): Promise<LookJobResult[]>;
  close(): Promise<void>;
}

export function scanPool(options: { readonly threads: number }): ScanPool {
  const idle: Worker[] = [];
  const all = new Set<Worker>();

  const takeWorker = (): Worker => {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const worker =
      idle.pop() ?? new Worker(fileURLToPath(new URL(`./scan-worker.${extension}`, import.meta.url)));
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
    signal: AbortSignal,
  ): Promise<void> => {
    const worker = takeWorker();
    for (let index = queue.next++; index < jobs.length; index = queue.next++) {
      try {
        signal.throwIfAborted();
        results[index] = await ask(worker, jobs[index]!, signal);
      } catch (error) {
        // It may be in the middle of a job that nobody waits for any more.
        drop(worker);
        throw error;
      }
    }
    idle.push(worker);
  };

  const run = async (jobs: readonly Job[], signal?: AbortSignal): Promise<JobResult[]> => {
    const results: JobResult[] = [];
    const queue = { next: 0 };
    const failed = new AbortController();
    const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
    const threads = Math.min(options.threads, jobs.length);
    await Promise.all(
      Array.from({ length: threads }, async () => {
        try {
          await work(queue, jobs, results, stop);
        } catch (error) {
          failed.abort(error);
          throw error;
        }
      }),
    );
    return results;
  };

  return {
    run: run as ScanPool["run"],
    async close() {
      await Promise.all([...all].map((worker) => worker.terminate()));
      all.clear();
      idle.length = 0;
    },
  };
}

function ask(worker: Worker, job: Job, signal: AbortSignal): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      worker.off("message", onMessage);
      worker.off("error", onError);
      worker.off("exit", onExit);
      signal.removeEventListener("abort", onAbort);
      finish();
    };
    const onMessage = (answer: Answer): void =>
      settle(() => ("value" in answer ? resolve(answer.value) : reject(errorFromMessage(answer.error))));
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
